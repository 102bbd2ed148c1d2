"""What a change tells on the next page, once. A cookie carries it, so nothing is stored."""

from urllib.parse import quote, unquote

from fastapi import Request
from starlette.responses import Response

_COOKIE = "phi3_note"
_LONGEST = 600
_SECONDS = 60


def leave_note(response: Response, note: str, *, secure: bool) -> None:
    """Leaves a note for the next page; an empty one takes it away."""
    response.set_cookie(
        _COOKIE,
        quote(note[:_LONGEST]),
        max_age=_SECONDS if note else 0,
        httponly=True,
        samesite="strict",
        secure=secure,
    )


def take_note(request: Request) -> str:
    return unquote(request.cookies.get(_COOKIE, ""))[:_LONGEST]
