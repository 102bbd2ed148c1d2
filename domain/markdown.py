"""Where code, links and tables stand in Markdown, so that nothing is put into them.

Code is found as CommonMark finds it: fences of ``` and ~~~, also in lists and quotes and without an
end; lines that are indented as code; and code within a line, between as many backticks on both
sides.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest

_TICKS = re.compile(r"`+")
_QUOTE = re.compile(r" {0,3}>[ ]?")
_ITEM = re.compile(r"(?:[-*+]|\d{1,9}[.)])(?:[ \t]+|$)")
_FENCE = re.compile(r"`{3,}(?=[^`]*$)|~{3,}")
_HEADING = re.compile(r"#{1,6}(?:[ \t]|$)")
_BLANKS = re.compile(r"[ \t]*")
_CODE_INDENT = 4
_LOOKED_BACK = 20
_TAB = 4

_LINK = re.compile(
    r"!?\[[^\[\]\n]{0,300}\]\([^()\n]{0,600}(?:\([^()\n]{0,200}\)[^()\n]{0,600})?\)"
    r"|<[A-Za-z][\w+.-]{1,30}:[^<>\s]{0,600}>"
    r"|https?://[^\s<>|]{1,1000}"
)
_AFTER_ADDRESS = ".,;:!?)]}'\"*_"


@dataclass(frozen=True, slots=True)
class CodeSpan:
    """A piece of code from ``start`` up to ``end``, with its backticks.

    ``is_block`` is true of whole lines; ``prefix`` is what then stands before each of them, such
    as the indentation in a list. ``is_closed`` is false of a fence that only the end of the text
    ends.
    """

    start: int
    end: int
    is_closed: bool = True
    is_block: bool = False
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mark is put: at ``at``, with ``before`` between the text and the mark."""

    at: int
    before: str


