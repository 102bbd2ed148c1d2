"""The lines of all pages become headings, paragraphs, lists, code and tables."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from domain.blocks import Block, Code, Heading, Item, ItemList, Paragraph, Table, Where
from knowledge.readers.pdf.layout import Line, PageTable, Part
from knowledge.readers.pdf.running import without_running
from knowledge.readers.pdf.text import SOFT, joined

_LARGER = 1.15  # times the size of the usual text, from which on a line is a heading
_RUNNING = 50  # lines of heads and feet of pages that are kept
_HEADING_LINES = 4
_LONGEST = 200  # characters of a heading
_BOLD_LONGEST = 90  # of one that is no larger than the usual text
_BULLET = re.compile(r"([•◦▪‣●○■□➢✓✔·–—*-]) (?=\S)")
_NUMBER = re.compile(r"(\(?(?:\d{1,3}|[A-Za-z])[.)]|[ivx]{1,4}[.)]) (?=\S)")
_CAPTION = re.compile(r"(?:Table|Tab\.|Tabelle|Tableau|Таблица)\s*[\dIVX]+\b", re.IGNORECASE)
_LISTED = re.compile(r" … (?:\d{1,4}|[ivxl]{1,6})$")  # in a table of contents
_TICK = re.compile(r"\[[x ]\] ")
_BLANKS = re.compile(r"\s+")
_ENDS = (".", "!", "?", ":", ";")


@dataclass(slots=True)
class _Group:
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
class _Document:
    body: float
    leading: float
    is_mono: bool
    is_bold: bool
    words: set[str]
    outline: Mapping[tuple[int, str], int]
    levels: dict[float, int] = field(default_factory=dict)


def blocks_of(
    pages: Sequence[Sequence[Part]], outline: Mapping[tuple[int, str], int]
) -> list[Block]:
    """Blocks of all pages. ``outline`` gives the depth of each bookmark by page and folded text."""
    lines = [part for parts in pages for part in parts if isinstance(part, Line)]
    body = _body(lines)
    kept, running = without_running(pages, body)
    parts = [part for each in kept for part in each]
    lines = [part for part in parts if isinstance(part, Line)]
    letters = max(sum(len(line.text) for line in lines), 1)
    document = _Document(
        body,
        _leading(lines),
        sum(len(line.text) for line in lines if line.is_mono) > 0.6 * letters,
        sum(len(line.text) for line in lines if line.is_bold) > 0.4 * letters,
        _words(lines),
        outline,
    )
    notes = _footnotes(parts, document)
    groups = _groups([p for p in parts if id(p) not in notes.taken], document)
    document.levels = _levels(groups, document)
    said = {_folded(line.text) for line in lines}
    return _blocks(groups, notes, document) + [
        Paragraph(line.text, Where(page=line.page))
        for line in running[:_RUNNING]
        if not any(_folded(line.text) in text for text in said)
    ]


def _body(lines: Sequence[Line]) -> float:
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size * 2) / 2] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 10.0


def _leading(lines: Sequence[Line]) -> float:
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


def _words(lines: Sequence[Line]) -> set[str]:
    found: set[str] = set()
    for line in lines:
        parts = line.text.split()
        if parts and parts[-1].endswith(("-", SOFT)):
            parts.pop()
        found.update(part.strip(".,;:!?()\"'“”„").lower() for part in parts)
    return found


@dataclass(slots=True)
class _Notes:
    texts: dict[tuple[int, str], str]
    taken: set[int]


def _footnotes(parts: Sequence[Part], document: _Document) -> _Notes:
    """The footnotes to which a line of their page leads, and their lines."""
    referred = {(p.page, n) for p in parts if isinstance(p, Line) for n in p.refers}
    found: dict[tuple[int, str], list[Line]] = {}
    taken: set[int] = set()
    last: tuple[int, str] | None = None
    for part in parts:
        if isinstance(part, Line) and part.note and (part.page, part.note) in referred:
            last = (part.page, part.note)
            found.setdefault(last, []).append(part)
            taken.add(id(part))
        elif (
            last
            and isinstance(part, Line)
            and not part.note
            and part.page == last[0]
            and abs(part.size - found[last][-1].size) < 0.3
            and 0 < part.base - found[last][-1].base < 1.8 * part.size
        ):
            found[last].append(part)
            taken.add(id(part))
        else:
            last = None
    texts = {
        key: joined([line.text for line in lines], document.words)
        .removeprefix(key[1])
        .lstrip(".) ")
        for key, lines in found.items()
    }
    return _Notes(texts, taken)


def _groups(parts: Sequence[Part], document: _Document) -> list[_Group | PageTable]:
    found: list[_Group | PageTable] = []
    for part in parts:
        last = found[-1] if found else None
        if isinstance(part, PageTable):
            found.append(part)
        elif isinstance(last, _Group) and _goes_on(last, part, document):
            last.lines.append(part)
        else:
            found.append(_Group([part], _mark(part.text)))
    return found


def _mark(text: str) -> str:
    match = _BULLET.match(text) or _NUMBER.match(text)
    return match[1] if match else ""


def _goes_on(group: _Group, line: Line, document: _Document) -> bool:
    """Whether ``line`` belongs to the paragraph before it."""
    last = group.last
    if abs(last.size - line.size) > 0.08 * line.size or last.is_mono != line.is_mono:
        return False
    if last.is_filled or line.is_filled:
        return False
    if last.is_bold != line.is_bold and (last.is_bold or group.first.is_bold):
        return False
    if line.is_mono and not document.is_mono:
        return last.page == line.page and 0 < line.base - last.base < 2.6 * line.size
    if _mark(line.text) or _TICK.match(line.text) or _LISTED.search(last.text):
        return False
    is_open = line.text[:1].islower() or last.text.endswith(("-", SOFT))
    if last.page != line.page or last.flow != line.flow or line.base < last.base:
        return is_open and not last.text.endswith(_ENDS)
    if line.base - last.base > 1.3 * document.leading * line.size:
        return False
    if line.size > _LARGER * document.body:
        return True
    is_short = last.x1 + line.first + 0.3 * line.size < line.right - 0.02 * (line.right - line.left)
    if is_short and not is_open:
        return False
    is_indented = line.x0 > last.x0 + 0.8 * line.size
    if group.mark:
        return line.x0 > group.first.x0 - 1 or is_open
    return not (is_indented and len(group.lines) > 1) and not (is_indented and not is_open)


def _text(group: _Group, document: _Document) -> str:
    return joined([line.text for line in group.lines], document.words)


def _folded(text: str) -> str:
    return _BLANKS.sub("", text).casefold()


def _is_heading(group: _Group, follower: object, document: _Document) -> bool:
    if len(group.lines) > _HEADING_LINES:
        return False
    text = _text(group, document)
    if sum(c.isalpha() for c in text) < 2 or len(text) > _LONGEST:
        return False
    if _BULLET.match(text) or _LISTED.search(text):
        return False
    if (group.first.page, _folded(text)) in document.outline:
        return True
    if group.first.size >= _LARGER * document.body:
        return not text.endswith((".", ",", ";")) or group.first.size >= 1.4 * document.body
    return (
        group.first.is_bold
        and not document.is_bold
        and group.first.size >= 0.93 * document.body
        and len(text) <= _BOLD_LONGEST
        and len(group.lines) <= 2
        and not text.endswith((*_ENDS, ","))
        and follower is not None
    )


def _levels(groups: Sequence[_Group | PageTable], document: _Document) -> dict[float, int]:
    """The levels of headings by their size, the largest first."""
    sizes = sorted(
        {
            round(g.first.size * 2) / 2
            for g in groups
            if isinstance(g, _Group)
            and _is_heading(g, g, document)
            and g.first.size >= _LARGER * document.body
        },
        reverse=True,
    )
    return {size: min(level, 6) for level, size in enumerate(sizes, 1)}


def _level(group: _Group, document: _Document) -> int:
    size = round(group.first.size * 2) / 2
    if size in document.levels:
        return document.levels[size]
    key = (group.first.page, _folded(_text(group, document)))
    lowest = len(document.levels) + 1
    return min(max(document.outline.get(key, lowest), 1), 6)


def _blocks(
    groups: Sequence[_Group | PageTable], notes: _Notes, document: _Document
) -> list[Block]:
    found: list[Block] = []
    i = 0
    while i < len(groups):
        group = groups[i]
        follower = groups[i + 1] if i + 1 < len(groups) else None
        if isinstance(group, PageTable):
            _add_table(group, found)
            i += 1
            continue
        where = Where(page=group.first.page)
        if group.first.is_mono and not document.is_mono and len(group.lines) > 1:
            found.append(Code(_code(group), where))
        elif _is_heading(group, follower, document):
            found.append(Heading(_text(group, document), _level(group, document), where))
        elif group.mark:
            end = _list_end(groups, i, document)
            items = [g for g in groups[i:end] if isinstance(g, _Group)]
            if len(items) > 1 or _BULLET.match(group.first.text):
                found.append(_list(items, document, where))
                found += _referred(items, notes)
                i = end
                continue
            found.append(Paragraph(_text(group, document), where, group.first.is_bold))
        else:
            is_bold = all(line.is_bold for line in group.lines)
            found.append(Paragraph(_text(group, document), where, is_bold))
        found += _referred([group], notes)
        i += 1
    return [block for block in found if not isinstance(block, Paragraph) or block.text]


def _list_end(groups: Sequence[_Group | PageTable], start: int, document: _Document) -> int:
    """The end of the items that follow each other from ``start`` on, in one column."""
    end = start
    while end < len(groups):
        group = groups[end]
        if not isinstance(group, _Group) or not group.mark:
            break
        if end > start and _is_heading(group, group, document):
            break
        end += 1
    return end


def _list(items: Sequence[_Group], document: _Document, where: Where) -> ItemList:
    places: list[float] = []
    for place in sorted(item.first.x0 - item.first.left for item in items):
        if not places or place - places[-1] > 0.6 * document.body:
            places.append(place)
    return ItemList(tuple(_item(item, places, document) for item in items), where)


def _item(group: _Group, places: Sequence[float], document: _Document) -> Item:
    text = _text(group, document)
    match = _BULLET.match(text) or _NUMBER.match(text)
    x = group.first.x0 - group.first.left
    depth = max(sum(place <= x for place in places) - 1, 0)
    mark = group.mark if _NUMBER.match(text) and not _BULLET.match(text) else "-"
    return Item(text[match.end() :] if match else text, depth, mark)


def _referred(groups: Sequence[_Group], notes: _Notes) -> list[Block]:
    """The footnotes to which ``groups`` lead, right behind them."""
    return [
        Paragraph(text, Where(page=line.page))
        for group in groups
        for line in group.lines
        for note in line.refers
        if (text := notes.texts.pop((line.page, note), ""))
    ]


def _code(group: _Group) -> str:
    left = min(line.x0 for line in group.lines)
    made: list[str] = []
    last: Line | None = None
    for line in group.lines:
        if last and line.base - last.base > 1.8 * line.size:
            made.append("")
        made.append(" " * min(round((line.x0 - left) / (0.6 * line.size)), 80) + line.text)
        last = line
    return "\n".join(made)


def _add_table(part: PageTable, found: list[Block]) -> None:
    """Adds a table, or its rows to a table that began on the page before."""
    caption = ""
    last = found[-1] if found else None
    if isinstance(last, Paragraph) and _CAPTION.match(last.text) and len(last.text) <= _LONGEST:
        caption = last.text
        found.pop()
    elif isinstance(last, Table) and last.where.page < part.page and _continues(last, part):
        rows = part.rows if part.header == last.header or not part.header else ()
        rows = rows or (*part.header, *part.rows)
        found[-1] = replace(last, rows=last.rows + rows)
        return
    found.append(Table(part.header, part.rows, Where(page=part.page), caption))


def _continues(table: Table, part: PageTable) -> bool:
    """Whether a table goes on with one that names the same columns or none."""
    first, more = table.header or table.rows[:1], part.header or part.rows[:1]
    if not (first and more and len(first[0]) == len(more[0])):
        return False
    return not part.header or part.header == table.header
