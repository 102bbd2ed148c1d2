"""Reads request bodies with limits of size and time, and parses them outside of the event loop.

Starlette's RequestBodyLimitMiddleware limits only the size, and answers in plain text.
"""

import asyncio
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from domain.errors import ServerBusy

SECONDS = 30.0
"""How many seconds a client may take to send a body."""

_AT_ONCE = 64  # the most bodies in memory
_PROBLEMS = 5  # the most problems that are reported for one body
_LONGEST_WORDS = 300

# Without this uvicorn would read the rest of the body, however long it is.
_CLOSING = {"Connection": "close"}

_UTF8 = re.compile(r"utf-?8\b")

P = ParamSpec("P")
T = TypeVar("T")
Shape = TypeVar("Shape", bound=BaseModel)


class WrongBody(HTTPException):
    """A body that is no request of its kind; ``param`` names the part of it."""

    def __init__(self, message: str, param: str | None) -> None:
        super().__init__(400, message)
        self.param = param


class BodyReader:
    """Reads bodies of at most ``largest`` bytes that arrive within ``seconds``.

    A limited number is read at a time; further ones are refused as busy. One thread does the
    parsing, and whatever else `run` is called with, so that a long text delays only such work.
    """

    def __init__(self, largest: int, seconds: float = SECONDS) -> None:
        self._largest = largest
        self._seconds = seconds
        self._thread = ThreadPoolExecutor(1, "bodies")
        self._open = 0

    async def read(self, request: Request, shape: type[Shape]) -> Shape:
        """The body as ``shape``. Raises HTTPException (400, 408, 413, 415) and ServerBusy."""
        _check_kind(request)
        if self._open >= _AT_ONCE:
            raise ServerBusy(f"The model server reads {_AT_ONCE} requests; try again later.")
        self._open += 1
        try:
            async with asyncio.timeout(self._seconds):
                content = await self._content(request)
            return await self.run(shape.model_validate_json, content)
        except ClientDisconnect as e:
            raise HTTPException(400, "The client left before its body was here.") from e
        except TimeoutError as e:
            message = f"The body took longer than {self._seconds:g} s."
            raise HTTPException(408, message, _CLOSING) from e
        except ValidationError as e:
            raise WrongBody(_in_words(e), _place(e)) from e
        finally:
            self._open -= 1

    async def run(self, work: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
        """Runs ``work`` in the thread, after the work that is already waiting."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, lambda: work(*args, **options))

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _content(self, request: Request) -> bytes:
        length = request.headers.get("content-length", "")
        # A length with more digits is too large in any case.
        if len(length) > 15 or (length.isdecimal() and int(length) > self._largest):
            raise self._too_large()
        content = bytearray()
        async for chunk in request.stream():
            content += chunk
            if len(content) > self._largest:
                raise self._too_large()
        return bytes(content)

    def _too_large(self) -> HTTPException:
        message = f"The body is too large: at most {self._largest} bytes are read."
        return HTTPException(413, message, _CLOSING)


def _check_kind(request: Request) -> None:
    """Raises HTTPException (415) if the headers say that the body is no plain JSON in UTF-8."""
    kind, _, rest = request.headers.get("content-type", "").lower().partition(";")
    if kind.strip() != "application/json":
        raise HTTPException(415, "Send JSON, with the content type application/json.")
    if "charset" in rest and not _UTF8.search(rest):
        raise HTTPException(415, "Send JSON in UTF-8, as it always is.")
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise HTTPException(415, "Send the body as it is: this server reads no compressed ones.")


def _place(error: ValidationError) -> str | None:
    """The first option that is wrong, if it is one."""
    [first, *_] = error.errors(include_url=False, include_input=False)
    at = first["loc"][0] if first["loc"] else first.get("ctx", {}).get("at")
    return None if at is None else str(at)[:50]


def _in_words(error: ValidationError) -> str:
    """Says what is wrong with a body, without repeating its content."""
    problems = error.errors(include_url=False, include_input=False, include_context=False)
    words = [
        ": ".join([*(str(part)[:50] for part in problem["loc"]), problem["msg"]])
        for problem in problems[:_PROBLEMS]
    ]
    if len(problems) > _PROBLEMS:
        words.append(f"and {len(problems) - _PROBLEMS} more problems")
    return "; ".join(word.replace("Value error, ", "")[:_LONGEST_WORDS] for word in words)