class Markdown:
    """A text, and where marks can be put into it."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def code(self) -> list[CodeSpan]:
        return code_spans(self.text)

    @cached_property
    def _links(self) -> list[CodeSpan]:
        return [
            CodeSpan(found.start(), found.start() + len(found[0].rstrip(_AFTER_ADDRESS)))
            if found[0].startswith("http")
            else CodeSpan(*found.span())
            for found in _LINK.finditer(self.text)
        ]

    def place(self, end: int) -> Place | None:
        """Where a mark is put for what ends at ``end``; None if there is no place for it.

        It is behind code and links, behind a fence in a line of its own, within the last cell of a
        row, and never in a line without words. For a fence without an end it is before that.
        """
        around = span_at(self.code, end - 1)
        if around and around.is_block:
            if around.is_closed:
                return Place(around.end, f"\n{around.prefix}")
            return self._in_line(around.start)
        if around:
            end = around.end
        if (link := span_at(self._links, end - 1)) and link.end > end:
            end = link.end
        return self._in_line(end)

    def is_heading(self, end: int) -> bool:
        """Whether what ends at ``end`` is a heading, or the head of a table."""
        begin = self.text.rfind("\n", 0, end) + 1
        line, _, rest = self.text[begin:].partition("\n")
        line = line.lstrip(" \t>")
        following = rest.partition("\n")[0]
        is_head = "|" in line and _are_delimiters(following)
        return bool(_HEADING.match(line)) or is_head

    def _in_line(self, end: int) -> Place | None:
        """The place at ``end``, or at the end of the last line before it that has words."""
        while end > 0:
            begin = self.text.rfind("\n", 0, end) + 1
            line = self.text[begin:end]
            if (around := span_at(self.code, end - 1)) and around.is_block:
                return None
            if any(map(str.isalnum, line)):
                if line.lstrip(" \t>").startswith("|"):
                    line = line.rstrip(" \t|")
                return Place(begin + len(line.rstrip()), " ")
            end = begin - 1
        return None


def code_spans(text: str) -> list[CodeSpan]:
    """The pieces of Markdown code in ``text``, in order."""
    return list(_Scanner(text).spans())


def span_at(spans: Sequence[CodeSpan], position: int) -> CodeSpan | None:
    """The span that contains ``position``, or None; ``spans`` are in order."""
    n = bisect_right(spans, position, key=lambda span: span.start) - 1
    return spans[n] if n >= 0 and position < spans[n].end else None


@dataclass(frozen=True, slots=True)
class _Fence:
    start: int
    sign: str
    length: int
    indent: int
    depth: int
    prefix: str


class _Scanner:
    """Reads a text line by line, and knows in which list, quote, fence or paragraph it is."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._fence: _Fence | None = None
        self._indented: tuple[int, int, str] | None = None
        self._paragraph: tuple[int, int] | None = None
        self._depth = 0  # of quotes
        self._items: list[int] = []  # the columns in which the text of lists' items begins
        self._in_table = False
        self._after_blank = True

    def spans(self) -> Iterator[CodeSpan]:
        start = 0
        lines = self._text.split("\n")
        for line, following in zip_longest(lines, lines[1:], fillvalue=""):
            yield from self._line(line, start, following)
            start += len(line) + 1
        yield from self._flush()
        if self._fence:
            start, prefix = self._fence.start, self._fence.prefix
            end = len(self._text)
            yield CodeSpan(start, end, is_closed=False, is_block=True, prefix=prefix)

    def _line(self, line: str, start: int, following: str) -> Iterator[CodeSpan]:
        most = self._fence.depth if self._fence else len(line)
        at, depth = _after_quotes(line, most)
        if self._fence:
            if depth == self._fence.depth and not self._is_left(line[at:]):
                yield from self._fenced(line, at, start)
                return
            fence, self._fence = self._fence, None
            end = max(start - 1, fence.start)
            # A mark with the same prefix would still stand in the fence.
            yield CodeSpan(fence.start, end, is_block=True)
            at, depth = _after_quotes(line, len(line))
        if not line[at:].strip():
            yield from self._flush(keep_indented=True)
            self._after_blank, self._in_table = True, False
            return
        indent = _width(line[at:])
        if depth < self._depth and self._paragraph and not _begins(line[at:].lstrip()):
            depth = self._depth  # a paragraph goes on without the mark of its quote
        if depth != self._depth:
            yield from self._flush()
            self._depth, self._items, self._after_blank = depth, [], True
        if not self._paragraph:
            self._leave_items(indent)
        if not self._paragraph and indent >= self._item + _CODE_INDENT:
            begun = self._indented[0] if self._indented else start
            self._indented = begun, start + len(line), line[: at + self._item]
            self._after_blank = self._in_table = False
            return
        yield from self._text_line(line, at, start, following)

    @property
    def _item(self) -> int:
        return self._items[-1] if self._items else 0

    def _leave_items(self, indent: int) -> None:
        while indent < self._item:
            self._items.pop()

    def _is_left(self, rest: str) -> bool:
        """Whether a line does not belong to the item of a list that a fence stands in."""
        return bool(rest.strip()) and _width(rest) < self._item

    def _text_line(self, line: str, at: int, start: int, following: str) -> Iterator[CodeSpan]:
        quoted = at
        at += len(_blanks(line, at))
        begun = at
        while item := _ITEM.match(line, at):
            if not line[item.end() :].strip() and self._paragraph:
                break
            self._leave_items(at - quoted)
            at = item.end()
            self._items.append(at - quoted)
        rest = line[at:]
        opening = _FENCE.match(rest)
        is_heading = bool(_HEADING.match(rest))
        is_own = at > begun or self._after_blank or is_heading or bool(opening)
        self._in_table &= not is_own
        self._in_table |= (
            "|" in rest and at - quoted >= self._item and bool(_are_delimiters(following))
        )
        is_row = self._in_table
        if is_own or is_row or self._indented:
            yield from self._flush()
        self._after_blank = False
        if at == begun and (opening or is_heading):
            self._leave_items(at - quoted)
        if opening:
            prefix = line[:quoted] + " " * (at - quoted)
            self._fence = _Fence(
                start + at, opening[0][0], len(opening[0]), at - quoted, self._depth, prefix
            )
            return
        begin = self._paragraph[0] if self._paragraph else start + at
        self._paragraph = begin, start + len(line)
        if is_row or is_heading:
            yield from self._flush()

    def _fenced(self, line: str, at: int, start: int) -> Iterator[CodeSpan]:
        fence = self._fence
        assert fence
        rest = line[at:]
        marks = rest.strip()
        is_end = len(marks) >= fence.length and not marks.strip(fence.sign)
        if is_end and _width(rest) < fence.indent + _CODE_INDENT:
            self._fence = None
            self._after_blank = False
            yield CodeSpan(fence.start, start + len(line), is_block=True, prefix=fence.prefix)

    def _flush(self, *, keep_indented: bool = False) -> Iterator[CodeSpan]:
        """Ends the paragraph; and the indented code, unless only a blank line follows it."""
        if self._paragraph:
            yield from _inline(self._text, *self._paragraph)
            self._paragraph = None
        if self._indented and not keep_indented:
            begin, end, prefix = self._indented
            self._indented = None
            yield CodeSpan(begin, end, is_block=True, prefix=prefix)


def _are_delimiters(line: str) -> bool:
    """Whether it is the line below the head of a table."""
    return "-" in line and not line.strip(" \t>|:-")


def _begins(rest: str) -> bool:
    """Whether a line cannot go on with the paragraph before it."""
    return any(sign.match(rest) for sign in (_ITEM, _FENCE, _HEADING))


def _inline(text: str, begin: int, end: int) -> Iterator[CodeSpan]:
    """The code within a paragraph."""
    runs = [match.span() for match in _TICKS.finditer(text, begin, end)]
    closing: dict[int, int] = {}  # from a run to the next one of the same length
    later: dict[int, int] = {}
    for n in range(len(runs) - 1, -1, -1):
        start, after = runs[n]
        own = after - start - _is_escaped(text, begin, start)
        if own in later:
            closing[n] = later[own]
        later[after - start] = n
    done = begin
    for n, (start, _) in enumerate(runs):
        if start >= done and n in closing:
            done = runs[closing[n]][1]
            yield CodeSpan(start + _is_escaped(text, begin, start), done)


def _is_escaped(text: str, begin: int, at: int) -> bool:
    before = text[max(begin, at - _LOOKED_BACK) : at]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1


def _after_quotes(line: str, most: int) -> tuple[int, int]:
    """Where a line goes on after the marks of quotes, of which at most ``most`` are read."""
    at = depth = 0
    while depth < most and (mark := _QUOTE.match(line, at)):
        at = mark.end()
        depth += 1
    return at, depth


def _blanks(line: str, at: int) -> str:
    found = _BLANKS.match(line, at)
    return found[0] if found else ""


def _width(line: str) -> int:
    return len(_blanks(line, 0).expandtabs(_TAB))
