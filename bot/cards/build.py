"""Builds the parts that ask experts, and keep what they write."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.cards.experts import Experts
from bot.cards.indexing import CardIndex
from bot.cards.keeping import Keeping
from bot.cards.lines import Lines
from bot.cards.narrowing import Narrowing
from bot.cards.work import CardWork
from bot.history.names import Names
from bot.jobs.runner import Runner
from bot.jobs.workers import Workers
from bot.slack.client import Me, SlackClient
from bot.slack.conversations import Conversations
from bot.slack.people import People
from domain.channels import ChannelSettings
from records.cards import Cards
from records.questions import Questions


@dataclass(frozen=True, slots=True)
class CardParts:
    experts: Experts
    keeping: Keeping
    narrowing: Narrowing


def build_cards(
    slack: SlackClient,
    me: Me,
    conversations: Conversations,
    people: People,
    names: Names,
    settings: Callable[[str], ChannelSettings],
    cards: Cards,
    questions: Questions,
    index: CardIndex,
    forms: Workers,
    soon: Callable[[], object],
    runner: Runner,
) -> CardParts:
    """``settings`` are those of a channel; ``soon`` does the due jobs, in a thread of its own."""
    lines = Lines(slack, names)
    CardWork(slack, names, cards, questions, conversations, lines, index, runner)
    return CardParts(
        Experts(slack, me, questions, cards, settings, names, forms, soon),
        Keeping(slack, me, conversations, people, names, cards, questions, lines, forms, soon),
        Narrowing(me, conversations, cards, index),
    )
