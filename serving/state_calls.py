"""The calls that tell how the server is: for probes, for Prometheus and for people."""

from dataclasses import asdict, replace
from importlib.metadata import PackageNotFoundError, version

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST

from serving.api import Version
from serving.batcher import State
from serving.engine import Health
from serving.served import Served


def state_calls(served: Served) -> APIRouter:
    """For probes, which need no key, and vLLM's /version; and /metrics, which needs it."""
    router = APIRouter()

    def state() -> Health:
        found = served.engine.health()
        if served.closing.begun:
            return replace(found, state=State.STOPPED, reason="The model server is stopping.")
        return found

    def status() -> int:
        return 200 if state().state is State.READY else 503

    @router.get("/health", response_model=Health)
    async def health() -> JSONResponse:
        return JSONResponse(asdict(state()), status())

    # `describe` adds it to the document, in which two methods of one call would get one name.
    @router.api_route("/ping", methods=["GET", "POST"], include_in_schema=False)
    async def ping() -> Response:
        """Whether it need not be started anew: a server whose memory a night has will be back."""
        found = state().state
        rests = found is State.RESTING and not served.engine.room.is_stuck
        lives = found is State.READY or rests
        return Response(status_code=200 if lives else 503)

    @router.get("/live", include_in_schema=False)
    async def live() -> Response:
        """As /ping, by the name that the other roles have for it."""
        return await ping()

    @router.get("/ready", include_in_schema=False)
    async def ready() -> JSONResponse:
        """As /health, by the name that the other roles have for it."""
        return await health()

    @router.get("/version")
    async def this_version() -> Version:
        return Version(version=_version())

    @router.get("/metrics", dependencies=served.keyed)
    async def metrics() -> Response:
        return Response(served.metrics.text(), media_type=CONTENT_TYPE_LATEST)

    return router


def _version() -> str:
    try:
        return version("phi3-expert")
    except PackageNotFoundError:  # it runs from its source
        return "0"
