"""Lines become paragraphs: which of them go on with the one before."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from knowledge.readers.pdf.layout import Line, PageTable, Part
from knowledge.readers.pdf.text import SOFT, joined

LARGER = 1.15  # times the size of the usual text, from which on a line is a heading
BULLET = re.compile(r"([•◦▪‣●○■□➢✓✔·–—*-]) (?=\S)")
NUMBER = re.compile(r"(\(?(?:\d{1,3}|[A-Za-z])[.)]|[ivx]{1,4}[.)]) (?=\S)")
LISTED = re.compile(r" … (?:\d{1,4}|[ivxl]{1,6})$")  # in a table of contents
_TICK = re.compile(r"\[[x ]\] ")
ENDS = (".", "!", "?", ":", ";")


@dataclass(slots=True)
class Group:
    """Lines of one paragraph, heading, item of a list or piece of code."""

    lines: list[Line]
    mark: str = ""

    @property
    def last(self) -> Line:
        return self.lines[-1]

    @property
    def first(self) -> Line:
        return self.lines[0]


@dataclass(slots=True)
class Style:
    """What is usual in a document: ``body`` is the size of its text, ``leading`` how far its lines
    are apart, in sizes. ``words`` are all of its words, in lower case. ``outline`` gives the depth
    of each bookmark, ``levels`` the level of a heading by its size.
    """

    body: float
    leading: float
    is_mono: bool
    is_bold: bool
    words: set[str]
    outline: Mapping[tuple[int, str], int]
    levels: dict[float, int] = field(default_factory=dict)


def body_of(lines: Sequence[Line]) -> float:
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size * 2) / 2] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 10.0


def leading_of(lines: Sequence[Line]) -> float:
    """Times the size of the letters: the usual distance between two lines of a paragraph."""
    gaps = [
        (b.base - a.base) / b.size
        for a, b in pairwise(lines)
        if a.page == b.page
        and a.flow == b.flow
        and 0.8 * b.size < b.base - a.base < 2.5 * b.size
        and abs(a.size - b.size) < 0.5
    ]
    usual = sorted(gaps)[len(gaps) // 3] if gaps else 1.2
    return max(usual, 1.0)


def words_of(lines: Sequence[Line]) -> set[str]:
    found: set[str] = set()
    for line in lines:
        parts = line.text.split()
        if parts and parts[-1].endswith(("-", SOFT)):
            parts.pop()
        found.update(part.strip(".,;:!?()\"'“”„").lower() for part in parts)
    return found


def groups_of(parts: Sequence[Part], style: Style) -> list[Group | PageTable]:
    found: list[Group | PageTable] = []
    for part in parts:
        last = found[-1] if found else None
        if isinstance(part, PageTable):
            found.append(part)
        elif isinstance(last, Group) and _goes_on(last, part, style):
            last.lines.append(part)
        else:
            found.append(Group([part], _mark(part.text)))
    return found


def _mark(text: str) -> str:
    match = BULLET.match(text) or NUMBER.match(text)
    return match[1] if match else ""


def _goes_on(group: Group, line: Line, style: Style) -> bool:
    """Whether ``line`` belongs to the paragraph before it."""
    last = group.last
    if abs(last.size - line.size) > 0.08 * line.size or last.is_mono != line.is_mono:
        return False
    if last.is_filled or line.is_filled:
        return False
    if last.is_bold != line.is_bold and (last.is_bold or group.first.is_bold):
        return False
    if line.is_mono and not style.is_mono:
        return last.page == line.page and 0 < line.base - last.base < 2.6 * line.size
    if _mark(line.text) or _TICK.match(line.text) or LISTED.search(last.text):
        return False
    is_open = line.text[:1].islower() or last.text.endswith(("-", SOFT))
    if last.page != line.page or last.flow != line.flow or line.base < last.base:
        return is_open and not last.text.endswith(ENDS)
    if line.base - last.base > 1.3 * style.leading * line.size:
        return False
    if line.size > LARGER * style.body:
        return True
    is_short = last.x1 + line.first + 0.3 * line.size < line.right - 0.02 * (line.right - line.left)
    if is_short and not is_open:
        return False
    is_indented = line.x0 > last.x0 + 0.8 * line.size
    if group.mark:
        return line.x0 > group.first.x0 - 1 or is_open
    return not (is_indented and len(group.lines) > 1) and not (is_indented and not is_open)


def text_of_group(group: Group, style: Style) -> str:
    return joined([line.text for line in group.lines], style.words)
