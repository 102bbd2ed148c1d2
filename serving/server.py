"""The model server: OpenAI's chat API and vLLM's two adapter calls, answered by the engine."""

import asyncio
import secrets
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict

import uvicorn
from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from starlette.exceptions import HTTPException

from serving.adapter_loader import AdapterLoader
from serving.api import (
    ChatRequest,
    LoadAdapter,
    ModelCard,
    ModelList,
    TokenizeRequest,
    Tokens,
    UnloadAdapter,
)
from serving.batcher import State
from serving.bodies import SECONDS, BodyReader
from serving.engine import Engine
from serving.error_replies import LONGEST_SHOWN, answer_errors
from serving.replies import stream, whole

GRACE_SECONDS = 20
"""How many seconds running answers may take after the server is told to stop."""

_SMALLEST_LIMIT = 1024 * 1024  # a body may always have this many bytes


def create_app(
    engine: Engine,
    key: str | None = None,
    *,
    body_seconds: float = SECONDS,
    loader: AdapterLoader | None = None,
) -> FastAPI:
    """The server for ``engine``. With a ``key``, all paths but /health require it as bearer token.

    A client has ``body_seconds`` to send a body. ``loader`` loads adapters that are asked for by
    their name.

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
    answer_errors(app)
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

    async def check_model(name: str) -> None:
        if name == engine.name or (loader and await loader.load(name)):
            return
        if name not in engine.adapters:
            raise HTTPException(404, f"The model {name} does not exist here.")

    @app.get("/v1/models", dependencies=keyed)
    async def models() -> ModelList:
        return ModelList(data=cards())

    @app.get("/v1/models/{name:path}", dependencies=keyed)
    async def model(name: str) -> ModelCard:
        await check_model(name[:LONGEST_SHOWN])
        return next(card for card in cards() if card.id == name)

    @app.post("/v1/load_lora_adapter", dependencies=keyed)
    async def load(request: Request) -> PlainTextResponse:
        body = await bodies.read(request, LoadAdapter)
        if not (loader and await loader.load_from(body.lora_path, body.lora_name)):
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
        await check_model(body.model)
        adapter = None if body.model == engine.name else body.model
        messages = [turn.message() for turn in body.messages]
        prompt = await bodies.run(
            engine.prompt,
            messages,
            add_generation_prompt=body.add_generation_prompt,
            continue_final_message=body.continue_final_message,
        )
        pieces = engine.generate(prompt, adapter, body.limit, likely=bool(body.logprobs))
        reply = stream if body.stream else whole
        return await reply(body, request, pieces, len(prompt), engine.text_of)

    @app.post("/tokenize", dependencies=keyed)
    async def tokenize(request: Request) -> Tokens:
        body = await bodies.read(request, TokenizeRequest)
        await check_model(body.model or engine.name)
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
