"""Where a written answer is kept: a card for those who can read each place where it was asked.

A card has the words of a question, so it is only for those who may read that question. What was
asked in public channels becomes one card, for all members of the workspace. Private places get
cards of their own, unless that one is for all who asked there.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.cards.experts import card_of
from bot.gaps.overview import channel_of, typical
from bot.slack.conversations import ChannelKind, Conversations
from bot.slack.people import People
from domain.cards import Card, CardState
from domain.gaps import GapQuestion
from domain.questions import Audience, Question

_MOST = 8
"""The most places, where most was asked: a form carries 3,000 characters."""
_LONGEST = 1_000


@dataclass(frozen=True, slots=True)
class CardPlan:
    """The question whose words a card has, and who may read it."""

    question_id: str
    readers: Audience
    is_public: bool = False


class CardPlans:
    def __init__(self, conversations: Conversations, people: People) -> None:
        self._conversations = conversations
        self._people = people

    def of(self, questions: Sequence[GapQuestion]) -> list[CardPlan]:
        """The places of some questions, the public ones first. Raises MessengerError."""
        groups = defaultdict[str, list[GapQuestion]](list)
        readers: dict[str, Audience] = {}
        kinds: dict[str, ChannelKind] = {}
        for one in questions:
            channel = channel_of(one.question)
            if not channel:
                continue
            conversation = self._conversations.conversation(channel)
            if conversation.kind is ChannelKind.UNKNOWN:
                continue
            is_public = conversation.kind is ChannelKind.PUBLIC
            group = "" if is_public else channel
            own = conversation.readers(one.question.asked_by)
            readers[group] = readers.get(group, Audience.of()).together_with(own)
            kinds[group] = conversation.kind
            groups[group].append(one)
        if "" in groups:
            for group in [
                each for each in groups if each and kinds[each] is not ChannelKind.SHARED
            ]:
                if self._are_members(groups[group]):
                    del groups[group]
        order = sorted(groups, key=lambda group: (group != "", -len(groups[group]), group))
        return [
            CardPlan(found.question.id, readers[group], is_public=not group)
            for group in order[:_MOST]
            if (found := typical(groups[group]))
        ]

    def _are_members(self, questions: Sequence[GapQuestion]) -> bool:
        return all(map(self._people.is_member, {one.question.asked_by for one in questions}))


def in_words(places: Sequence[CardPlan]) -> str:
    """Who reads an answer that is kept for these places."""
    private = sum(not place.is_public for place in places)
    parts = ["all members of this workspace"] if len(places) > private else []
    if private:
        those = "the private place" if private == 1 else f"the {private} private places"
        parts.append(f"those who can read {those} where it was asked")
    return ", and to ".join(parts) or "nobody"


def card_for(place: CardPlan, question: Question, answer: str, person: str, now: datetime) -> Card:
    """The verified card of an answer that ``person`` wrote."""
    return replace(
        card_of(question, person),
        state=CardState.VERIFIED,
        question=" ".join(question.text.split())[:_LONGEST],
        answer=answer,
        audience=place.readers,
        confirmed_by=person,
        confirmed_at=now,
    )
