"""Whether a number is the least or the most: ``at least 14``, ``no later than Friday``."""

from collections.abc import Iterator, Sequence
from itertools import takewhile

from domain.support.tokens import Token

LEAST, MOST = 1, -1

_BEFORE = {
    **dict.fromkeys(
        (
            *("at least", "no less than", "not less than", "no fewer than", "not fewer than"),
            *("no earlier than", "not earlier than", "not before", "not until"),
            *(
                "more than",
                "longer than",
                "later than",
                "older than",
                "higher than",
                "greater than",
            ),
            *("larger than", "heavier than", "minimum of", "minimum", "over", "above", "after"),
            *(
                "from",
                "exceeds",
                "exceed",
                "exceeding",
                "beyond",
                "since",
                "starting",
                "mindestens",
            ),
            *("ab", "über", "min.", "as of", "upwards of"),
        ),
        LEAST,
    ),
    **dict.fromkeys(
        (
            *("at most", "no more than", "not more than", "no later than", "not later than"),
            *("no longer than", "not longer than", "not exceed", "not to exceed", "up to"),
            *("less than", "fewer than", "shorter than", "earlier than", "younger than"),
            *("lower than", "lighter than", "smaller than", "maximum of", "maximum", "under"),
            *("below", "before", "within", "inside", "until", "till", "by"),
            *("höchstens", "bis", "unter"),
            *("a maximum of", "not over", "not above", "not after", "not beyond", "maximal"),
        ),
        MOST,
    ),
}
_BEFORE |= dict.fromkeys(
    ("au moins", "plus de", "après", "al menos", "como mínimo", "más de", "a partir de", "desde"),
    LEAST,
)
_BEFORE |= dict.fromkeys(
    (
        *("au maximum", "au plus", "moins de", "avant", "jusque à", "como máximo", "menos de"),
        *("antes de", "hasta", "no supera", "no superan", "no superar", "no más de"),
    ),
    MOST,
)
_BEFORE |= dict.fromkeys(
    (
        *("nicht weniger als", "nicht vor", "pas moins de", "no menos de", "niet minder dan"),
        *("non meno di", "não menos de", "не менее", "не менше", "nie mniej niż"),
        *("inte mindre än", "ikke mindre end", "tidak kurang dari", "không ít hơn"),
    ),
    LEAST,
)
_BEFORE |= dict.fromkeys(
    (
        *("nicht mehr als", "nicht länger als", "nicht später als", "pas plus de"),
        *("niet meer dan", "niet later dan", "non più di", "non oltre", "não mais de"),
        *("не более", "не больше", "не позднее", "не більше", "не пізніше", "nie więcej niż"),
        *("nie później niż", "inte mer än", "ikke mere end", "tidak lebih dari", "không quá"),
    ),
    MOST,
)
_BEFORE |= {">": LEAST, "≥": LEAST, "<": MOST, "≤": MOST}
_MORE = "faster wider deeper bigger warmer hotter taller thicker farther further stronger quicker"
_LESS = "slower narrower shallower colder cooler thinner closer cheaper nearer weaker quicker"
_BEFORE |= {f"{word} than": LEAST for word in _MORE.split()}
_BEFORE |= {f"{word} than": MOST for word in _LESS.split()}
_BEHIND = {
    **dict.fromkeys(
        tuple(
            f"{joined} {word}"
            for joined in ("or", "and")
            for word in "more above over older later higher greater longer larger newer".split()
        ),
        LEAST,
    ),
    **dict.fromkeys(
        tuple(
            f"{joined} {word}"
            for joined in ("or", "and")
            for word in "less below under fewer younger earlier lower shorter smaller".split()
        ),
        MOST,
    ),
    **dict.fromkeys(("at the latest", "at most", "at the most", "as a maximum", "maximum"), MOST),
    **dict.fromkeys(
        ("at the earliest", "at least", "at the least", "as a minimum", "minimum"), LEAST
    ),
}
_AMOUNTS = frozenset(
    ("at least", "no less than", "not less than", "more than", "at most", "no more than")
)
_BEYOND = frozenset("more longer later older higher greater larger heavier".split())
_NO = frozenset("no not never nobody none nothing".split())
_BACK_TO_NO = 6
"""How many words before ``more than`` the ``no`` may stand that denies it."""
_NOTS = frozenset("no not nicht pas niet non não не nie inte ikke tidak không".split())
_PLACES = frozenset(("at", "after", "when", "once"))
_BACK = frozenset(("before", "prior", "vor"))
_BEFORE_ENDS = frozenset(phrase.split()[-1] for phrase in _BEFORE)
_BEHIND_STARTS = frozenset(phrase.split()[0] for phrase in _BEHIND)
_NEXT = frozenset(("to", "and", "until", "till", "bis", "und", "à", "et", "hasta", "y"))
_ALSO_PLACES = frozenset(("over", "above", "beyond"))
_THE = (["the"], ["a"], ["our"], ["your"])
_LONGEST = 4
_REACH = 5
"""How many words behind ``at least`` its number may stand."""


