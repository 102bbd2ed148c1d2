"""Where a written answer is kept: a card for those who can read each place where it was asked.

A card has the words of a question, so it is only for those who may read that question. What was
asked in public channels becomes one card, for all members of the workspace. Private places get
cards of their own, unless that one is for all who asked there.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.cards.experts import card_of
from bot.gaps.overview import channel_of, typical
from bot.slack.conversations import ChannelKind, Conversation, Conversations
from bot.slack.people import People
from domain.cards import Card, CardState
from domain.gaps import GapQuestion
from domain.questions import Audience, Question

_MOST = 8
"""The most places, where most was asked: a form carries 3,000 characters, which is enough for it to
carry all of them."""
_LONGEST = 1_000


@dataclass(frozen=True, slots=True)
class CardPlan:
    """The question whose words a card has, who may read it, and what kind of place they read in.

    A public place stands for all of them.
    """

    question_id: str
    readers: Audience
    kind: ChannelKind


class CardPlans:
    def __init__(self, conversations: Conversations, people: People) -> None:
        self._conversations = conversations
        self._people = people

    def of(self, questions: Sequence[GapQuestion]) -> list[CardPlan]:
        """The places of some questions, the public ones first. Raises MessengerError."""
        groups = defaultdict[str, list[GapQuestion]](list)
        places: dict[str, Conversation] = {}
        for one in questions:
            channel = channel_of(one.question)
            if not channel:
                continue
            places[channel] = self._conversations.conversation(channel)
            if places[channel].kind is not ChannelKind.UNKNOWN:
                is_public = places[channel].kind is ChannelKind.PUBLIC
                groups["" if is_public else channel].append(one)
        if "" in groups:
            for group in [
                each for each in groups if each and places[each].kind is not ChannelKind.SHARED
            ]:
                if self._are_members(groups[group]):
                    del groups[group]
        order = sorted(groups, key=lambda group: (group != "", -len(groups[group]), group))
        chosen = [found.question for group in order[:_MOST] if (found := typical(groups[group]))]
        return [_plan(each, places[channel_of(each)]) for each in chosen]

    def _are_members(self, questions: Sequence[GapQuestion]) -> bool:
        return all(map(self._people.is_member, {one.question.asked_by for one in questions}))


def _plan(question: Question, place: Conversation) -> CardPlan:
    return CardPlan(question.id, place.readers(question.asked_by), place.kind)


def in_words(places: Sequence[CardPlan]) -> str:
    """Who reads an answer that is kept for these places."""
    kinds = Counter(place.kind for place in places)
    public, shared = kinds.pop(ChannelKind.PUBLIC, 0), kinds.pop(ChannelKind.SHARED, 0)
    private = kinds.total()
    parts = ["all members of this workspace"] if public else []
    if private:
        those = "the private place" if private == 1 else f"the {private} private places"
        parts.append(f"those who can read {those} where it was asked")
    if shared:
        those = "the channel" if shared == 1 else f"the {shared} channels"
        who = "another organisation shares" if shared == 1 else "other organisations share"
        parts.append(f"everyone in {those} where it was asked, which {who}")
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
