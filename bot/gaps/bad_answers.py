"""Says what people say was wrong with an answer."""

from bot.words import ENGLISH
from domain.questions import Fault, Rating
from domain.text import truncate, visible

_TEXT = 300
_FAULTS = {
    Fault.WRONG: ENGLISH.fault_wrong,
    Fault.OUTDATED: ENGLISH.fault_outdated,
    Fault.INCOMPLETE: ENGLISH.fault_incomplete,
    Fault.WRONG_SOURCE: ENGLISH.fault_source,
    Fault.UNWANTED: ENGLISH.fault_unwanted,
}


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
