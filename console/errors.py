"""Errors as pages: what happened and what to do, and nothing of the inside."""

import logging
from secrets import token_hex

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from console.rendering import error_page
from console.typed import NOTHING, Vain, in_vain
from domain.errors import (
    AlreadyChanged,
    DatabaseUnavailable,
    LinkEnded,
    MessengerError,
    MessengerRefused,
    NotFound,
    Phi3Error,
    RunInProgress,
    public_text,
)

_TITLES = {
    400: "This request cannot be read",
    403: "You may not do this",
    404: "There is no such page",
    405: "This page cannot do that",
    413: "Too large",
    422: "Nothing was kept",
    429: "Too many attempts",
}
_TEXTS = {
    404: "The address may be mistyped, or what it shows was removed.",
    405: "Go back and use the buttons of the page.",
}
_log = logging.getLogger(__name__)


class NotKept(HTTPException):
    """What is written in a form cannot be kept; the page that says why shows it, to be copied."""

    def __init__(self, why: str) -> None:
        super().__init__(422, why)


def add_error_pages(app: FastAPI) -> None:
    """Answers every error of a route with a page."""

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        title = _TITLES.get(error.status_code, "This did not work")
        is_default = error.detail in ("Not Found", "Method Not Allowed")
        text = _TEXTS.get(error.status_code, "") if is_default else str(error.detail)
        vain = in_vain(request) if isinstance(error, NotKept) else NOTHING
        return error_page(error.status_code, title, text, error.headers, vain)

    async def malformed(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        fields = sorted({str(each["loc"][-1]) for each in error.errors()})
        return error_page(
            422,
            "This form cannot be read",
            f"Go back and correct: {', '.join(fields)}.",
            vain=in_vain(request),
        )

    async def known(request: Request, error: Exception) -> Response:
        assert isinstance(error, Phi3Error)
        return page_of(error, in_vain(request))

    async def unknown(request: Request, error: Exception) -> Response:
        reference = token_hex(4)
        _log.error("%s %s failed (%s)", request.method, request.url.path, reference, exc_info=error)
        text = (
            "Nothing is known of it yet but what the log says. Who looks after this program finds "
            f"it there by the reference {reference}."
        )
        return error_page(500, "Something went wrong", text)

    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, malformed)
    app.add_exception_handler(Phi3Error, known)
    app.add_exception_handler(Exception, unknown)


def page_of(error: Phi3Error, vain: Vain = NOTHING) -> Response:
    """The page of an error that the program raised on purpose; the log has what it advises.

    ``vain`` is what somebody wrote that was not kept.
    """
    said = public_text(error)
    match error:
        case LinkEnded():
            text = f"{error.public} The command phi3 console --link prints another one."
            return error_page(410, "This link does not sign you in", text)
        case NotFound():
            return error_page(404, "This is not here (any more)", error.public, vain=vain)
        case AlreadyChanged():
            return error_page(409, "Somebody else was faster", error.public, vain=vain)
        case RunInProgress():
            return error_page(409, "Not now", error.public)
        case MessengerRefused():
            return error_page(403, "You are not signed in", error.public)
        case MessengerError():
            _log.warning("The console cannot ask Slack: %s", error)
            return error_page(503, "Slack does not answer", said, {"Retry-After": "60"})
        case DatabaseUnavailable():
            _log.warning("The console cannot use the database: %s", error)
            # Who looks after the program sees here what to do; it is not known who asks.
            text, later = error.public, {"Retry-After": "5"}
            return error_page(503, "The database cannot be used now", text, later, vain)
    _log.warning("A page failed: %s", error)
    return error_page(500, "This did not work", said, vain=vain)
