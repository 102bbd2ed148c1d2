"""The marks of list items, as browsers show them: ``4.``, ``b.``, ``iii.``."""

from collections.abc import Sequence
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from knowledge.readers.html_tree import children

_ROMAN = (("x", 10), ("ix", 9), ("v", 5), ("iv", 4), ("i", 1))
_LAST_ROMAN = 39
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_DIGITS = 6  # of a number that is believed


@dataclass(slots=True)
class Marks:
    """The marks of one list, in order."""

    kind: str = ""
    number: int = 1
    step: int = 1

    def next(self, value: str) -> str:
        """The mark of the next item, which may bring its own number as ``value``."""
        if not self.kind:
            return "-"
        self.number = _number(value, self.number)
        written = _written(self.number, self.kind)
        self.number += self.step
        return f"{written}."


def marks_of(node: LexborNode, given: dict[str, str]) -> Marks:
    """The marks of the list ``node``, whose attributes are ``given``."""
    if node.tag != "ol":
        return Marks()
    is_reversed = "reversed" in given
    first = sum(child.tag == "li" for child in children(node)) if is_reversed else 1
    kind = given.get("type", "1") or "1"
    return Marks(kind, _number(given.get("start", ""), first), -1 if is_reversed else 1)


def _number(written: str, otherwise: int) -> int:
    digits = written.strip()
    is_number = digits.removeprefix("-").isdecimal() and len(digits) <= _DIGITS
    return int(digits) if is_number else otherwise


def _written(number: int, kind: str) -> str:
    if kind in ("a", "A") and 1 <= number <= len(_LETTERS):
        letter = _LETTERS[number - 1]
        return letter if kind == "a" else letter.upper()
    if kind in ("i", "I") and 1 <= number <= _LAST_ROMAN:
        roman = _roman(number, _ROMAN)
        return roman if kind == "i" else roman.upper()
    return str(number)


def _roman(number: int, signs: Sequence[tuple[str, int]]) -> str:
    written = ""
    for sign, worth in signs:
        written += sign * (number // worth)
        number %= worth
    return written
