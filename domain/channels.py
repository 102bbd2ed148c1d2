"""What a channel's people chose for it."""

from dataclasses import dataclass
from enum import StrEnum

from domain.rules import Rules

WISHES = 500
"""The most characters of what a channel's people write for the model."""

CHOSEN = 50
"""The most sources and collections that they choose."""

ADDERS = 20
"""The most people whom they name."""


class When(StrEnum):
    """When the bot answers in a channel: MENTIONS only · FOLLOW_UPS in its threads too · QUESTIONS.

    The last are all that are asked in the channel, as far as documents support the whole answer.
    """

    MENTIONS = "mentions"
    FOLLOW_UPS = "follow-ups"
    QUESTIONS = "questions"


class From(StrEnum):
    """From which sources answers are made: ALL that may be read there · those added HERE · CHOSEN.

    None of these lets anybody read what was not given to the channel's readers.
    """

    ALL = "all"
    HERE = "here"
    CHOSEN = "chosen"


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """``emoji`` is the name of the one that asks for an answer to a message, or empty.

    ``expert`` is the id of the person who is asked what the documents do not say, or empty.
    ``wishes`` is what they wrote for the model. ``chosen`` are the sources and collections of
    ``From.CHOSEN``. ``language`` is the English name of the one in which is answered; empty: the
    question's own. ``adders`` are the ids of the only people who may add documents there; none:
    everybody whom the installation lets.
    """

    when: When = When.FOLLOW_UPS
    emoji: str = ""
    expert: str = ""
    wishes: str = ""
    sources: From = From.ALL
    chosen: tuple[str, ...] = ()
    language: str = ""
    adders: tuple[str, ...] = ()

    @property
    def rules(self) -> Rules:
        """What of it holds for the answers."""
        only = frozenset(self.chosen) if self.sources is From.CHOSEN else None
        return Rules(self.wishes, self.language, only)

    def lets_add(self, person: str) -> bool:
        return not self.adders or person in self.adders
