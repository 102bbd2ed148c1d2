"""What a role tells from outside: its figures for Prometheus, and how it is, for probes."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.metadata import PackageNotFoundError, version
from logging import getLogger
from threading import Event
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from prometheus_client import REGISTRY, Gauge, disable_created_metrics, make_wsgi_app
from prometheus_client.registry import Collector

from cli.alive import Role, check_alive
from cli.settings import Settings
from domain.errors import Phi3Error

METRICS, READY, LIVE = "/metrics", "/ready", "/live"
PORTS = {Role.BOT: 0, Role.SCHEDULE: 1, Role.SYNC: 2, Role.CONSOLE: 3}
"""What is added to ``PHI3_METRICS_PORT``, so that the roles of one machine need one setting."""

_THREADS = 2
_TEXT = ("content-type", "text/plain; charset=utf-8")

_BUILD = Gauge("phi3_build_info", "The version of the program; always 1.", ("version", "role"))

_log = getLogger(__name__)

Check = Callable[[], None]
"""Raises Phi3Error, whose public text says why not."""


class StatusApp:
    """The WSGI application. ``live`` and ``ready`` are asked each time.

    /live says whether the role's main loop goes on: if not, it should be started again. /ready says
    whether it can work now: if not, what it needs is away.
    """

    def __init__(self, live: Check, ready: Check) -> None:
        self._metrics: WSGIApplication = make_wsgi_app(REGISTRY)
        self._checks = {LIVE: live, READY: ready}

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        if path != METRICS and path not in self._checks:
            return _reply(start, "404 Not Found", f"Here are {METRICS}, {LIVE} and {READY}.")
        if method not in ("GET", "HEAD"):
            return _reply(start, "405 Method Not Allowed", "Use GET here.")
        if path == METRICS:
            return self._metrics(environ, start)
        try:
            self._checks[path]()
        except Phi3Error as error:
            _log.warning("%s: %s", path, error)
            return _reply(start, "503 Service Unavailable", error.public)
        return _reply(start, "200 OK", "ok")


@contextmanager
def telling_status(
    settings: Settings,
    role: Role,
    ready: Check,
    *collectors: Collector,
    live: Check | None = None,
) -> Iterator[None]:
    """Offers a role's status during the block, if a port is set; ``collectors`` add figures.

    Without ``live`` the role lives while its main loop marks the time (`cli.alive`). Raises
    ConfigError if the port cannot be used.
    """
    if settings.metrics_port is None:
        yield
        return
    from bot.slack.http_server import serving

    port = settings.metrics_port + PORTS[role]
    app = StatusApp(live or (lambda: check_alive(settings.home, role)), ready)
    disable_created_metrics()  # type: ignore[no-untyped-call]  # one more series for each, which nobody reads
    _BUILD.labels(_version(), role).set(1)
    named = "PHI3_METRICS_HOST and PHI3_METRICS_PORT"
    with ExitStack() as offered:
        for collector in collectors:
            REGISTRY.register(collector)
            offered.callback(REGISTRY.unregister, collector)
        host = settings.metrics_host
        offered.enter_context(serving(app, Event(), host, port, threads=_THREADS, settings=named))
        _log.info("Figures and probes of %s: http://%s:%s%s", role, host, port, METRICS)
        yield


def _version() -> str:
    try:
        return version("phi3-expert")
    except PackageNotFoundError:  # it runs from its source
        return "0"


def _reply(start: StartResponse, status: str, text: str) -> list[bytes]:
    body = f"{text}\n".encode()
    start(status, [_TEXT, ("content-length", str(len(body)))])
    return [body]
