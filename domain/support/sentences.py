"""The sentences of answers and passages, with the places where they end."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_LINE = re.compile(r"[^\n]+")
_MARK = re.compile(r"[ \t]*+(?:(?:[-*•+>]|#{1,6}|\d{1,2}[.)])[ \t]++)*+")
_END = re.compile(
    r"(?<![.!?…])[.!?…]++[\"”»'’)\]*_`]*+(?=\s)|(?<![。！？।])[。！？।]++[」』）”\"]*+"
)
_BEFORE_WORD = re.compile(r"[\s(\[\"“]")
_NEXT = re.compile(r"\s*+(\S{0,12})")
_SHORT = frozenset(
    "dr mr mrs ms prof st e.g i.e etc approx ca vs incl excl max min z.b d.h bzw usw ggf inkl zzgl "
    "p.ex sr sra al inc ltd co jr mio mrd".split()
)
_BEFORE_NUMBERS = frozenset("no nr fig art sec vol ext tel abs str pp p room".split())
_LETTERED = re.compile(
    r"\b(?:row|hall|room|gate|dock|wing|building|zone|section|annex|block|type|class|group|category"
    r"|part|form|studio|flat|terminal|pier|stand|box|plan|ward|platform|plant|option|level|grade|bay"
    r"|lane|shift|team|tier)s? \w$",
    re.IGNORECASE,
)
_LOOKED_BACK = 16
_MONTHS = re.compile(
    r"(?:jan|feb|m[aä]r|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz])", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Span:
    """A sentence: ``text`` stands from ``start`` up to ``end``."""

    text: str
    start: int
    end: int


def sentences(text: str) -> list[Span]:
    """The sentences of ``text``, without list markers; a line is at least one."""
    return [span for line in _LINE.finditer(text) for span in _in_line(line[0], line.start())]


def _in_line(line: str, offset: int) -> Iterator[Span]:
    mark = _MARK.match(line)
    start = mark.end() if mark else 0
    for end in _END.finditer(line, start):
        if not _is_short(line, end.start(), end.end()):
            yield from _span(line, start, end.end(), offset)
            start = end.end()
    yield from _span(line, start, len(line), offset)


def _span(line: str, start: int, end: int, offset: int) -> Iterator[Span]:
    text = line[start:end]
    bare = text.strip()
    if any(sign.isalnum() for sign in bare):
        begin = start + len(text) - len(text.lstrip())
        yield Span(bare, offset + begin, offset + begin + len(bare))


def _is_short(line: str, dot: int, end: int) -> bool:
    """Whether the dot belongs to an abbreviation, an initial, or a German date."""
    if line[dot:end] != ".":
        return False
    word = _BEFORE_WORD.split(line[max(0, dot - _LOOKED_BACK) : dot])[-1].casefold()
    behind = _NEXT.match(line, end)
    following = behind[1] if behind else ""
    if word in _BEFORE_NUMBERS:
        return following[:1].isdigit()
    if word in _SHORT:
        return bool(following)
    if len(word) == 1 and word.isalpha():
        if _LETTERED.search(line[max(0, dot - _LOOKED_BACK) : dot]):
            return False
        is_unit = line[max(0, dot - 3) : dot - 2].isdigit()  # "14 h." can end a sentence
        return bool(following) and not (is_unit and following[:1].isupper())
    if word in ("a.m", "p.m", "u.s") or not word.isdigit():
        return following[:1].islower() and "." in word
    return len(word) <= 2 and (bool(_MONTHS.match(following)) or following[:1].islower())
