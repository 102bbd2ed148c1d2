"""The model server: OpenAI's API and what vLLM adds to it, answered by the engine."""

import asyncio
import threading
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager

from fastapi import FastAPI

from serving.adapter_loader import AdapterLoader
from serving.answer_calls import answer_calls
from serving.bodies import SECONDS, BodyReader
from serving.engine import Engine
from serving.error_replies import answer_errors
from serving.hosts import AllowedHosts
from serving.listening import listen
from serving.metrics import Metrics
from serving.model_calls import model_calls
from serving.process import Server
from serving.room_calls import room_calls
from serving.schema import describe
from serving.served import Served
from serving.state_calls import state_calls

_SMALLEST_LIMIT = 1024 * 1024  # a body may always have this many bytes


def create_app(
    engine: Engine,
    key: str | None = None,
    *,
    names: Collection[str] = (),
    body_seconds: float = SECONDS,
    loader: AdapterLoader | None = None,
) -> FastAPI:
    """The server for ``engine``. With a ``key``, calls require it as bearer token.

    Only /health, /ping, /version and /openapi.json do not. The Host header of a request must be of
    loopback, of the address that it came to, or one of ``names``. A client has ``body_seconds`` to
    send a body. ``loader`` loads adapters that are asked for by their name.

    The engine starts with the app; until it is ready, all calls that need it answer 503.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        starting = asyncio.create_task(engine.start())
        yield
        await starting
        await engine.stop()
        bodies.close()

    app = FastAPI(title="phi3-expert", docs_url=None, redoc_url=None, lifespan=lifespan)
    app.router.redirect_slashes = False
    answer_errors(app)
    app.add_middleware(AllowedHosts, names=names)
    # A prompt has about 4 bytes for each token, and JSON at most 6 for each character.
    bodies = BodyReader(_SMALLEST_LIMIT + 16 * engine.context, body_seconds)
    served = Served(engine, bodies, Metrics(engine.name, engine.health), key, loader)
    app.state.ending = served
    for calls in (state_calls, model_calls, answer_calls, room_calls):
        app.include_router(calls(served))
    describe(app)
    return app


@contextmanager
def serving(app: FastAPI, port: int = 0) -> Iterator[str]:
    """Serves in a thread, on loopback, while the body runs; yields the server's address.

    The server may not be ready yet: ask /health. Port 0 means any free port.
    """
    with listen("127.0.0.1", port) as listener:
        server = Server(app, app.state.ending)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread = threading.Thread(target=server.run, args=([listener],), name="model-server")
        thread.start()
        try:
            yield address
        finally:
            server.stop()
            thread.join()