def denied_limits(lows: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The ``no`` and the ``more`` of ``No room holds more than 20 people``: it holds 20 at most.

    Nothing is denied by it but what goes beyond the number.
    """
    for at in range(1, len(lows) - 1):
        if lows[at] in _BEYOND and lows[at + 1] == "than":
            start = max(0, at - _BACK_TO_NO)
            words = takewhile(str.isalpha, reversed(lows[start:at]))
            no = next((n for n, low in enumerate(words, 1) if low in _NO), 0)
            if no:
                yield at - no, at


def bounds(words: Sequence[Token]) -> dict[int, int]:
    """From the position of each token to 1 if it is the least, -1 if it is the most."""
    found: dict[int, int] = {}
    lows = [word.low for word in words]
    turned = {more for _, more in denied_limits(lows)}
    for at in range(1, len(lows)):
        if lows[at - 1] not in _BEFORE_ENDS:
            continue
        for length in range(min(_LONGEST, at), 0, -1):
            if limit := _BEFORE.get(" ".join(lows[at - length : at])):
                is_not = lows[at - length - 1 : at - length] == ["not"]
                if is_not or (limit == LEAST and at - length in turned):
                    limit = -limit
                if _is_counted_back(lows, at - length, length, at) or _is_agent(words, at):
                    break
                if lows[at] in _PLACES:  # "reach the maximum after 10 years"
                    break
                for further in range(at, min(at + _REACH, len(lows))):
                    is_next = words[further].is_sign or lows[further] in _NEXT
                    if is_next and further > at:
                        break
                    found[further] = limit
                break
    for start in range(1, len(lows)):
        if lows[start] not in _BEHIND_STARTS:
            continue
        for length in (1, 2, 3):
            if limit := _BEHIND.get(" ".join(lows[start : start + length])):
                is_sure = lows[start] in ("or", "and")  # "9 at most" can be "and at most 9"
                for at in range(max(0, start - 3), start):
                    found[at] = limit if is_sure else found.get(at, limit)
    return found


def _is_agent(words: Sequence[Token], at: int) -> bool:
    """Whether ``by`` tells who: ``by two nurses``; ``by 5 May`` and ``by 9:30`` tell when."""
    if words[at - 1].low != "by":
        return False
    behind = words[at + 1].low if at + 1 < len(words) else ""
    return (
        words[at].low.isalpha()
        and words[at].text.islower()
        and behind.endswith(("s", "people", "person"))
    )


def _is_counted_back(lows: Sequence[str], start: int, length: int, at: int) -> bool:
    """Whether it can be either: ``at least a week before`` is ``no later than a week before``."""
    is_amount = " ".join(lows[start : start + length]) in _AMOUNTS
    return is_amount and not _BACK.isdisjoint(lows[at + 1 : at + _REACH])


def limiting(lows: Sequence[str], at: int) -> int:
    """How many tokens from ``at`` only limit a number, although ``not`` or ``no`` is in them."""
    if lows[at] not in _NOTS:
        return 0
    for length in range(_LONGEST, 1, -1):
        if " ".join(lows[at : at + length]) in _BEFORE:
            is_place = lows[at + 1] in _ALSO_PLACES and lows[at + length : at + length + 1] in _THE
            return 0 if is_place else length
    return 0
