"""Shows a spreadsheet's number as its format does: as a date, in percent, with its unit."""

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from knowledge.readers.cells import duration, number, shown

GENERAL = "General"
BUILT_IN = {
    **dict.fromkeys((2, 4, 39, 40), "0.00"),
    **dict.fromkeys((14, 15, 16, 17, *range(27, 32), 36, *range(50, 59)), "yyyy-mm-dd"),
    **dict.fromkeys((18, 19, 20, 21, 32, 33, 34, 35, 45, 47), "hh:mm"),
    9: "0%",
    10: "0.00%",
    22: "yyyy-mm-dd hh:mm",
    46: "[h]:mm",
}
"""Excel's formats that files name by number alone; others show the plain number."""

_LONGEST = 255  # characters; Excel keeps no longer ones
_TOKEN = re.compile(
    r'"([^"]*+)"?|\\(.)|\[\$([^\]-]{0,9})[^\]]{0,30}\]|\[([^\]]{0,40})\]|[_*].'
    r"|((?i:General)|@)|(.)",
    re.DOTALL,
)
_CONDITION = re.compile(r"([<>=]{1,2}) ?(-?\d{1,15}(?:\.\d{1,15})?)")
_COMPARED: dict[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_OF_NUMBERS = 3  # sections; a fourth is for texts
_CURRENCIES = "€$£¥ "
_DASHES = "-−–—"
_THOUSANDS = re.compile(r"[0#?](,++)(?![0#?])")  # behind all digits, or in front of the point
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's dates have no zone
_DAYS_UNTIL_1904 = 1462
_LAST_DAY = 2_958_465  # the year 9999
_MONTH_OR_MINUTE = "m"


@dataclass(frozen=True, slots=True)
class _Section:
    """How the numbers of one kind are shown.

    ``before`` and ``after`` stand around the number, such as a currency, or alone where there is no
    place for it. ``is_signed`` unless they tell that it is negative.
    """

    is_date: bool = False
    is_time: bool = False
    is_duration: bool = False
    is_percent: bool = False
    before: str = ""
    after: str = ""
    digits: int = 0
    decimals: int = 0
    thousands: int = 0
    """How many times it is shown in thousands: twice for millions."""
    has_number: bool = True
    shows_zero: bool = True
    is_signed: bool = True
    condition: tuple[str, float] | None = None

    def holds(self, value: float) -> bool:
        return self.condition is None or _COMPARED[self.condition[0]](value, self.condition[1])

    def show(self, value: float, *, is_1904: bool) -> str:
        if self.is_duration:
            return duration(value * 86_400)
        if self.is_date or self.is_time:
            return self._moment(value + _DAYS_UNTIL_1904 * is_1904)
        if not self.has_number:
            return f"{self.before}{self.after}".strip()
        scaled = (value if self.is_signed else abs(value)) / 1_000**self.thousands
        text = number(scaled * 100 if self.is_percent else scaled)
        if self.decimals or self.digits > 1:
            text = self._padded(text)
        unit = "%" if self.is_percent else ""
        return f"{self.before}{text}{unit}{self.after}".strip()

    def _moment(self, days: float) -> str:
        if not 0 <= days <= _LAST_DAY:
            return number(days)
        moment = _EPOCH + timedelta(seconds=round(days * 86_400))
        if not self.is_date or days < 1:
            return shown(moment.time())
        return shown(moment) if self.is_time else moment.date().isoformat()

    def _padded(self, text: str) -> str:
        """``text`` with the digits that the format always shows; none is ever cut off."""
        if "e" in text or not text:
            return text
        whole, _, part = text.partition(".")
        sign = "-" if whole.startswith("-") else ""
        whole = sign + whole.removeprefix("-").zfill(self.digits)
        part = part.ljust(self.decimals, "0")
        return f"{whole}.{part}" if part else whole


_PLAIN = _Section()


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """One section, or several of which the first is shown whose condition a number meets."""

    sections: Sequence[_Section] = (_PLAIN,)

    def show(self, value: float, *, is_1904: bool = False) -> str:
        """``value`` as text; dates count from 1900, or from 1904."""
        section = next((each for each in self.sections if each.holds(value)), _PLAIN)
        return section.show(value, is_1904=is_1904)


_Token = tuple[str, ...]


def number_format(code: str) -> NumberFormat:
    """The format that ``code`` writes, as in ``0.00 "kg"``."""
    if not code or len(code) > _LONGEST:
        return NumberFormat()
    written: list[list[_Token]] = [[]]
    for token in _TOKEN.findall(code):
        if token[-1] == ";":
            written.append([])
        else:
            written[-1].append(token)
    if len(written) > 1 and any(token[-2] == "@" for token in written[-1]):
        written.pop()  # it says how texts are shown
    sections = _with_conditions([_section(tokens) for tokens in written[:_OF_NUMBERS]])
    return NumberFormat(tuple(_with_its_sign(each, sections) for each in sections))


def _with_conditions(sections: list[_Section]) -> list[_Section]:
    """Where none has a condition, the second is for negative numbers, and the third for zero."""
    if len(sections) == 1 or any(each.condition for each in sections):
        return sections
    positive, negative, *rest = sections
    zero = [
        replace(each, condition=("=", 0), has_number=each.has_number and each.shows_zero)
        for each in rest
        if not _is_dash(each.before + each.after)  # which stands for 0
    ]
    return [*zero, replace(negative, condition=("<", 0)), positive]


def _is_dash(text: str) -> bool:
    return text != "" and not text.strip(_DASHES + _CURRENCIES)


def _with_its_sign(section: _Section, sections: Sequence[_Section]) -> _Section:
    """Negative numbers have their minus, unless a section for them alone has words of its own."""
    if not _is_of_negatives(section):
        return replace(section, is_signed=True)
    before, after = section.before.rstrip(), section.after.lstrip()
    if before.endswith("(") and after.startswith(")"):
        return replace(section, is_signed=True, before=before[:-1], after=after[1:])
    others = {(each.before, each.after) for each in sections if each is not section}
    is_alike = (section.before, section.after) in others
    return replace(section, is_signed=section.is_signed or is_alike)


def _is_of_negatives(section: _Section) -> bool:
    match section.condition:
        case ("<", limit):
            return limit <= 0
        case ("<=" | "=", limit):
            return limit < 0
        case _:
            return False


def _section(tokens: Sequence[_Token]) -> _Section:
    plain: list[str] = []
    around = ["", ""]
    is_duration = False
    condition: tuple[str, float] | None = None
    for quoted, escaped, currency, bracketed, place, sign in tokens:
        is_duration = is_duration or bracketed.lower() in ("h", "hh", "m", "mm", "s", "ss")
        if (found := _CONDITION.fullmatch(bracketed)) and found[1] in _COMPARED:
            condition = (found[1], float(found[2]))
        literal = quoted or escaped or currency or (sign if sign and sign in _CURRENCIES else "")
        around[any(each in plain for each in "0#?@")] += literal
        plain.append("" if literal else "@" if place else sign)
    signs = "".join(plain)
    letters = signs.lower()
    is_date = any(each in letters for each in "yd")
    is_time = any(each in letters for each in "hs")
    if not (is_date or is_time or is_duration) and _MONTH_OR_MINUTE in letters:
        is_date = True
    whole, _, part = signs.partition(".")
    return _Section(
        is_date,
        is_time,
        is_duration,
        "%" in signs,
        around[0],
        around[1] if around[1].strip() else "",
        digits=whole.count("0") if "#" not in whole and "E" not in signs else 0,
        decimals=len(part) - len(part.lstrip("0")),
        thousands=len(scale[1]) if (scale := _THOUSANDS.search(signs)) else 0,
        has_number=any(each in signs for each in "0#?@") or bool(tokens and not around[0]),
        shows_zero="0" in signs or "@" in signs,
        is_signed="-" in signs or "(" in signs,
        condition=condition,
    )
