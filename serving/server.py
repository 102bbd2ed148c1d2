"""The model server: OpenAI's chat API and vLLM's two adapter calls, answered by the engine."""

import asyncio
import contextlib
import json
import secrets
import socket
import threading
import time
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict
from http import HTTPStatus
from logging import getLogger
from typing import Any, TypeVar
from uuid import uuid4

import uvicorn
from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.exceptions import HTTPException

from domain.errors import (
    AdapterNotLoaded,
    GenerationError,
    ServerBusy,
    ServerUnavailable,
)
from serving.api import (
    ChatRequest,
    Choice,
    Chunk,
    ChunkChoice,
    Completion,
    Delta,
    LoadAdapter,
    ModelCard,
    ModelList,
    TokenizeRequest,
    Tokens,
    UnloadAdapter,
    Usage,
    error_body,
)
from serving.batcher import Piece, State
from serving.bodies import SECONDS, BodyReader
from serving.engine import Engine, RequestRefused

RETRY_AFTER_SECONDS = 5
GRACE_SECONDS = 20
"""How many seconds running answers may take after the server is told to stop."""

_SMALLEST_LIMIT = 1024 * 1024  # a body may always have this many bytes
_LONGEST_SHOWN = 200  # characters of a client's text that are repeated to it

T = TypeVar("T")

_log = getLogger(__name__)

# The response for each class of error: the status, and OpenAI's type and code.
_STATUS: tuple[tuple[type[Exception], int, str, str | None], ...] = (
    (RequestRefused, 400, "invalid_request_error", None),
    (AdapterNotLoaded, 400, "invalid_request_error", "adapter_not_loaded"),
    (ServerBusy, 503, "server_error", "busy"),
    (ServerUnavailable, 503, "server_error", "not_ready"),
    (GenerationError, 500, "server_error", None),
)


