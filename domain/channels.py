"""What a channel's people chose for it."""

from dataclasses import dataclass
from enum import StrEnum


class When(StrEnum):
    """When the bot answers in a channel: MENTIONS only · FOLLOW_UPS in its threads too · QUESTIONS.

    The last are all that are asked in the channel, as far as documents support the whole answer.
    """

    MENTIONS = "mentions"
    FOLLOW_UPS = "follow-ups"
    QUESTIONS = "questions"


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """``emoji`` is the name of the one that asks for an answer to a message, or empty.

    ``expert`` is the id of the person who is asked what the documents do not say, or empty.
    """

    when: When = When.FOLLOW_UPS
    emoji: str = ""
    expert: str = ""
