"""Finds out who can read a channel."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from threading import Lock
from time import monotonic
from typing import Any

from bot.slack.errors import may_pass
from domain.errors import MessengerError
from domain.labels import EVERYONE, channel_label, person_label, team_label
from domain.questions import Audience

_FRESH_SECONDS = 60.0
_OUTAGE_SECONDS = 600.0
"""How long the last known kind of a channel is used while Slack does not answer."""


class ChannelKind(Enum):
    PUBLIC = auto()
    PRIVATE = auto()
    DIRECT = auto()
    SHARED = auto()
    """With another organisation: not everyone who reads it belongs to the workspace."""
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class Conversation:
    team: str
    channel: str
    kind: ChannelKind

    def audience(self, person: str, *, is_guest: bool = False) -> Audience:
        """Which documents answers to ``person`` may use here; none if Slack did not say who reads.

        A guest is not a member of the workspace, so only documents that were given to this channel
        or to the guest are used.
        """
        public = self.kind is ChannelKind.PUBLIC
        own = self.own(person).labels
        if not own or is_guest or self.kind is ChannelKind.SHARED:
            return Audience(own, public)
        return Audience.of(EVERYONE, team_label(self.team), *own, public=public)

    def readers(self, person: str) -> Audience:
        """Who may read a document that ``person`` adds here: those who can read its request."""
        own = self.own(person)
        if self.kind is ChannelKind.PUBLIC:
            return own.together_with(Audience.of(team_label(self.team)))
        return own

    @property
    def readers_in_words(self) -> str:
        """``readers``, for the person who adds something here."""
        match self.kind:
            case ChannelKind.PUBLIC:
                return "all members of this workspace"
            case ChannelKind.DIRECT:
                return "only you"
            case ChannelKind.SHARED:
                return "everyone in that channel, which another organisation shares,"
        return "everyone in that channel"

    def own(self, person: str) -> Audience:
        """The label of this conversation: the channel, or the person in a direct message."""
        match self.kind:
            case ChannelKind.UNKNOWN:
                return Audience.of()
            case ChannelKind.DIRECT:
                return Audience.of(person_label(self.team, person))
            case _:
                return Audience.of(channel_label(self.team, self.channel))


class Conversations:
    """Asks Slack about each channel at most once a minute, also with many threads."""

    def __init__(self, look: Callable[[str], dict[str, Any]], team: str) -> None:
        self._look = look
        self._team = team
        self._lock = Lock()
        self._locks: dict[str, Lock] = {}
        self._known: dict[str, tuple[float, ChannelKind]] = {}

    def conversation(self, channel: str, *, shared: bool = False) -> Conversation:
        """The conversation of a question; ``shared`` is what the event said, and has priority.

        What is known may be one minute old, or ten while Slack does not answer. If it is older, or
        nothing is known, raises MessengerError. UNKNOWN is a channel that Slack refuses to
        describe.
        """
        return self._conversation(channel, shared, fresh=False)

    def as_it_is_now(self, channel: str, *, shared: bool = False) -> Conversation:
        """To add or list documents: Slack is always asked. Raises MessengerError."""
        return self._conversation(channel, shared, fresh=True)

    def _conversation(self, channel: str, shared: bool, *, fresh: bool) -> Conversation:
        with self._lock:
            lock = self._locks.setdefault(channel, Lock())
        with lock:
            kind = ChannelKind.SHARED if shared else self._kind(channel, fresh=fresh)
            if shared:
                self._known[channel] = (monotonic(), kind)
        return Conversation(self._team, channel, kind)

    def _kind(self, channel: str, *, fresh: bool) -> ChannelKind:
        asked, known = self._known.get(channel, (0.0, ChannelKind.UNKNOWN))
        age = monotonic() - asked
        is_known = known is not ChannelKind.UNKNOWN and not fresh
        if is_known and age <= _FRESH_SECONDS:
            return known
        try:
            kind = self._ask(channel)
        except MessengerError:
            if is_known and age <= _OUTAGE_SECONDS:
                return known
            raise
        self._known[channel] = (monotonic(), kind)
        return kind

    def _ask(self, channel: str) -> ChannelKind:
        try:
            return kind_of(self._look(channel))
        except MessengerError as error:
            if may_pass(error):
                raise
            return ChannelKind.UNKNOWN


def kind_of(channel: dict[str, Any]) -> ChannelKind:
    """The kind of the channel that ``conversations.info`` describes; public only if it says so."""
    shared = ("is_ext_shared", "is_pending_ext_shared", "is_org_shared", "is_shared")
    if any(channel.get(flag) for flag in shared):
        return ChannelKind.SHARED
    if channel.get("is_im"):
        return ChannelKind.DIRECT
    if channel.get("is_mpim") or channel.get("is_private") or channel.get("is_group"):
        return ChannelKind.PRIVATE
    if channel.get("is_channel") and channel.get("is_private") is False:
        return ChannelKind.PUBLIC
    return ChannelKind.UNKNOWN
