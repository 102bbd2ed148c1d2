"""Answers as OpenAI's chat API gives them: whole, or as a stream of events."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from itertools import islice
from typing import Any, TypeVar
from uuid import uuid4

from fastapi import Request
from fastapi.responses import Response, StreamingResponse

from domain.errors import GenerationError
from serving.api import (
    ChatRequest,
    Choice,
    Chunk,
    ChunkChoice,
    Completion,
    Delta,
    Logprobs,
    TokenLogprob,
    TopLogprob,
    Usage,
    error_body,
)
from serving.batcher import Piece
from serving.error_replies import log_detail
from serving.likely import Likely

T = TypeVar("T")


TextOf = Callable[[int], str]
"""Gives the text of one token."""


async def whole(
    body: ChatRequest, request: Request, pieces: AsyncIterator[Piece], prompt: int, text_of: TextOf
) -> Response:
    """The answer in one piece; ``prompt`` is the number of the prompt's tokens."""
    return await _unless_gone(request, _completion(body, pieces, prompt, text_of))


async def _completion(
    body: ChatRequest, pieces: AsyncIterator[Piece], prompt: int, text_of: TextOf
) -> Response:
    text, last, likely = [], None, list[TokenLogprob]()
    async for piece in pieces:
        text.append(piece.text)
        likely += _logprobs(body, piece, text_of)
        last = piece
    if last is None or last.finish is None:
        raise GenerationError("The answer broke off.")
    completion = Completion(
        id=f"chatcmpl-{uuid4().hex}",
        created=int(time.time()),
        model=body.model,
        choices=[
            Choice(
                message={"role": "assistant", "content": "".join(text)},
                logprobs=Logprobs(content=likely) if body.logprobs else None,
                finish_reason=last.finish,
            )
        ],
        usage=Usage.of(prompt, last.tokens),
    )
    return Response(completion.model_dump_json(), media_type="application/json")


def _logprobs(body: ChatRequest, piece: Piece, text_of: TextOf) -> list[TokenLogprob]:
    """The tokens of a piece; empty if the request asks for none."""

    def listed(likely: Likely) -> list[TopLogprob]:
        both = zip(likely.ids, likely.logprobs, strict=True)
        return [
            TopLogprob.of(text_of(one), logprob)
            for one, logprob in islice(both, body.top_logprobs or 0)
        ]

    return [
        TokenLogprob(
            **dict(TopLogprob.of(text_of(token), likely.logprob_of(token))),
            top_logprobs=listed(likely),
        )
        for token, likely in piece.likely
    ]


async def stream(
    body: ChatRequest, request: Request, pieces: AsyncIterator[Piece], prompt: int, text_of: TextOf
) -> Response:
    """Responds when the first piece is there, so that an earlier error gets its own status."""
    first = await _unless_gone(request, _next(pieces))
    if isinstance(first, Response):
        return first
    return StreamingResponse(
        _events(body, first, pieces, prompt, text_of),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
    )


async def _next(pieces: AsyncIterator[Piece]) -> Piece:
    return await anext(pieces)


async def _events(
    body: ChatRequest, first: Piece, pieces: AsyncIterator[Piece], prompt: int, text_of: TextOf
) -> AsyncIterator[str]:
    chunk = Chunk(
        id=f"chatcmpl-{uuid4().hex}", created=int(time.time()), model=body.model, choices=[]
    )

    def event(piece: Piece, role: bool = False) -> str:
        delta = Delta(role="assistant" if role else None, content=piece.text)
        likely = Logprobs(content=_logprobs(body, piece, text_of)) if piece.likely else None
        choice = ChunkChoice(delta=delta, logprobs=likely, finish_reason=piece.finish)
        return _event(chunk.model_copy(update={"choices": [choice]}))

    yield event(first, role=True)
    last = first
    try:
        async for piece in pieces:
            yield event(piece)
            last = piece
    except GenerationError as e:
        log_detail(e)
        yield f"data: {json.dumps(error_body(e.public, 'server_error'))}\n\n"
        return
    if body.stream_options and body.stream_options.include_usage:
        yield _event(chunk.model_copy(update={"usage": Usage.of(prompt, last.tokens)}))
    yield "data: [DONE]\n\n"


def _event(chunk: Chunk) -> str:
    return f"data: {chunk.model_dump_json(exclude_none=True)}\n\n"


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
