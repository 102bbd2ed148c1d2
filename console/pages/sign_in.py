"""Signs in by a one-time link, and out.

To open the link changes nothing, since programs that look at links (a chat's preview, say) open
them too: only the button uses it.
"""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from console.limits import failures_counted
from console.page import Page
from console.parts import Parts
from console.rendering import html
from console.signed_in import keep_signed_in
from console.visit import Reader
from domain.errors import LinkEnded

router = APIRouter()
PAGE = Page("Sign in", "/sign-in", router, is_listed=False)

MOST_ATTEMPTS = 20
"""So many attempts to sign in from one address may fail in a minute before it is told to wait."""


@router.get("/sign-in")
def how(request: Request) -> Response:
    return html("pages/sign_in.html", has_slack=request.app.state.parts.slack is not None)


@router.get("/sign-in/{secret}")
def open_link(request: Request, secret: str) -> Response:
    parts: Parts = request.app.state.parts
    parts.database.check()
    with failures_counted(request, LinkEnded):
        role = parts.sessions.check_link(secret)
    return html("pages/sign_in_link.html", role=role)


@router.post("/sign-in/{secret}")
def use_link(request: Request, secret: str) -> Response:
    parts: Parts = request.app.state.parts
    parts.database.check()
    with failures_counted(request, LinkEnded), parts.database.together():
        new, session = parts.sessions.use_link(secret)
        parts.audit.add(session.by, "signed in", f"as {session.role}, by a link")
    response = RedirectResponse("/", 303)
    keep_signed_in(response, new, is_https=parts.address.is_https)
    return response


@router.post("/sign-out")
def sign_out(visit: Reader) -> Response:
    with visit.change("signed out", f"session {visit.session.id}"):
        visit.parts.sessions.end(visit.session.id)
    response = RedirectResponse("/sign-in", 303)
    response.delete_cookie(visit.cookie, httponly=True, secure=visit.parts.address.is_https)
    return response
