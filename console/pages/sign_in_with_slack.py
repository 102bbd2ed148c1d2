"""Signs in with Slack, for people whom the settings allow."""

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from console.cookies import cookie_name
from console.limits import failures_counted
from console.needs.slack_sign_in import SlackSignIn
from console.openid import Attempt, where_to_ask, who_is_it
from console.page import Page
from console.parts import Parts
from console.rendering import html
from console.signed_in import keep_signed_in
from domain.errors import MessengerRefused

router = APIRouter()
PAGE = Page("Sign in with Slack", "/sign-in-with-slack", router, is_listed=False)

_COOKIE = "phi3_slack"
_SECONDS = 600
_STALE = "This sign-in did not begin in this browser, or more than ten minutes ago. Begin again."
_NOT_ALLOWED = (
    "You may not sign in to the console. Somebody who looks after it adds your id to "
    "PHI3_CONSOLE_READERS or PHI3_CONSOLE_EDITORS."
)


@router.get("/sign-in-with-slack")
def begin(request: Request) -> Response:
    parts, slack = _slack(request)
    attempt = Attempt.new()
    response = RedirectResponse(where_to_ask(slack, attempt, _back(parts)), 303)
    response.set_cookie(
        _cookie(parts),
        attempt.text,
        max_age=_SECONDS,
        httponly=True,
        samesite="lax",  # Slack's page leads back here
        secure=parts.address.is_https,
    )
    return response


@router.get("/sign-in-with-slack/return")
def come_back(request: Request, code: str = "", state: str = "") -> Response:
    """Raises MessengerError."""
    parts, slack = _slack(request)
    attempt = Attempt.read(request.cookies.get(_cookie(parts), ""))
    with failures_counted(request, HTTPException, MessengerRefused):
        if not code or not attempt.fits(state):
            raise HTTPException(403, _STALE)
        who = who_is_it(slack, attempt, code, _back(parts))
        role = slack.admit(who.team, who.person)
        if role is None:
            raise HTTPException(403, _NOT_ALLOWED)
    with parts.database.together():
        secret, session = parts.sessions.begin(role, team=who.team, person=who.person)
        parts.audit.add(session.by, "signed in", f"as {role}, with Slack")
    # No redirect: as Slack led here, the browser would not send the cookie along.
    response = html("pages/signed_in.html", role=role)
    keep_signed_in(response, secret, is_https=parts.address.is_https)
    # Browsers ignore this for a cookie with a prefix unless it is secure too.
    response.delete_cookie(_cookie(parts), httponly=True, secure=parts.address.is_https)
    return response


def _slack(request: Request) -> tuple[Parts, SlackSignIn]:
    """Raises HTTPException (404) where the settings do not allow it."""
    parts: Parts = request.app.state.parts
    if parts.slack is None:
        raise HTTPException(404)
    parts.database.check()
    return parts, parts.slack


def _cookie(parts: Parts) -> str:
    return cookie_name(_COOKIE, is_https=parts.address.is_https)


def _back(parts: Parts) -> str:
    return f"{parts.address.url}{PAGE.path}/return"
