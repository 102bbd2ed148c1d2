"""/phi3-ingest, the shortcut on messages with files, and `ingest` in a mention."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from threading import Lock

from bot.blocks import text_message
from bot.conversations import Conversation, Conversations, Kind
from bot.events import LONGEST, Request
from bot.message_ref import MessageRef, is_message_ref, message_ref
from bot.render import name_of
from bot.slack_client import Me, SlackClient
from bot.urls import LONGEST_URL, urls
from bot.workers import Workers
from domain.documents import Source, SourceState
from domain.errors import MessengerError, MessengerRefused, Phi3Error, public_text
from domain.text import truncate
from records.sources import Sources

log = logging.getLogger(__name__)

_MANY = 20
_HELP = (
    "/phi3-ingest https://… https://… reads pages and files at these addresses; whoever reads this "
    "conversation can then ask about them.\n"
    "/phi3-ingest status says what was read, and what not.\n"
    "For files in Slack, open the menu (⋮) of their message and choose “Add to the expert's "
    "documents”, or mention me with “ingest” and the files in one message."
)


class Ingesting:
    """Keeps each request as rows in SQL before it is acknowledged; workers do the reading.

    ``ingest`` reads one source and returns it as it is now (``Ingestor.ingest_one``). ``allowed``
    holds the ids of those who may add documents; ``*`` stands for everyone.
    """

    def __init__(
        self,
        slack: SlackClient,
        me: Me,
        conversations: Conversations,
        sources: Sources,
        ingest: Callable[[Source], Source],
        workers: Workers,
        allowed: frozenset[str],
    ) -> None:
        self._slack = slack
        self._me = me
        self._conversations = conversations
        self._sources = sources
        self._ingest = ingest
        self._workers = workers
        self._allowed = allowed
        self._lock = Lock()
        self._in_hand: set[str] = set()

    @property
    def is_idle(self) -> bool:
        """Whether nothing that was taken up is still being read."""
        with self._lock:
            return not self._in_hand

    def ask(self, request: Request) -> str:
        """Takes a request and says what comes of it, to the person alone. DatabaseUnavailable."""
        if len(request.text) > LONGEST:
            return f"That is longer than {LONGEST:,} characters; give me fewer addresses at once."
        word = request.text.strip().casefold()
        if word == "status":
            return self._status(request)
        uris = uris_of(request)
        if word in ("", "help") and not uris:
            return _HELP
        if not self.may_ingest(request.person):
            return (
                "You may not add documents. Whoever runs me can allow it: "
                f"PHI3_INGEST_ALLOWED with your id {request.person} in it, or * for everyone."
            )
        if not uris:
            return f"I see no address that starts with https:// and no file.\n{_HELP}"
        if len(uris) > _MANY:
            return f"That is {len(uris)} sources at once; give me {_MANY} at most."
        if any(len(uri) > LONGEST_URL for uri in uris):
            return f"An address may have {LONGEST_URL:,} characters at most."
        conversation = self._conversations.conversation(request.channel, shared=request.is_shared)
        if conversation.kind is Kind.UNKNOWN:
            return (
                "Slack did not tell me who can read this conversation, so I cannot know who may "
                "read the documents. Invite me to it, and ask again."
            )
        self._take(request, uris, conversation)
        return f"Reading {_counted(uris)}; I report here when it is done."

    def may_ingest(self, person: str) -> bool:
        return "*" in self._allowed or person in self._allowed

    def resume(self) -> int:
        """Takes up what was requested in Slack and not finished; how many sources that is."""
        left = [
            source
            for source in self._sources.requested()
            if is_message_ref(source.reply_to)
            and message_ref(source.reply_to).team == self._me.team
        ]
        left.sort(key=lambda source: source.reply_to)
        for _, together in groupby(left, key=lambda source: source.reply_to):
            self._begin([source.uri for source in together])
        return len(left)

    def _take(self, request: Request, uris: Sequence[str], conversation: Conversation) -> None:
        to = str(MessageRef(self._me.team, request.channel, thread=request.thread))
        now = datetime.now(UTC)
        names = {file.uri: file.name for file in request.files}
        for uri in uris:
            known = self._sources.find(uri)
            readers = conversation.readers(request.person)
            fresh = known or Source(uri, readers, SourceState.REQUESTED, request.person, now)
            self._sources.save(
                replace(
                    fresh,
                    state=SourceState.REQUESTED,
                    requested_by=request.person,
                    updated_at=now,
                    title=fresh.title or names.get(uri, ""),
                    reason="",
                    reply_to=to,
                )
            )
            self._sources.grant(uri, readers, request.person, now)
        self._begin(uris)

    def _begin(self, uris: Sequence[str]) -> None:
        with self._lock:
            fresh = [uri for uri in uris if uri not in self._in_hand]
            self._in_hand.update(fresh)
        if fresh:
            self._workers.submit(partial(self._work, fresh), partial(self._failed, fresh))

    def _work(self, uris: Sequence[str]) -> None:
        """Reads the sources one after the other; one message says how far it is."""
        found = [source for uri in uris if (source := self._sources.find(uri))]
        if not found:
            return
        at = self._announce(found)
        done: list[Source] = []
        for n, source in enumerate(found, 1):
            self._show(at, f"Reading {n} of {len(found)}: {_name(source)} …", steady=False)
            done.append(self._read(replace(source, reply_to=str(at))))
        self._show(at, "\n".join(_outcome(source) for source in done))
        self._put_down(uris)

    def _read(self, source: Source) -> Source:
        try:
            return self._ingest(source)
        except Phi3Error as error:
            return self._spoilt(source, error.public)

    def _spoilt(self, source: Source, reason: str) -> Source:
        failed = replace(
            source,
            state=SourceState.FAILED,
            reason=reason,
            attempts=source.attempts + 1,
            updated_at=datetime.now(UTC),
        )
        self._sources.save(failed)
        return failed

    def _announce(self, sources: Sequence[Source]) -> MessageRef:
        """The message to report in: the one that is there, or a new one, kept with the sources."""
        at = message_ref(sources[0].reply_to)
        if at.ts:
            return at
        text = f"Reading {_counted(sources)} …"
        try:
            at = at.at(self._slack.post(at.channel, text, text_message(text).blocks, at.thread))
        except MessengerRefused:
            # A command may be given where the bot is no member: then the person hears of it alone.
            try:
                channel, ts = self._slack.posted(
                    sources[0].requested_by, text, text_message(text).blocks
                )
            except MessengerRefused as error:
                log.warning("Nobody can be told of an ingest: %s", error)
                return at
            at = MessageRef(at.team, channel, ts)
        for source in sources:
            self._sources.save(replace(source, reply_to=str(at)))
        return at

    def _show(self, at: MessageRef, text: str, *, steady: bool = True) -> None:
        message = text_message(text)
        if not at.ts:
            return
        try:
            self._slack.update(at.channel, at.ts, message.text, message.blocks, steady=steady)
        except MessengerError as error:
            log.warning("The state of an ingest could not be shown: %s", error)

    def _failed(self, uris: Sequence[str], error: Exception) -> None:
        """Something broke that no source is to blame for; where Slack is, the rows wait."""
        log.error("An ingest failed: %s", ", ".join(uris), exc_info=error)
        try:
            if not isinstance(error, MessengerError):
                self._give_up(uris, error)
        except Phi3Error:
            log.exception("Nobody could be told of it")
        self._put_down(uris)

    def _give_up(self, uris: Sequence[str], error: Exception) -> None:
        what = public_text(error)
        open_states = (SourceState.REQUESTED, SourceState.FETCHING)
        for uri in uris:
            source = self._sources.find(uri)
            if source and source.state in open_states:
                self._spoilt(source, what)
                self._show(
                    message_ref(source.reply_to), f"{what} Ask for it again: {_name(source)}"
                )

    def _put_down(self, uris: Iterable[str]) -> None:
        with self._lock:
            self._in_hand.difference_update(uris)

    def _status(self, request: Request) -> str:
        here = self._conversations.conversation(request.channel).audience(request.person)
        seen = [source for source in self._sources.all() if here.may_read(source.audience)]
        if not seen:
            return "Nothing that may be read here was added yet."
        seen.sort(key=lambda source: source.updated_at, reverse=True)
        lines = [_outcome(source) for source in seen[:10]]
        more = f"\n… and {len(seen) - 10} more." if len(seen) > 10 else ""
        return "\n".join(lines) + more


def uris_of(request: Request) -> list[str]:
    """The addresses and files of a request, each once, in order."""
    return list(dict.fromkeys([*urls(request.text), *(file.uri for file in request.files)]))


def _outcome(source: Source) -> str:
    match source.state:
        case SourceState.INDEXED:
            return f"✓ {_name(source)}: {source.chunks} passages."
        case SourceState.FAILED | SourceState.QUARANTINED:
            return f"✗ {_name(source)}: {truncate(source.reason, 300)}"
        case SourceState.REMOVED:
            return f"– {_name(source)}: removed."
        case _:
            return f"… {_name(source)}: waiting."


def _name(source: Source) -> str:
    return truncate(source.title or name_of(source.uri) or "a file", 200)


def _counted(things: Sequence[object]) -> str:
    return "1 source" if len(things) == 1 else f"{len(things)} sources"
