"""Decides which questions and answers of a night may be shown to whom.

A night trains only on what everyone could read, but the report is read later, by whoever is in its
channel. So each question is looked at again: its answer must not have been deleted, nor its
sources restricted, and the channel in which it was asked must still be public. Where guests read
the report, or people of another organisation, only what was asked in that same channel is shown.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache

from bot.ratings.readers import MembersPage
from bot.slack.client import Me
from bot.slack.conversations import ChannelKind, Conversations
from bot.slack.message_ref import is_message_ref, message_ref
from bot.slack.people import People, Standing
from domain.adapters import ChangedAnswer
from domain.errors import MessengerRefused, NotFound
from domain.questions import RatedAnswer
from records.answers import Answers
from records.consent import Consent
from records.grants import Grants

SHOWN = 5
"""How many answers a report shows."""

_LOOKED_AT = 50
"""The most questions of a night that are looked at."""

_MEMBERS = 100
"""In a channel with more members it is not known whether guests are among them."""


class ShownAnswers:
    """Every method raises DatabaseUnavailable, and MessengerError while Slack does not answer."""

    def __init__(
        self,
        me: Me,
        conversations: Conversations,
        people: People,
        answers: Answers,
        grants: Grants,
        consent: Consent,
        members: Callable[[str, str], MembersPage],
    ) -> None:
        self._me = me
        self._conversations = conversations
        self._people = people
        self._answers = answers
        self._grants = grants
        self._consent = consent
        self._members = members

    def in_channel(self, channel: str, changed: Sequence[ChangedAnswer]) -> list[ChangedAnswer]:
        """Those that everyone who reads the channel may read."""
        # Slack is asked about each of them, so only if there is something to show.
        for_members = cache(lambda: self._has_only_members(channel))
        return self._chosen(changed, lambda asked_in: asked_in == channel or for_members())

    def for_person(self, person: str, changed: Sequence[ChangedAnswer]) -> list[ChangedAnswer]:
        """Those that a person may read; none for guests."""
        if not self._people.is_member(person):
            return []
        return self._chosen(changed, lambda _: True)

    def _chosen(
        self, changed: Sequence[ChangedAnswer], may_be_from: Callable[[str], bool]
    ) -> list[ChangedAnswer]:
        found: list[ChangedAnswer] = []
        for one in self._open(changed[:_LOOKED_AT], may_be_from):
            found.append(one)
            if len(found) == SHOWN:
                break
        return found

    def _open(
        self, changed: Sequence[ChangedAnswer], may_be_from: Callable[[str], bool]
    ) -> Iterator[ChangedAnswer]:
        kept_out = self._consent.kept_out()
        for one in changed:
            rated = self._rated(one.answer_id)
            if (
                rated
                and rated.was_open
                and rated.question.asked_by not in kept_out
                and self._are_readable(rated)
                and self._was_asked_openly(rated, may_be_from)
            ):
                yield one

    def _rated(self, answer_id: str) -> RatedAnswer | None:
        """The answer as it is stored now; None if it was deleted."""
        try:
            question = self._answers.question_of(answer_id)
            return RatedAnswer(question, self._answers.get(answer_id))
        except NotFound:
            return None

    def _was_asked_openly(self, rated: RatedAnswer, may_be_from: Callable[[str], bool]) -> bool:
        """Whether it was asked at the terminal, for everyone, or in what is a public channel."""
        if not is_message_ref(rated.question.id):
            return may_be_from("")
        at = message_ref(rated.question.thread or rated.question.id)
        if at.team != self._me.team:
            return False
        is_public = self._conversations.conversation(at.channel).kind is ChannelKind.PUBLIC
        return is_public and may_be_from(at.channel)

    def _are_readable(self, rated: RatedAnswer) -> bool:
        sources = {passage.source for passage in rated.answer.passages}
        return self._grants.readable_by_all(sources) >= sources

    def _has_only_members(self, channel: str) -> bool:
        kind = self._conversations.conversation(channel).kind
        if kind in (ChannelKind.SHARED, ChannelKind.UNKNOWN):
            return False
        try:
            found, next_page = self._members(channel, "")
        except MessengerRefused:
            return False
        if next_page or len(found) > _MEMBERS:
            return False
        return all(self._people.standing(one) is not Standing.GUEST for one in found)
