"""Shows a spreadsheet's number as its format does: as a date, in percent, with its unit."""

import re
from dataclasses import dataclass
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
    r'"([^"]*+)"?|\\(.)|\[\$([^\]-]{0,9})[^\]]{0,30}\]|\[([^\]]{0,40})\]|[_*].|(.)', re.DOTALL
)
_THOUSANDS = re.compile(r"[0#?](,++)(?![0#?])")  # behind all digits, or in front of the point
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's dates have no zone
_DAYS_UNTIL_1904 = 1462
_LAST_DAY = 2_958_465  # the year 9999
_MONTH_OR_MINUTE = "m"


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """``before`` and ``after`` stand around the number, such as a currency."""

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

    def show(self, value: float, *, is_1904: bool = False) -> str:
        """``value`` as text; dates count from 1900, or from 1904."""
        if self.is_duration:
            return duration(value * 86_400)
        if self.is_date or self.is_time:
            return self._moment(value + _DAYS_UNTIL_1904 * is_1904)
        scaled = value / 1_000**self.thousands
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


def number_format(code: str) -> NumberFormat:
    """The format that ``code`` writes, as in ``0.00 "kg"``."""
    if len(code) > _LONGEST or code.lower() == GENERAL.lower():
        return NumberFormat()
    plain: list[str] = []
    around = ["", ""]
    is_duration = False
    for quoted, escaped, currency, bracketed, sign in _TOKEN.findall(code):
        if sign == ";":
            break
        is_duration = is_duration or bracketed.lower() in ("h", "hh", "m", "mm", "s", "ss")
        literal = quoted or escaped or currency or (sign if sign and sign in "€$£¥ " else "")
        around["0" in plain or "#" in plain or "?" in plain] += literal
        plain.append("" if literal else sign)
    signs = "".join(plain)
    letters = signs.lower()
    is_date = any(each in letters for each in "yd")
    is_time = any(each in letters for each in "hs")
    if not (is_date or is_time or is_duration) and _MONTH_OR_MINUTE in letters:
        is_date = True
    whole, _, part = signs.partition(".")
    return NumberFormat(
        is_date,
        is_time,
        is_duration,
        "%" in signs,
        around[0],
        around[1] if around[1].strip() else "",
        digits=whole.count("0") if "#" not in whole and "E" not in signs else 0,
        decimals=len(part) - len(part.lstrip("0")),
        thousands=len(scale[1]) if (scale := _THOUSANDS.search(signs)) else 0,
    )
