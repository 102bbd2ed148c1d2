"""What `phi3 doctor` looks at: each part once, with what to do where it fails."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass

from cli.running import at_usual_server
from cli.settings import Settings
from cli.wiring import Container
from domain.errors import Phi3Error, ServerUnavailable
from records.database import describe

_ROOM_GIB = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """One part, whether it works, and one line that says what was found or what to do."""

    part: str
    ok: bool
    says: str


def check_all(settings: Settings) -> list[Finding]:
    """Looks at every part, whatever fails before it."""
    with Container(at_usual_server(settings)) as container:
        return [
            _look("home", lambda: _home(settings)),
            _look("database", lambda: _database(container)),
            _look(
                "embeddings",
                lambda: f"{container.embedder.model}, {container.embedder.dimension} wide",
            ),
            _look(
                "index",
                lambda: f"{container.index.count()} passages of {_sources(container)} sources",
            ),
            _look("model server", lambda: _server(container)),
            _look("adapter", lambda: container.live_adapter() or "none: the base model answers"),
            _look("Slack", lambda: _slack(container)),
        ]


def _look(part: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(part, True, check())
    except (Phi3Error, OSError) as error:
        return Finding(part, False, str(error))


def _home(settings: Settings) -> str:
    settings.home.mkdir(parents=True, exist_ok=True)
    probe = settings.home / ".writable"
    probe.touch()
    probe.unlink()
    free = shutil.disk_usage(settings.home).free / 2**30
    if free < _ROOM_GIB:
        raise OSError(f"{settings.home} has {free:.1f} GiB left: make room for models and nights")
    return f"{settings.home}, {free:.0f} GiB free"


def _database(container: Container) -> str:
    container.database.check()
    return describe(container.settings.database)


def _sources(container: Container) -> int:
    return len(container.index.sources())


def _server(container: Container) -> str:
    url = container.settings.server_url
    if not container.server.healthy():
        raise ServerUnavailable(
            f"nothing answers at {url}: run `phi3 serve` or `phi3 up`; until then the bot quotes "
            "passages, and `phi3 ask` and `phi3 train` start a server for themselves"
        )
    return f"{container.server.model} at {url}"


def _slack(container: Container) -> str:
    if not container.settings.slack_mode:
        return "not configured (README: into a real workspace)"
    me = container.slack.me()
    return f"{me.user} of team {me.team}, in {container.settings.slack_mode} mode"
