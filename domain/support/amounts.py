"""Amounts in a sentence, in digits or in words: ``1,200``, ``½``, ``twenty five``."""

import re
from collections.abc import Sequence

from domain.support.tokens import Token
from domain.support.units import NUMBERS, SCALES, TENS

DIGITS = re.compile(
    r"([-−]?)([$€£¥]?)(\d+(?:[.,'’]\d+)*+)(st|nd|rd|th|[a-zµ°%$€£¥²³·][a-z%²³·/]*)?"
)
"""A number with its sign, the currency before it, and what is written behind it."""

SHARES = {"half": 0.5, "quarter": 0.25, "quarters": 0.25, "third": 1 / 3, "thirds": 1 / 3}
SHARES |= dict.fromkeys(("halbe", "halben", "halber", "demi", "demie", "media", "medio"), 0.5)

_FRACTION = re.compile(r"(\d{1,3})/(\d{1,3})")
_GROUPED = re.compile(r"\d{1,3}(?:[.,'’]\d{3})+")
_THREE = re.compile(r"\d{3}")
_HALVES = {"½": 0.5, "¼": 0.25, "¾": 0.75, "⅓": 1 / 3, "⅔": 2 / 3}


def amount_at(words: Sequence[Token], at: int) -> tuple[frozenset[float], int]:
    """What the number at ``at`` can mean, and how many tokens it takes; empty if there is none."""
    low = words[at].low
    if low in _HALVES:
        return frozenset((_HALVES[low],)), 1
    if fraction := _FRACTION.fullmatch(low):
        top, bottom = map(float, fraction.groups())
        return frozenset((top / bottom if bottom else top,)), 1
    if low[:-1].isdigit() and low[-1] in _HALVES:
        return frozenset((float(low[:-1]) + _HALVES[low[-1]],)), 1
    if found := DIGITS.fullmatch(low):
        read = _readings(found[3])
        if found[1]:
            read = frozenset(-one for one in read)
        used = 1
        rest = words[at + 1 : at + 4]
        if not found[4] and len(found[3]) <= 3:
            while used <= len(rest) and _THREE.fullmatch(rest[used - 1].low):
                read = frozenset(one * 1000 + float(rest[used - 1].low) for one in read)
                used += 1
        if used <= len(rest) and rest[used - 1].low in _HALVES:
            read, used = frozenset(one + _HALVES[rest[used - 1].low] for one in read), used + 1
        return _scaled(words, at, read, used)
    if low in NUMBERS or low in SHARES or low in SCALES or (low == "a" and scale_at(words, at + 1)):
        return _in_words(words, at)
    return frozenset(), 1


def _scaled(
    words: Sequence[Token], at: int, read: frozenset[float], used: int
) -> tuple[frozenset[float], int]:
    if factor := scale_at(words, at + used):
        return frozenset(one * factor for one in read), used + 1
    return read, used


def scale_at(words: Sequence[Token], at: int) -> float:
    """What the word at ``at`` multiplies a number by; 0 if it does not."""
    return SCALES.get(words[at].low, 0.0) if at < len(words) else 0.0


def _in_words(words: Sequence[Token], at: int) -> tuple[frozenset[float], int]:
    """``twenty five``, ``one hundred and twenty``, ``three quarters``, ``a thousand``."""
    total, part, used = 0.0, 0.0, 0
    last = ""
    while at + used < len(words):
        low = words[at + used].low
        if low in SCALES:
            part = (part or 1.0) * SCALES[low]
            if SCALES[low] >= 1000:
                total, part = total + part, 0.0
        elif low in SHARES:
            part = (part or 1.0) * SHARES[low]
            return frozenset((total + part,)), used + 1
        elif low in NUMBERS and (not last or last in TENS or last in SCALES or last == "and"):
            part += NUMBERS[low]
        elif low == "a" if not used else _goes_on(words, at + used, last):
            pass
        else:
            break
        last = low
        used += 1
    return frozenset((total + part,)), used


def _goes_on(words: Sequence[Token], at: int, last: str) -> bool:
    """Whether the ``and`` at ``at`` is within a number: ``two hundred and five``."""
    return words[at].low == "and" and last in SCALES and word_at(words, at + 1) in NUMBERS


def _readings(digits: str) -> frozenset[float]:
    """``1.000`` is a thousand and one; ``1,5`` is one and a half."""
    plain = digits.replace("'", "").replace("’", "")
    read = set[float]()
    if _GROUPED.fullmatch(digits):
        read.add(float(re.sub(r"[.,'’]", "", digits)))
    last = max(plain.rfind("."), plain.rfind(","))
    whole, part = (plain[:last], plain[last + 1 :]) if last >= 0 else (plain, "")
    whole = whole.replace(".", "").replace(",", "")
    if plain.count(".") + plain.count(",") <= 1 or ("." in plain and "," in plain):
        read.add(float(f"{whole or 0}.{part or 0}"))
    return frozenset(read or {float(re.sub(r"\D", "", digits))})


def word_at(words: Sequence[Token], at: int) -> str:
    """The word at ``at``; empty if there is none."""
    return words[at].low if 0 <= at < len(words) else ""
