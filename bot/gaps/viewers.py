"""Who reads about gaps: a person, or everybody in a channel."""

from collections.abc import Iterable
from time import monotonic

from bot.ratings.readers import MembersPage, Readers
from bot.slack.conversations import ChannelKind, Conversations
from bot.slack.errors import may_pass
from bot.slack.message_ref import is_message_ref, message_ref
from bot.slack.people import People, Standing
from domain.errors import MessengerError, MessengerRefused
from domain.labels import EVERYONE, channel_label, person_label, team_label
from domain.questions import Audience, Question

_PEOPLE = 100
"""In a channel with more people, only what was asked in that channel is shown."""


class Viewers:
    """Makes viewers; each asks Slack anew, as far as nobody else just did."""

    def __init__(
        self, team: str, readers: Readers, people: People, conversations: Conversations
    ) -> None:
        self.team = team
        self.readers = readers
        self.people = people
        self.conversations = conversations

    def person(self, person: str, seconds: float | None = None) -> "PersonViewer":
        """After so many ``seconds`` what is not known is not readable: a form must be opened."""
        return PersonViewer(self, person, None if seconds is None else monotonic() + seconds)

    def channel(self, channel: str, members: MembersPage) -> "ChannelViewer":
        """``members`` is the first page of the channel's members."""
        return ChannelViewer(self, channel, members)


class PersonViewer:
    def __init__(self, viewers: Viewers, person: str, until: float | None) -> None:
        self._from = viewers
        self._person = person
        self._until = until
        self._known: dict[tuple[str, str], bool] = {}

    def may_read(self, question: Question) -> bool:
        """Raises MessengerError if Slack does not say so, unless there is no time to wait."""
        place = _place(question, self._from.team)
        if not place or question.is_private:
            return bool(place) and question.asked_by == self._person
        key = (place, question.asked_by if place.startswith("D") else "")
        if key not in self._known:
            if self._until is not None and monotonic() > self._until:
                return False
            self._known[key] = self._look(place, question.asked_by)
        return self._known[key]

    def audience(self, channels: Iterable[str]) -> Audience:
        team = self._from.team
        own = [person_label(team, self._person)]
        own += [channel_label(team, each) for each in channels if not each.startswith("D")]
        if self._is_member():
            own += [EVERYONE, team_label(team)]
        return Audience.of(*own)

    def _look(self, place: str, asked_by: str) -> bool:
        try:
            return self._from.readers.can_read(place, self._person, asked_by)
        except MessengerError as error:
            if self._until is None and may_pass(error):
                raise
            return False

    def _is_member(self) -> bool:
        try:
            return self._from.people.is_member(self._person)
        except MessengerError:
            if self._until is None:
                raise
            return False


class ChannelViewer:
    """Everybody who is in a channel: reads what all of them may read."""

    def __init__(self, viewers: Viewers, channel: str, members: MembersPage) -> None:
        self._from = viewers
        self._channel = channel
        people, more = members
        self._people = None if more or len(people) > _PEOPLE else people
        self._known: dict[str, bool] = {}

    def may_read(self, question: Question) -> bool:
        place = "" if question.is_private else _place(question, self._from.team)
        if place not in self._known:
            self._known[place] = bool(place) and self._look(place)
        return self._known[place]

    def audience(self, channels: Iterable[str]) -> Audience:  # noqa: ARG002 - its own documents
        return self._from.conversations.conversation(self._channel).audience("")

    def _look(self, place: str) -> bool:
        if place == self._channel:
            return True
        conversations = self._from.conversations
        if self._people is None:
            return False
        try:
            here = conversations.conversation(self._channel).kind
            there = conversations.conversation(place).kind
            # Whoever can open this channel later must be able to open that one too.
            if here not in (ChannelKind.PUBLIC, ChannelKind.PRIVATE) or (
                here is ChannelKind.PUBLIC and there is not ChannelKind.PUBLIC
            ):
                return False
            return all(self._can_read(place, person) for person in self._people)
        except MessengerRefused as error:
            if may_pass(error):
                raise
            return False

    def _can_read(self, place: str, person: str) -> bool:
        if self._from.people.standing(person) in (Standing.BOT, Standing.GONE):
            return True  # nobody reads there as them
        return self._from.readers.can_read(place, person, "")


def _place(question: Question, team: str) -> str:
    """The channel where a question was asked; empty if that is not in this workspace."""
    if not is_message_ref(question.id):
        return ""
    at = message_ref(question.thread or question.id)
    return at.channel if at.team == team else ""
