"""Builds the parts that ask experts, and keep what they write."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.cards.experts import Experts
from bot.cards.indexing import CardIndex
from bot.cards.keeping import Keeping
from bot.cards.lines import Lines
from bot.cards.narrowing import Narrowing
from bot.cards.work import CardWork
from bot.core import Core
from domain.channels import ChannelSettings


@dataclass(frozen=True, slots=True)
class CardParts:
    experts: Experts
    keeping: Keeping
    narrowing: Narrowing


def build_cards(
    core: Core, settings: Callable[[str], ChannelSettings], index: CardIndex
) -> CardParts:
    """``settings`` are those of a channel."""
    slack, me, names, conversations = core.slack, core.me, core.brisk_names, core.conversations
    cards, questions, forms = core.records.cards, core.records.questions, core.threads.forms
    lines = Lines(slack, names)
    CardWork(
        *(slack, core.names, core.people, cards, questions, conversations),
        *(lines, index, core.runner),
    )
    keeping = Keeping(
        *(slack, me, conversations, core.people, names),
        *(cards, questions, lines, forms, core.soon),
    )
    return CardParts(
        Experts(slack, me, core.people, questions, cards, settings, names, forms, core.soon),
        keeping,
        Narrowing(me, conversations, cards, index),
    )