def create_app(engine: Engine, key: str | None = None, *, body_seconds: float = SECONDS) -> FastAPI:
    """The server for ``engine``. With a ``key``, all paths but /health require it as bearer token.

    A client has ``body_seconds`` to send a body.

    The engine starts with the app; until it is ready, all paths answer 503.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        starting = asyncio.create_task(engine.start())
        yield
        await starting
        await engine.stop()
        bodies.close()

    def check_key(request: Request) -> None:
        given = request.headers.get("authorization", "")
        if key and not secrets.compare_digest(given.encode(), f"Bearer {key}".encode()):
            raise HTTPException(401, "The key is missing or wrong.")

    app = FastAPI(title="phi3-expert", openapi_url=None, lifespan=lifespan)
    app.add_exception_handler(GenerationError, _told)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _broken)
    keyed = [Depends(check_key)]
    # A prompt has about 4 bytes for each token, and JSON at most 6 for each character.
    bodies = BodyReader(_SMALLEST_LIMIT + 16 * engine.context, body_seconds)
    created = int(time.time())

    @app.get("/health")
    async def health() -> JSONResponse:
        state = engine.health()
        return JSONResponse(asdict(state), 200 if state.state is State.READY else 503)

    def cards() -> list[ModelCard]:
        def card(name: str, root: str, parent: str | None) -> ModelCard:
            return ModelCard(
                id=name, created=created, root=root, parent=parent, max_model_len=engine.context
            )

        adapters = engine.adapters.items()
        base = card(engine.name, engine.name, None)
        return [base, *(card(name, folder, engine.name) for name, folder in adapters)]

    def check_model(name: str) -> None:
        if name != engine.name and name not in engine.adapters:
            raise HTTPException(404, f"The model {name} does not exist here.")

    @app.get("/v1/models", dependencies=keyed)
    async def models() -> ModelList:
        return ModelList(data=cards())

    @app.get("/v1/models/{name:path}", dependencies=keyed)
    async def model(name: str) -> ModelCard:
        check_model(name[:_LONGEST_SHOWN])
        return next(card for card in cards() if card.id == name)

    @app.post("/v1/load_lora_adapter", dependencies=keyed)
    async def load(request: Request) -> PlainTextResponse:
        body = await bodies.read(request, LoadAdapter)
        await engine.load_adapter(body.lora_name, body.lora_path)
        return PlainTextResponse(f"Success: LoRA adapter '{body.lora_name}' added successfully.")

    @app.post("/v1/unload_lora_adapter", dependencies=keyed)
    async def unload(request: Request) -> PlainTextResponse:
        body = await bodies.read(request, UnloadAdapter)
        if body.lora_name not in engine.adapters:
            raise HTTPException(404, f"The adapter {body.lora_name} is not loaded.")
        await engine.unload_adapter(body.lora_name)
        return PlainTextResponse(f"Success: LoRA adapter '{body.lora_name}' removed successfully.")

    @app.post("/v1/chat/completions", dependencies=keyed)
    async def chat(request: Request) -> Response:
        body = await bodies.read(request, ChatRequest)
        check_model(body.model)
        adapter = None if body.model == engine.name else body.model
        messages = [turn.message() for turn in body.messages]
        prompt = await bodies.run(engine.prompt, messages)
        pieces = engine.generate(prompt, adapter, body.limit)
        if body.stream:
            return await _stream(body, request, pieces, len(prompt))
        return await _unless_gone(request, _whole(body, pieces, len(prompt)))

    @app.post("/tokenize", dependencies=keyed)
    async def tokenize(request: Request) -> Tokens:
        body = await bodies.read(request, TokenizeRequest)
        check_model(body.model or engine.name)
        if body.messages is not None:
            messages = [turn.message() for turn in body.messages]
            tokens = await bodies.run(
                engine.prompt, messages, add_generation_prompt=body.add_generation_prompt
            )
        else:
            special = body.add_special_tokens is not False
            tokens = await bodies.run(engine.tokens, body.prompt or "", special=special)
        return Tokens(count=len(tokens), max_model_len=engine.context, tokens=tokens)

    return app


def serve(app: FastAPI, host: str = "127.0.0.1", port: int = 8040) -> None:
    """Serves until a signal ends it; running answers may still take ``GRACE_SECONDS``."""
    _server(app, host, port).run()


@contextmanager
def serving(app: FastAPI, port: int = 0) -> Iterator[str]:
    """Serves in a thread, on loopback, while the body runs; yields the server's address.

    The server may not be ready yet: ask /health. Port 0 means any free port.
    """
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", port))
        server = _server(app, "127.0.0.1", listener.getsockname()[1])
        thread = threading.Thread(target=server.run, args=([listener],), name="model-server")
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def _server(app: FastAPI, host: str, port: int) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )


async def _whole(body: ChatRequest, pieces: AsyncIterator[Piece], prompt: int) -> Response:
    text, last = [], None
    async for piece in pieces:
        text.append(piece.text)
        last = piece
    if last is None or last.finish is None:
        raise GenerationError("The answer broke off.")
    completion = Completion(
        id=f"chatcmpl-{uuid4().hex}",
        created=int(time.time()),
        model=body.model,
        choices=[
            Choice(
                message={"role": "assistant", "content": "".join(text)}, finish_reason=last.finish
            )
        ],
        usage=Usage.of(prompt, last.tokens),
    )
    return Response(completion.model_dump_json(), media_type="application/json")


async def _stream(
    body: ChatRequest, request: Request, pieces: AsyncIterator[Piece], prompt: int
) -> Response:
    """Responds when the first piece is there, so that an earlier error gets its own status."""
    first = await _unless_gone(request, _next(pieces))
    if isinstance(first, Response):
        return first
    return StreamingResponse(
        _events(body, first, pieces, prompt),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
    )


async def _next(pieces: AsyncIterator[Piece]) -> Piece:
    return await anext(pieces)


async def _events(
    body: ChatRequest, first: Piece, pieces: AsyncIterator[Piece], prompt: int
) -> AsyncIterator[str]:
    chunk = Chunk(
        id=f"chatcmpl-{uuid4().hex}", created=int(time.time()), model=body.model, choices=[]
    )

    def event(piece: Piece, role: bool = False) -> str:
        delta = Delta(role="assistant" if role else None, content=piece.text)
        choice = ChunkChoice(delta=delta, finish_reason=piece.finish)
        return _event(chunk.model_copy(update={"choices": [choice]}))

    yield event(first, role=True)
    last = first
    try:
        async for piece in pieces:
            yield event(piece)
            last = piece
    except GenerationError as e:
        _keep_detail(e)
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


def _problem(status: int, message: str, kind: str, code: str | None = None) -> JSONResponse:
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if status == 503 else None
    return JSONResponse(error_body(message, kind, code), status, headers)


async def _told(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, GenerationError)
    _keep_detail(error)
    status, kind, code = next(told[1:] for told in _STATUS if isinstance(error, told[0]))
    return _problem(status, error.public, kind, code)


def _keep_detail(error: GenerationError) -> None:
    """Logs the error's detail, which the client does not get."""
    if error.detail:
        _log.warning("%s", error)


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    status, message = error.status_code, error.detail
    code = {401: "invalid_api_key", 404: "model_not_found"}.get(status)
    # The framework's errors for an unknown path or method.
    if message == HTTPStatus(status).phrase:
        what = f"{request.method} {request.url.path}"[:_LONGEST_SHOWN]
        allowed = (error.headers or {}).get("Allow")
        message = f"There is no {what}" + (f"; use {allowed}." if allowed else ".")
        code = None
    reply = _problem(status, message, "invalid_request_error", code)
    reply.headers.update(error.headers or {})
    return reply


async def _broken(_: Request, __: Exception) -> JSONResponse:
    return _problem(500, "The server failed; its log says why.", "server_error")
