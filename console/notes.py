"""What a change tells on the next page, once. A cookie carries it, so nothing is stored."""

from urllib.parse import quote, unquote

from fastapi import Request
from starlette.responses import Response

from console.cookies import cookie_name

_COOKIE = "phi3_note"
_LONGEST = 600
_SECONDS = 60


def leave_note(response: Response, note: str, *, is_https: bool) -> None:
    """Leaves a note for the next page; an empty one takes it away."""
    response.set_cookie(
        cookie_name(_COOKIE, is_https=is_https),
        quote(note[:_LONGEST]),
        max_age=_SECONDS if note else 0,
        httponly=True,
        samesite="strict",
        secure=is_https,
    )


def take_note(request: Request, *, is_https: bool) -> str:
    return unquote(request.cookies.get(cookie_name(_COOKIE, is_https=is_https), ""))[:_LONGEST]
