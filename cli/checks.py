"""The checks of `phi3 doctor`: each part once, and what to do if it does not work."""

import os
import shutil
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from cli.environment import check_settings
from cli.extras import missing_extra
from cli.home import open_home
from cli.lacking import are_many, lacking
from cli.running import with_default_server
from cli.settings import Settings
from cli.wiring import Container
from domain.documents import IndexPlace
from domain.errors import (
    ConfigError,
    IndexUnavailable,
    MessengerRefused,
    Phi3Error,
    ServerUnavailable,
)
from domain.findings import Finding
from domain.redaction import without_credentials
from knowledge.embedders.languages import languages_of
from records.database import describe

if TYPE_CHECKING:
    from bot.slack.client import SlackClient

_ROOM_GIB = 2
PHI3_SHORT_CONTEXT = 4096
"""The tokens that Phi-3 has without the long factors of its position encoding."""

_SHOWN = 20

# A part can be checked only if these settings are right, given by the start of their names.
_SETTINGS = {
    "home": ("PHI3_HOME",),
    "database": ("PHI3_DATABASE_",),
    "embeddings": ("PHI3_EMBEDD",),
    "re-ranking": ("PHI3_RERANKER",),
    "index": ("PHI3_WEAVIATE_",),
    "model server": ("PHI3_SERVER_", "PHI3_MODEL"),
    "memory": ("PHI3_MODEL", "PHI3_MEMORY_", "PHI3_NIGHT_TAKES", "PHI3_TRAINING"),
    "adapters": ("PHI3_ADAPTERS",),
    "adapter": ("PHI3_DATABASE_",),
    "Slack": (
        "SLACK_",
        "PHI3_SLACK_",
        "PHI3_REPORT_CHANNEL",
        "PHI3_INGEST_",
        "PHI3_TOKEN_KEY",
        "PHI3_WORKSPACES_",
    ),
}


def check_all() -> list[Finding]:
    """Checks every part, also after another one failed; a part's line names its wrong settings."""
    try:
        read = check_settings()
    except ConfigError as error:
        return [Finding("settings", False, f"{error}: correct it, and run `phi3 doctor` again")]
    settings = with_default_server(read.settings)
    with Container(settings) as container:
        checks: dict[str, Callable[[], str]] = {
            "home": lambda: _home(settings),
            "database": lambda: _database(container),
            "embeddings": lambda: _embeddings(container),
            "re-ranking": lambda: _reranking(container),
            "index": lambda: _index(container),
            "model server": lambda: _server(container),
            "memory": lambda: _memory(read.settings),
            "adapters": lambda: _adapters(container),
            "adapter": lambda: _adapter(container),
            "Slack": lambda: _slack(container),
        }
        named = {part: _wrong(read.wrong, _SETTINGS[part]) for part in checks}
        rest = {
            name: why
            for name, why in read.wrong.items()
            if not any(name in wrong for wrong in named.values())
        }
        found = [Finding("settings", False, _line(rest))] if rest else []
        if named["home"]:
            # Everything else would be looked for in the wrong home.
            return [*found, Finding("home", False, _line(named["home"]))]
        return found + [
            Finding(part, False, _line(named[part])) if named[part] else _look(part, check)
            for part, check in checks.items()
        ]


def _wrong(wrong: Mapping[str, str], prefixes: tuple[str, ...]) -> dict[str, str]:
    return {name: why for name, why in wrong.items() if name.startswith(prefixes)}


def _line(wrong: Mapping[str, str]) -> str:
    return "; ".join(f"{name}: {why}" for name, why in wrong.items())


