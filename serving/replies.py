"""Answers as OpenAI's API gives them: whole, or as a stream of events."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Coroutine
from typing import Any, Protocol, TypeVar
from uuid import uuid4

from fastapi import Request
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel

from domain.errors import GenerationError
from serving.api import Finish, Usage, error_body
from serving.batcher import Piece
from serving.error_replies import log_detail

T = TypeVar("T")


class Form(Protocol):
    """What chat and plain completions look like; ``prefix`` begins the ids."""

    prefix: str
    chunk_object: str

    def whole(self, pieces: list[Piece], finish: Finish) -> dict[str, Any]:
        """The choice of a whole answer."""

    def part(self, piece: Piece) -> dict[str, Any]:
        """The choice of one event."""

    def completion(self, values: dict[str, Any]) -> BaseModel:
        """The whole answer."""


async def whole(
    model: str, form: Form, request: Request, pieces: AsyncIterator[Piece], prompt: int
) -> Response:
    """The answer in one piece; ``prompt`` is the number of the prompt's tokens."""
    return await _unless_gone(request, _completion(model, form, pieces, prompt))


async def _completion(
    model: str, form: Form, pieces: AsyncIterator[Piece], prompt: int
) -> Response:
    found = [piece async for piece in pieces]
    if not found or (finish := found[-1].finish) is None:
        raise GenerationError("The answer broke off.")
    completion = form.completion(
        {
            **_heading(model, form),
            "choices": [form.whole(found, finish)],
            "usage": Usage.of(prompt, found[-1].tokens),
        }
    )
    return Response(completion.model_dump_json(), media_type="application/json")


async def stream(
    model: str,
    form: Form,
    request: Request,
    pieces: AsyncIterator[Piece],
    prompt: int,
    *,
    with_usage: bool = False,
) -> Response:
    """Responds when the first piece is there, so that an earlier error gets its own status."""
    first = await _unless_gone(request, _next(pieces))
    if isinstance(first, Response):
        return first
    return StreamingResponse(
        _events(model, form, first, pieces, prompt, with_usage),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
    )


async def _next(pieces: AsyncIterator[Piece]) -> Piece:
    return await anext(pieces)


async def _events(
    model: str,
    form: Form,
    first: Piece,
    pieces: AsyncIterator[Piece],
    prompt: int,
    with_usage: bool,
) -> AsyncIterator[str]:
    heading = {**_heading(model, form), "object": form.chunk_object}
    usage = {"usage": None} if with_usage else {}

    def event(piece: Piece) -> str:
        return _event({**heading, "choices": [form.part(piece)], **usage})

    yield event(first)
    last = first
    try:
        async for piece in pieces:
            yield event(piece)
            last = piece
    except GenerationError as e:
        log_detail(e)
        yield _event(error_body(e.public, "server_error"))
        return
    if with_usage:
        total = Usage.of(prompt, last.tokens).model_dump()
        yield _event({**heading, "choices": [], "usage": total})
    yield "data: [DONE]\n\n"


def _heading(model: str, form: Form) -> dict[str, Any]:
    return {"id": f"{form.prefix}{uuid4().hex}", "created": int(time.time()), "model": model}


def _event(values: dict[str, Any]) -> str:
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return f"data: {text}\n\n"


async def _unless_gone(request: Request, work: Coroutine[Any, Any, T]) -> T | Response:
    """The result of ``work``, which is cancelled if the client disconnects before."""
    working = asyncio.create_task(work)
    gone = asyncio.create_task(_gone(request))
    try:
        await asyncio.wait({working, gone}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        gone.cancel()
        if not working.done():
            working.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await working
    return Response(status_code=499) if working.cancelled() else working.result()


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
