"""Says what people say was wrong with an answer."""

from bot.words import ENGLISH
from bot.words.faults import faults
from domain.questions import Rating
from domain.text import truncate, visible

_TEXT = 300
_FAULTS = faults(ENGLISH)


def what_was_wrong(rating: Rating) -> str:
    """``It is out of date. Right is: “…” It stands in: …``, as far as the person said it."""
    parts = []
    if rating.fault:
        parts.append(f"{_FAULTS[rating.fault]}.")
    if rating.reason:
        parts.append(f"“{one_line(rating.reason)}”")
    if rating.correction:
        parts.append(f"Right is: “{one_line(rating.correction)}”")
    if rating.source:
        parts.append(f"It stands in: {one_line(rating.source)}")
    return " ".join(parts)


def one_line(text: str) -> str:
    return truncate(visible(" ".join(text.split())), _TEXT)
