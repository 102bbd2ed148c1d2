"""Who can read what stands in a channel."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from threading import Lock
from time import monotonic
from typing import Any

from bot.slack_client import may_pass
from domain.errors import MessengerError
from domain.labels import EVERYONE
from domain.questions import Audience

_FRESH_SECONDS = 60.0


class Kind(Enum):
    PUBLIC = auto()
    PRIVATE = auto()
    DIRECT = auto()
    SHARED = auto()
    """With another organisation: not everyone who reads it belongs to the workspace."""
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class Conversation:
    channel: str
    kind: Kind

    def audience(self, person: str) -> Audience:
        """What may be read where a question stands; nothing where Slack did not say."""
        here = f"channel:{self.channel}"
        match self.kind:
            case Kind.PUBLIC:
                return Audience.everyone()
            case Kind.PRIVATE:
                return Audience.of(EVERYONE, here)
            case Kind.DIRECT:
                return Audience.of(EVERYONE, f"person:{person}")
            case Kind.SHARED:
                return Audience.of(here)
            case Kind.UNKNOWN:
                return Audience.of()

    def readers(self, person: str) -> Audience:
        """Who may read a document that was ingested here: the narrowest circle."""
        audience = self.audience(person)
        return audience if audience.is_everyone else Audience(audience.labels - {EVERYONE})


class Conversations:
    """Asks Slack about each channel once a minute at most, however many threads ask."""

    def __init__(self, look: Callable[[str], dict[str, Any]]) -> None:
        self._look = look
        self._lock = Lock()
        self._locks: dict[str, Lock] = {}
        self._known: dict[str, tuple[float, Kind]] = {}

    def conversation(self, channel: str, *, shared: bool = False) -> Conversation:
        """The place; ``shared`` is what the event itself said, and outweighs what is known.

        An outage of Slack changes nothing that is known. Raises MessengerError where nothing is
        known and Slack is away or busy; UNKNOWN is a channel of which Slack refuses to say more.
        """
        if shared:
            return Conversation(channel, Kind.SHARED)
        with self._lock:
            lock = self._locks.setdefault(channel, Lock())
        with lock:
            asked, kind = self._known.get(channel, (0.0, Kind.UNKNOWN))
            if kind is Kind.UNKNOWN or monotonic() - asked > _FRESH_SECONDS:
                try:
                    kind = self._ask(channel)
                except MessengerError:
                    if kind is Kind.UNKNOWN:
                        raise
                else:
                    self._known[channel] = (monotonic(), kind)
        return Conversation(channel, kind)

    def _ask(self, channel: str) -> Kind:
        try:
            return kind_of(self._look(channel))
        except MessengerError as error:
            if may_pass(error):
                raise
            return Kind.UNKNOWN


def kind_of(channel: dict[str, Any]) -> Kind:
    """The kind of what ``conversations.info`` described; public only where it says so."""
    shared = ("is_ext_shared", "is_pending_ext_shared", "is_org_shared", "is_shared")
    if any(channel.get(flag) for flag in shared):
        return Kind.SHARED
    if channel.get("is_im"):
        return Kind.DIRECT
    if channel.get("is_mpim") or channel.get("is_private") or channel.get("is_group"):
        return Kind.PRIVATE
    if channel.get("is_channel") and channel.get("is_private") is False:
        return Kind.PUBLIC
    return Kind.UNKNOWN