def _look(part: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(part, True, check())
    except Phi3Error as error:
        return Finding(part, False, str(error))
    except ModuleNotFoundError as error:
        if not (missing := missing_extra(error)):
            raise
        return Finding(part, False, str(missing))


def _home(settings: Settings) -> str:
    home = open_home(settings.home)
    if not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        raise ConfigError("The folder of PHI3_HOME cannot be written: give this user the right to.")
    free = shutil.disk_usage(home).free / 2**30
    if free < _ROOM_GIB:
        raise ConfigError(
            f"The home has only {free:.1f} GiB free: models and nights need more.", str(home)
        )
    return f"{home}, {free:.0f} GiB free"


def _database(container: Container) -> str:
    container.database.check()
    return describe(container.settings.database)


def _embeddings(container: Container) -> str:
    embedder = container.embedder
    reads = languages_of(embedder.model)
    found = ", ".join(filter(None, (embedder.model, f"{embedder.dimension} wide", reads)))
    if container.indexes.is_current():
        return found
    return f"{found}; PHI3_EMBEDDER names another model: `phi3 sources reindex` changes to it"


def _reranking(container: Container) -> str:
    if not container.settings.reranks:
        return "off: passages are in the search's order"
    reranker = container.reranker
    reranker.scores("Does it work?", ["It works.", "It does not."])
    return without_credentials(reranker.model)


def _index(container: Container) -> str:
    count = container.index.count()
    found = f"{count} passages of {len(container.index.documents())} documents"
    lacks, documents = lacking(container)
    if are_many(lacks, documents):
        raise IndexUnavailable(
            f"The index lacks {lacks:,} of the {documents:,} documents that the sources have: is "
            "it another one, or was it lost? `phi3 sources refresh` reads them again, "
            "`phi3 restore` has those of a backup.",
            found,
        )
    if lacks:
        found += f", without {lacks:,} that `phi3 sources refresh` reads"
    if container.settings.weaviate_url and container.indexes.place is not IndexPlace.WEAVIATE:
        return f"{found}, on LanceDB; `phi3 sources move --to weaviate` changes to Weaviate"
    if differs := container.indexes.differs:
        return (
            f"{found}; the collection has other settings ({differs}): `phi3 sources move --to "
            "lancedb`, and then `--to weaviate`, makes a new one"
        )
    return found


def _server(container: Container) -> str:
    server = container.server
    if not server.healthy():
        raise ServerUnavailable(
            "Nothing answers: run `phi3 serve` or `phi3 up`; until then the bot quotes passages, "
            "and `phi3 ask` and `phi3 train` start a server for themselves.",
            container.settings.server_url,
        )
    server.check_loads_adapters()
    found = f"{server.model} at {without_credentials(container.settings.server_url)}"
    context = server.context()
    if context is None:
        return found
    found += f", {context:,} tokens of context"
    if context > PHI3_SHORT_CONTEXT and "phi-3" in server.model.lower():
        return (
            f"{found}; above {PHI3_SHORT_CONTEXT:,} Phi-3 computes positions in another way than "
            "at night: start vLLM with --max-model-len 4096 (docs/vllm.md)"
        )
    return found


def _memory(settings: Settings) -> str:
    """What the model server and a night need here; another server's memory is not ours to plan."""
    from cli.memory import check_fits, memory_plan, told

    if settings.server_url:
        return "not planned: PHI3_SERVER_URL names another server (`phi3 memory` plans for ours)"
    plan = memory_plan(settings)
    check_fits(plan)
    return told(plan)


def _adapters(container: Container) -> str:
    """Looks whether adapters can be fetched and published here."""
    address = container.settings.adapters
    if not address:
        return "in the home of this machine; PHI3_ADAPTERS is for several"
    read = f"{address}, {len(container.adapter_places.published())} published"
    if container.adapter_places.can_publish():
        return read
    return f"{read}; it can only be read here, so no night can publish"


def _adapter(container: Container) -> str:
    """Looks at the files of what answers, and loads it: if it cannot, another adapter answers."""
    from training.publish import verify

    now = container.adapters.answering()
    for one in filter(None, (now.live, now.on_trial)):
        verify(container.adapter_places.folder_of(one))
        if container.server.healthy():
            container.server.load_adapter(one.name, one.path)
    return container.live_adapter() or "none: the base model answers"


def _slack(container: Container) -> str:
    chosen = container.settings
    if not chosen.slack_mode:
        if chosen.slack_bot_token.get_secret_value():
            raise ConfigError(
                "Only SLACK_BOT_TOKEN is set: also set SLACK_APP_TOKEN for Socket Mode, or "
                "SLACK_SIGNING_SECRET for HTTP mode."
            )
        return "not configured (docs/into-slack.md)"
    if chosen.has_workspaces:
        teams = [f"{each.team} {each.name}".strip() for each in container.installations.all()]
        shown = ", ".join(teams[:_SHOWN]) or "none yet: people install it at /slack/install"
        many = "1 workspace" if len(teams) == 1 else f"{len(teams)} workspaces"
        return f"{many} ({shown}), in {chosen.slack_mode} mode"
    me = container.slack.me()
    _check_report_channel(container.slack, chosen.report_channel)
    return f"{me.user} of team {me.team}, in {chosen.slack_mode} mode"


def _check_report_channel(slack: "SlackClient", channel: str) -> None:
    """Raises ConfigError if the bot may not post there; a person's id is no channel."""
    from bot.slack.errors import is_closed

    if channel.startswith("#"):
        channel = slack.public_channel(channel[1:])
    if not channel.startswith(("C", "G")):
        return
    try:
        is_member = bool(slack.conversation(channel).get("is_member", True))
    except MessengerRefused as error:
        if not is_closed(error):
            raise
        is_member = False  # of a private channel that it is not in Slack does not tell it
    if not is_member:
        raise ConfigError(
            f"The bot is not in the channel of PHI3_REPORT_CHANNEL ({channel}), so no report comes "
            "there: /invite it there."
        )
