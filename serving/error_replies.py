"""What a client of the model server is told of an error, in OpenAI's shape."""

from http import HTTPStatus
from logging import getLogger

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from domain.errors import (
    AdapterNotLoaded,
    AdapterUnfit,
    GenerationError,
    ServerBusy,
    ServerUnavailable,
)
from serving.api import error_body
from serving.bodies import WrongBody
from serving.engine import RequestRefused

LONGEST_SHOWN = 200
"""Characters of a client's text that are repeated to it."""

_RETRY_AFTER_SECONDS = 5

_log = getLogger(__name__)

# The response for each class of error: the status, and OpenAI's type and code.
_STATUS: tuple[tuple[type[Exception], int, str, str | None], ...] = (
    (RequestRefused, 400, "invalid_request_error", None),
    (AdapterUnfit, 400, "invalid_request_error", "adapter_unfit"),
    (AdapterNotLoaded, 400, "invalid_request_error", "adapter_not_loaded"),
    (ServerBusy, 503, "server_error", "busy"),
    (ServerUnavailable, 503, "server_error", "not_ready"),
    (GenerationError, 500, "server_error", None),
)


def answer_errors(app: FastAPI) -> None:
    """Makes ``app`` answer every error with a status and a JSON body."""
    app.add_exception_handler(GenerationError, _told)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _broken)


def _problem(
    status: int, message: str, kind: str, code: str | None = None, param: str | None = None
) -> JSONResponse:
    headers = {"Retry-After": str(_RETRY_AFTER_SECONDS)} if status == 503 else None
    return JSONResponse(error_body(message, kind, code, param), status, headers)


async def _told(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, GenerationError)
    log_detail(error)
    status, kind, code = next(told[1:] for told in _STATUS if isinstance(error, told[0]))
    return _problem(status, error.public, kind, code)


def log_detail(error: GenerationError) -> None:
    """Logs the error's detail, which the client does not get."""
    if error.detail:
        _log.warning("%s", error)


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    status, message = error.status_code, error.detail
    code = {401: "invalid_api_key", 404: "model_not_found"}.get(status)
    # The framework's errors for an unknown path or method.
    if message == HTTPStatus(status).phrase:
        what = f"{request.method} {request.url.path}"[:LONGEST_SHOWN]
        allowed = (error.headers or {}).get("Allow")
        message = f"There is no {what}" + (f"; use {allowed}." if allowed else ".")
        code = None
    param = error.param if isinstance(error, WrongBody) else None
    reply = _problem(status, message, "invalid_request_error", code, param)
    reply.headers.update(error.headers or {})
    return reply


async def _broken(_: Request, __: Exception) -> JSONResponse:
    return _problem(500, "The server failed; its log says why.", "server_error")
