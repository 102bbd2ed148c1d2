"""The text of words and lines: ligatures, raised digits, hyphens at the ends of lines."""

import re
import unicodedata
from collections.abc import Container, Sequence

from knowledge.readers import clean
from knowledge.readers.pdf.page import Word

_LEADER = re.compile(r"(?:[ ]?[.·_…]){4,}+")
_RAISED = re.compile(r"[-+−–]?\d{1,3}")
_POWERS = re.compile(r"(?:^|[\s(×x·*/])(?:10|[A-Za-z]{1,2}|\)|µm|km|cm|mm)$")
_CONJUNCTIONS = ("and", "or", "und", "oder", "bzw", "et", "ou")  # as in "on- and off-shore"
_DASHES = "-‐–"  # as in "2024-2026", which is no divided word
SOFT = "\xad"


def is_right_to_left(text: str) -> bool:
    return sum(unicodedata.bidirectional(c) in ("R", "AL") for c in text) > len(text) / 2


def is_raised(word: Word, base: float, size: float) -> bool:
    return word.size < 0.85 * size and base - word.base > 0.15 * size


def text_of(words: Sequence[Word], base: float, size: float, notes: Container[str] = ()) -> str:
    """One line of text. Raised digits are powers, but for ``notes``, those of footnotes."""
    if is_right_to_left("".join(word.text for word in words)):
        words = words[::-1]
    made: list[str] = []
    end = None
    for word in words:
        gap = abs(word.x0 - end) if end is not None else 0.0
        end = word.x1
        if is_raised(word, base, size) and _RAISED.fullmatch(word.text):
            before = made[-1] if made else ""
            is_power = bool(before) and (bool(_POWERS.search(before)) or before[-1:].isdigit())
            if word.text in notes and not _POWERS.search(before):
                continue
            made.append(f"^{word.text}" if is_power else f" {word.text}" if made else word.text)
        elif made and (word.is_spaced or gap > 0.25 * size):
            made.append(f" {word.text}")
        else:
            made.append(word.text)
    whole = "".join(made)
    return plain(whole) + (SOFT if whole.endswith(SOFT) else "")


def plain(text: str) -> str:
    """``text`` in one line, with the dots that lead to a page number as one sign."""
    return _LEADER.sub(" … ", clean.line(text)).replace("  ", " ").strip()


def joined(lines: Sequence[str], words: Container[str]) -> str:
    """Lines as one text. A word that a hyphen divides at a line's end becomes whole.

    It is where its second half begins in lower case, unless only the word with the hyphen is among
    ``words``, those of the whole document in lower case.
    """
    made = list(lines[:1])
    for line in lines[1:]:
        made[-1], between = _end(made[-1], line, words)
        made.append(between + line)
    return "".join(made).replace(SOFT, "")


def _end(before: str, after: str, words: Container[str]) -> tuple[str, str]:
    """The end of a line as it stays, and what stands between it and the next one."""
    if before.endswith(SOFT):
        return before.rstrip(SOFT), ""
    if before[-2:-1].isdigit() and before[-1] in _DASHES and after[:1].isdigit():
        return before, ""
    if not before.endswith(("-", "‐")) or not before[-2:-1].isalpha():
        return before, " "
    first = before.rsplit(" ", 1)[-1].rstrip("-‐")
    second = after.split(" ", 1)[0].rstrip(".,;:!?)")
    if second in _CONJUNCTIONS:
        return before, " "
    whole, parted = (first + second).lower(), f"{first}-{second}".lower()
    if whole in words or (second[:1].islower() and parted not in words):
        return before[:-1], ""
    return before, ""
