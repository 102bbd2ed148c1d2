"""Refuses changes that another site's page sends: each form has a token of its session.

The token is made of the session's secret, so that nothing is stored, and no other session and no
other program on this host knows it (the synchroniser pattern of OWASP's cheat sheet; the libraries
for Starlette compare a cookie with the form, which others on the same host could both set).
"""

from hashlib import sha256
from hmac import compare_digest, new

from fastapi import Request
from starlette.exceptions import HTTPException

FIELD = "csrf"
HEADER = "X-CSRF-Token"
_SAFE = ("GET", "HEAD", "OPTIONS")
_FORGED = (
    "This form was not made by this page, or you have signed in again since. Nothing was changed: "
    "go back, load the page again and repeat it."
)


def csrf_token(secret: str) -> str:
    """The token of the session with this secret."""
    return new(secret.encode(), b"csrf", sha256).hexdigest()


async def check_csrf(request: Request) -> None:
    """Raises HTTPException (403) for a change without the token."""
    if request.method in _SAFE or not hasattr(request.state, "session"):
        return  # without a session nothing can be changed; a link's secret is its own token
    if not await is_own(request, request.state.secret):
        raise HTTPException(403, _FORGED)


async def is_own(request: Request, secret: str) -> bool:
    """Whether a change has the token of the session with this secret; reads its form."""
    given = request.headers.get(HEADER)
    if given is None:
        field = (await request.form()).get(FIELD)
        given = field if isinstance(field, str) else ""
    return compare_digest(given.encode(), csrf_token(secret).encode())
