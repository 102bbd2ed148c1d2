"""Values in answers, and others of the same kind: what a saboteur writes, and what changes.

The kinds are numbers, numbers in words, months, days of the week, and names.
"""

import re
from collections.abc import Iterable
from random import Random

from bench.month.questions import Asked

_NUMBERS = "two three four five six seven eight nine ten eleven twelve".split()
_MONTHS = (
    "January February March April May June July August September October November December".split()
)
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_ORDER = ("number", "word", "name", "")
_LISTS = (_NUMBERS, _MONTHS, _DAYS)

_DIGITS = re.compile(r"\d+")
_SHORT = 5
"""How many words a value has at most; a longer one is a sentence, and has no kind."""

_TRIES = 50
_FAR = 0.3
"""How far another number is from a number, as a share of it."""

_SHORT_MONTH = 28
"""The most that a number of a day of a month may become, since it may be one."""

_YEARS = 25
"""How far another number of four digits is; most of them are years."""


def kind_of(value: str) -> str:
    """``number``, ``word`` of one of the lists above, ``name``, or empty for anything else."""
    if _DIGITS.search(value) and len(value.split()) <= _SHORT:
        return "number"
    if any(_place(value, some) is not None for some in _LISTS):
        return "word"
    words = value.split()
    is_name = bool(words) and len(words) <= _SHORT and all(word[:1].isupper() for word in words)
    return "name" if is_name else ""


def by_kind(questions: Iterable[Asked]) -> list[Asked]:
    """Those whose answers are numbers first: another name is more seldom a plausible one."""
    return sorted(questions, key=lambda one: order_of(one.accepted))


def order_of(value: str) -> int:
    """Less for a value of which others are more plausible."""
    return _ORDER.index(kind_of(value))


def another(value: str, known: Iterable[str], text: str, rng: Random) -> str:
    """A value of the same kind that is not in ``text``; empty if there is none.

    ``known`` are the values that names are taken from. A number keeps its digits' count, and
    everything around it.
    """
    tries = _others(value, known, rng)
    return next((one for one in tries if one != value and not holds(text, one)), "")


def _others(value: str, known: Iterable[str], rng: Random) -> Iterable[str]:
    match kind_of(value):
        case "number":
            return (_other_number(value, rng) for _ in range(_TRIES))
        case "word":
            return _shuffled(_others_in_list(value), rng)
        case "name":
            return _shuffled(sorted({name for name in known if _is_like(name, value)}), rng)
    return ()


def holds(text: str, value: str) -> bool:
    """Whether a text has a value as whole words: £450 does not have £45."""
    return bool(re.search(_whole(value), text, re.IGNORECASE))


def replaced(text: str, old: str, new: str) -> str:
    """The text with ``new`` wherever ``old`` stood as whole words."""
    return re.sub(_whole(old), lambda _: new, text)


def _whole(value: str) -> str:
    return rf"(?<!\w)(?<!\d[.,]){re.escape(value)}(?!\w)(?![.,]\d)"


def _other_number(value: str, rng: Random) -> str:
    """Changes one of the numbers to one near it that has as many digits."""
    found = rng.choice(list(_DIGITS.finditer(value)))
    digits = found.group()
    number, width = int(digits), len(digits)
    far = _YEARS if width == 4 else max(3, round(number * _FAR))
    least = 0 if width == 1 or digits[0] == "0" else 10 ** (width - 1)
    most = min(_SHORT_MONTH, 10**width - 1) if number <= _SHORT_MONTH else 10**width - 1
    new = rng.randint(max(least, number - far), min(most, number + far))
    return f"{value[: found.start()]}{new:0{width}}{value[found.end() :]}"


def _others_in_list(value: str) -> list[str]:
    some = next(some for some in _LISTS if _place(value, some) is not None)
    place = _place(value, some)
    return [word.capitalize() if value[0].isupper() else word for word in some if word != place]


def _place(value: str, some: Iterable[str]) -> str | None:
    return next((word for word in some if word.casefold() == value.casefold()), None)


def _is_like(name: str, value: str) -> bool:
    return kind_of(name) == "name" and len(name.split()) == len(value.split())


def _shuffled(values: list[str], rng: Random) -> list[str]:
    return rng.sample(values, len(values))
