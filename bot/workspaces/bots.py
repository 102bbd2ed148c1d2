"""A bot for each workspace that installed the app, in one process.

They share the database, the model and the index; each has its own client, workers and caches, and
does only the jobs of its workspace. An event goes to the bot of the workspace that it is for. Other
processes may install and remove the app too, so the installations are looked at every few seconds.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Lock, Thread

from slack_bolt import BoltRequest, BoltResponse
from slack_sdk import WebClient

from bot.app import Bot
from bot.jobs.upkeep import Repeated
from bot.slack.client import SlackClient
from bot.slack.events import Payload
from bot.slack.message_ref import MessageRef
from bot.slack.wsgi import ErrorHandler
from bot.workspaces.client import InstalledClient
from bot.workspaces.tokens import Tokens
from domain.errors import Phi3Error
from domain.installations import Installation
from records.installations import Installations

log = logging.getLogger(__name__)

_LOOK_SECONDS = 5.0
_CLOCKS = timedelta(minutes=1)
"""How far Slack's clock may be from this one."""


@dataclass(slots=True)
class _Running:
    installed: Installation
    client: InstalledClient
    bot: Bot


class Workspaces:
    """Takes the place of one bot: ``app``, ``start`` and ``close`` are as those of ``Bot``.

    ``build`` makes the bot of a client; ``url`` is the address of Slack's API.
    """

    def __init__(
        self,
        installations: Installations,
        tokens: Tokens,
        build: Callable[[SlackClient], Bot],
        url: str,
    ) -> None:
        self._installations = installations
        self._tokens = tokens
        self._build = build
        self._url = url
        self._lock = Lock()
        self._running: dict[str, _Running] = {}
        self._handlers: list[ErrorHandler] = []
        self._is_started = False
        self._looking = Repeated("workspaces", self.look, _LOOK_SECONDS, after_error=_LOOK_SECONDS)
        self.logger = logging.getLogger("bot.workspaces.socket_mode")
        self.client = WebClient(base_url=url)

    @property
    def app(self) -> "Workspaces":
        return self

    def error(self, handler: ErrorHandler) -> None:
        """``handler`` gives the response to what a bot of a workspace could not take."""
        self._handlers.append(handler)

    def start(self) -> None:
        self._is_started = True
        for each in self._all():
            each.bot.start()
        self._looking.start()

    def look(self) -> None:
        """Begins and ends bots as workspaces installed or removed the app; renews tokens.

        Raises DatabaseUnavailable, and ConfigError if the key opens no stored token.
        """
        found = {each.team: self._tokens.fresh(each) for each in self._installations.all()}
        for team in self._running.keys() - found.keys():
            self._end(team)
        for made in found.values():
            try:
                self._run(made)
            except Phi3Error as error:
                log.warning("The bot of workspace %s does not run yet: %s", made.team, error)

    def close(self, grace: float) -> bool:
        """Ends all bots at the same time; returns whether all ended within ``grace`` seconds."""
        self._looking.stop()
        with self._lock:
            running, self._running = list(self._running.values()), {}
        if not running:
            return True
        with ThreadPoolExecutor(len(running)) as pool:
            return all(list(pool.map(lambda each: each.bot.close(grace), running)))

    def dispatch(self, request: BoltRequest) -> BoltResponse:
        """The response of the bot that a request is for.

        A request for a workspace that has not installed the app is acknowledged, and that is all.
        """
        body: Payload = request.body
        match body.get("type"):
            case "url_verification":
                return BoltResponse(status=200, body={"challenge": body.get("challenge")})
            case "event_callback" if _is_removal(body):
                return self._handled(body, partial(self._removed, request, body))
        return self._handled(body, partial(self._dispatch, request, body))

    def _dispatch(self, request: BoltRequest, body: Payload) -> BoltResponse:
        teams = _teams(request, body)
        found = next((running for team in teams if (running := self._of(team))), None)
        if found is None:
            log.info("An event is for a workspace that has not installed the app")
            return BoltResponse(status=200, body="")
        response: BoltResponse = self._concerned(body, found).bot.app.dispatch(request)
        return response

    def _concerned(self, body: Payload, found: _Running) -> _Running:
        """The bot that an event is about, if that is not the bot of the event's workspace.

        Of a shared channel Slack sends each event for one of the workspaces that installed the app.
        A mention is for the bot that it names. What is said in a thread, or done to a message, is
        for the bot that was asked there. Raises DatabaseUnavailable.
        """
        event = body.get("event") or {}
        if event.get("type") == "app_mention":
            text = str(event.get("text") or "")
            return self._first(lambda each: f"<@{each.installed.user}" in text, found)
        if body.get("is_ext_shared_channel"):
            return self._first(lambda each: _was_asked(each, *_messages_of(event)), found)
        return found

    def _first(self, is_it: Callable[[_Running], bool], found: _Running) -> _Running:
        others = (each for each in self._all() if each is not found)
        return next((each for each in (found, *others) if is_it(each)), found)

    def _handled(self, body: Payload, take: Callable[[], BoltResponse]) -> BoltResponse:
        """Slack sends again what could not be taken."""
        try:
            return take()
        except Phi3Error as error:
            for handler in self._handlers:
                return handler(error, body)
            log.warning("An event of Slack was not taken: %s", error)
            return BoltResponse(status=503, body="")

    def _removed(self, request: BoltRequest, body: Payload) -> BoltResponse:
        """A workspace removed the app, before what it may have installed again since."""
        at = datetime.fromtimestamp(float(body.get("event_time") or 0), UTC)
        for team in _teams(request, body):
            if self._installations.remove(team, at + _CLOCKS):
                log.info("Workspace %s has removed the app", team)
                self._end(team)
                break
        return BoltResponse(status=200, body="")

    def _of(self, team: str) -> _Running | None:
        """The bot of a workspace; one that was installed just now begins."""
        if running := self._running.get(team):
            return running
        made = self._installations.find(team)
        return self._run(made) if made else None

    def _run(self, made: Installation) -> _Running:
        """The bot of an installation, with its newest token. Raises Phi3Error."""
        with self._lock:
            known = self._running.get(made.team)
            if known and (known.installed.user, known.installed.bot) == (made.user, made.bot):
                known.installed = made
                known.client.use(made.token)
                return known
        if known:
            self._end(made.team)
        with self._lock:
            if known := self._running.get(made.team):
                return known
            client = InstalledClient(made, self._url)
            running = _Running(made, client, self._build(client))
            for handler in self._handlers:
                running.bot.app.error(handler)
            if self._is_started:
                running.bot.start()
            self._running[made.team] = running
            return running

    def _end(self, team: str) -> None:
        """What its bot does now is not waited for: its token is worth nothing any more."""
        with self._lock:
            running = self._running.pop(team, None)
        if running:
            Thread(target=running.bot.close, args=(0.0,), name=f"end-{team}", daemon=True).start()

    def _all(self) -> list[_Running]:
        with self._lock:
            return list(self._running.values())


