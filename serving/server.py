"""The model server: OpenAI's chat API, and vLLM's two calls for adapters, over the engine."""

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
from logging import getLogger
from typing import Any, TypeVar
from uuid import uuid4

import uvicorn
from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
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
    UnloadAdapter,
    Usage,
    error_body,
)
from serving.batcher import Piece, State
from serving.engine import Engine, RequestRefused

RETRY_AFTER_SECONDS = 5
GRACE_SECONDS = 20
"""How long answers may still run once the server is told to stop."""

T = TypeVar("T")

_log = getLogger(__name__)

# What a client is told, by the error's class: status, OpenAI's type, code.
_STATUS: tuple[tuple[type[Exception], int, str, str | None], ...] = (
    (RequestRefused, 400, "invalid_request_error", None),
    (AdapterNotLoaded, 400, "invalid_request_error", "adapter_not_loaded"),
    (ServerBusy, 503, "server_error", "busy"),
    (ServerUnavailable, 503, "server_error", "not_ready"),
    (GenerationError, 500, "server_error", None),
)


def create_app(engine: Engine, key: str | None = None) -> FastAPI:
    """The server for ``engine``. With a ``key``, all but /health asks for it as a bearer token.

    The engine starts with the app; until it is ready, /health and all else answer 503.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        starting = asyncio.create_task(engine.start())
        yield
        await starting
        await engine.stop()

    def check_key(request: Request) -> None:
        given = request.headers.get("authorization", "")
        if key and not secrets.compare_digest(given.encode(), f"Bearer {key}".encode()):
            raise HTTPException(401, "The key is missing or wrong.")

    app = FastAPI(title="phi3-expert", openapi_url=None, lifespan=lifespan)
    app.add_exception_handler(GenerationError, _told)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _broken)
    keyed = [Depends(check_key)]
    created = int(time.time())

    @app.get("/health")
    async def health() -> JSONResponse:
        state = engine.health()
        return JSONResponse(asdict(state), 200 if state.state is State.READY else 503)

    @app.get("/v1/models", dependencies=keyed)
    async def models() -> ModelList:
        base = ModelCard(id=engine.name, created=created, root=engine.name)
        loaded = [
            ModelCard(id=name, created=created, root=folder, parent=engine.name)
            for name, folder in engine.adapters.items()
        ]
        return ModelList(data=[base, *loaded])

    @app.post("/v1/load_lora_adapter", dependencies=keyed)
    async def load(body: LoadAdapter) -> PlainTextResponse:
        await engine.load_adapter(body.lora_name, body.lora_path)
        return PlainTextResponse(f"Success: LoRA adapter '{body.lora_name}' added successfully.")

    @app.post("/v1/unload_lora_adapter", dependencies=keyed)
    async def unload(body: UnloadAdapter) -> PlainTextResponse:
        if body.lora_name not in engine.adapters:
            raise HTTPException(404, f"The adapter {body.lora_name} is not loaded.")
        await engine.unload_adapter(body.lora_name)
        return PlainTextResponse(f"Success: LoRA adapter '{body.lora_name}' removed successfully.")

    @app.post("/v1/chat/completions", dependencies=keyed)
    async def chat(body: ChatRequest, request: Request) -> Response:
        if body.model != engine.name and body.model not in engine.adapters:
            raise HTTPException(404, f"The model {body.model} does not exist here.")
        adapter = None if body.model == engine.name else body.model
        prompt = engine.prompt([turn.message() for turn in body.messages])
        pieces = engine.generate(prompt, adapter, body.limit)
        if body.stream:
            return await _stream(body, request, pieces, len(prompt))
        return await _unless_gone(request, _whole(body, pieces, len(prompt)))

    return app


def serve(app: FastAPI, host: str = "127.0.0.1", port: int = 8040) -> None:
    """Serves until a signal ends it; answers that run may finish within ``GRACE_SECONDS``."""
    _server(app, host, port).run()


@contextmanager
def serving(app: FastAPI, port: int = 0) -> Iterator[str]:
    """Serves in a thread, on loopback, for as long as the body runs; gives the server's address.

    It may not be ready yet: ask its health. Port 0 takes a free one.
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
    """Answers once the first piece is there, so that what fails before it has its own status."""
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
    """The result of ``work``, which is cancelled where the client goes away before it is there."""
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
    """Writes into the log what a client is not told."""
    if error.detail:
        _log.warning("%s", error)


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    problems = (
        ": ".join([*(str(part) for part in problem["loc"][1:]), problem["msg"]])
        for problem in error.errors()
    )
    message = "; ".join(problems).replace("Value error, ", "")
    return _problem(400, message, "invalid_request_error")


async def _http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code = {401: "invalid_api_key", 404: "model_not_found"}.get(error.status_code)
    return _problem(error.status_code, error.detail, "invalid_request_error", code)


async def _broken(_: Request, error: Exception) -> JSONResponse:
    return _problem(500, f"The server failed: {type(error).__name__}.", "server_error")
