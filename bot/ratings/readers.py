"""Finds out whether a person can read the place of an answer, so that their rating counts."""

from collections.abc import Callable
from threading import Lock
from time import monotonic

from bot.slack.conversations import ChannelKind, Conversations
from bot.slack.people import People, Standing
from domain.errors import MessengerError, MessengerUnavailable

MembersPage = tuple[list[str], str]
"""Ids of members of a channel, and the name of the next page; empty if there is none."""

_FRESH_SECONDS = 300.0
_OUTAGE_SECONDS = 600.0
"""How long members are believed while Slack does not answer."""

_PAGES = 200
"""The most pages in which a member is looked for: 200,000 people."""

_CHANNELS = 50
"""Of how many channels the members are remembered."""


class Readers:
    """Asks Slack about each channel about once in five minutes.

    Only members are remembered, so that whoever joins can read at once.
    """

    def __init__(
        self,
        people: People,
        conversations: Conversations,
        page: Callable[[str, str], MembersPage],
    ) -> None:
        self._people = people
        self._conversations = conversations
        self._page = page
        self._lock = Lock()
        self._known: dict[str, tuple[float, frozenset[str]]] = {}

    def can_read(self, channel: str, person: str, asked_by: str) -> bool:
        """Whether ``person`` is a person who can read what ``asked_by`` was answered in a channel.

        A member of the workspace can open every public channel, others only what they are in.
        Raises MessengerError while Slack does not say so.
        """
        standing = self._people.standing(person)
        if standing in (Standing.BOT, Standing.GONE):
            return False
        kind = self._conversations.conversation(channel).kind
        if kind is ChannelKind.DIRECT:
            return person == asked_by
        if kind is ChannelKind.PUBLIC and standing is Standing.MEMBER:
            return True
        return self._is_in(channel, person)

    def _is_in(self, channel: str, person: str) -> bool:
        with self._lock:
            asked, known = self._known.get(channel, (0.0, frozenset[str]()))
        age = monotonic() - asked
        if person in known and age <= _FRESH_SECONDS:
            return True
        try:
            found = self._members(channel, person)
        except MessengerError:
            if person in known and age <= _OUTAGE_SECONDS:
                return True
            raise
        with self._lock:
            self._known.pop(channel, None)
            self._known[channel] = (monotonic(), found)
            if len(self._known) > _CHANNELS:
                del self._known[next(iter(self._known))]
        return person in found

    def _members(self, channel: str, person: str) -> frozenset[str]:
        """The members of a channel, up to the page that has ``person``."""
        found: set[str] = set()
        next_page = ""
        for _ in range(_PAGES):
            members, next_page = self._page(channel, next_page)
            found.update(members)
            if person in found or not next_page:
                return frozenset(found)
        raise MessengerUnavailable(f"{channel} has too many members to look through.")