def _messages_of(event: Payload) -> tuple[str, list[str]]:
    """The channel of an event, and the ts of its message and of the thread; none if that is new."""
    item = event.get("item") or {}
    message = event.get("message") or event.get("previous_message") or event
    thread = message.get("thread_ts")
    is_new = event.get("type") == "message" and not (event.get("subtype") or thread)
    found = () if is_new else (item.get("ts"), event.get("deleted_ts"), message.get("ts"), thread)
    channel = str(event.get("channel") or item.get("channel") or "")
    return channel, list(dict.fromkeys(str(ts) for ts in found if ts))


def _was_asked(running: _Running, channel: str, messages: Sequence[str]) -> bool:
    """Whether one of the messages is a question of a bot, its answer, or their thread."""
    questions, place = running.bot.questions, MessageRef(running.installed.team, channel)
    names = [str(place.at(ts)) for ts in messages]
    return any(
        questions.is_thread(name) or questions.is_reply(name) or questions.find(name)
        for name in names
    )


def _is_removal(body: Payload) -> bool:
    event = body.get("event") or {}
    if event.get("type") == "tokens_revoked":
        return bool((event.get("tokens") or {}).get("bot"))
    return event.get("type") == "app_uninstalled"


def _teams(request: BoltRequest, body: Payload) -> Iterator[str]:
    """The workspaces that a request may be for, the likeliest first.

    In a channel that is shared, a person of another workspace may press a button: then the message
    with the button says whose bot it is, and not the person.
    """
    found = []
    if body.get("type") == "block_actions":
        found.append((body.get("message") or {}).get("team"))
    found += [request.context.team_id, body.get("team_id")]
    with suppress(AttributeError):
        found += [(body.get("view") or {}).get("team_id"), (body.get("user") or {}).get("team_id")]
    yield from dict.fromkeys(team for team in found if isinstance(team, str) and team)
