"""The console's figures for Prometheus: how long each page took, by its path as it is written."""

from time import perf_counter

from prometheus_client import Histogram
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_OTHER = "other"

_PAGES = Histogram(
    "phi3_console_request_seconds",
    "From a request to the console until its response began.",
    ("page", "status"),
    buckets=_SECONDS,
)


class TimedPages:
    """Times the requests of an app; a page with an id in its path is one page."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = perf_counter()

        async def timed(message: Message) -> None:
            if message["type"] == "http.response.start":
                status = f"{message['status'] // 100}xx"
                _PAGES.labels(_page(scope), status).observe(perf_counter() - began)
            await send(message)

        await self._app(scope, receive, timed)


def _page(scope: Scope) -> str:
    """The path of the route, which is not known if the request was refused before."""
    route = scope.get("route")
    return route.path if isinstance(route, Route) else _OTHER
