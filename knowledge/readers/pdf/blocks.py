"""The lines of all pages become headings, paragraphs, lists, code and tables."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from domain.blocks import Block, Code, Heading, Item, ItemList, Paragraph, Table, Where
from knowledge.readers.pdf.footnotes import Notes, footnotes_of, referred
from knowledge.readers.pdf.groups import (
    BULLET,
    ENDS,
    LARGER,
    LISTED,
    NUMBER,
    Group,
    Style,
    body_of,
    groups_of,
    leading_of,
    text_of_group,
    words_of,
)
from knowledge.readers.pdf.layout import Line, PageTable, Part
from knowledge.readers.pdf.running import without_running

_RUNNING = 50  # lines of heads and feet of pages that are kept
_HEADING_LINES = 4
_LONGEST = 200  # characters of a heading
_BOLD_LONGEST = 90  # of one that is no larger than the usual text
_CAPTION = re.compile(r"(?:Table|Tab\.|Tabelle|Tableau|Таблица)\s*[\dIVX]+\b", re.IGNORECASE)
_BLANKS = re.compile(r"\s+")


def blocks_of(
    pages: Sequence[Sequence[Part]], outline: Mapping[tuple[int, str], int]
) -> list[Block]:
    """Blocks of all pages. ``outline`` gives the depth of each bookmark by page and folded text."""
    lines = [part for parts in pages for part in parts if isinstance(part, Line)]
    body = body_of(lines)
    kept, running = without_running(pages, body)
    parts = [part for each in kept for part in each]
    lines = [part for part in parts if isinstance(part, Line)]
    letters = max(sum(len(line.text) for line in lines), 1)
    style = Style(
        body,
        leading_of(lines),
        sum(len(line.text) for line in lines if line.is_mono) > 0.6 * letters,
        sum(len(line.text) for line in lines if line.is_bold) > 0.4 * letters,
        words_of(lines),
        outline,
    )
    notes = footnotes_of(parts, style.words)
    groups = groups_of([p for p in parts if id(p) not in notes.taken], style)
    style.levels = _levels(groups, style)
    said = {_folded(line.text) for line in lines}
    return _blocks(groups, notes, style) + [
        Paragraph(line.text, Where(page=line.page))
        for line in running[:_RUNNING]
        if not any(_folded(line.text) in text for text in said)
    ]


def _folded(text: str) -> str:
    return _BLANKS.sub("", text).casefold()


def _is_heading(group: Group, follower: object, style: Style) -> bool:
    if len(group.lines) > _HEADING_LINES:
        return False
    text = text_of_group(group, style)
    if sum(c.isalpha() for c in text) < 2 or len(text) > _LONGEST:
        return False
    if BULLET.match(text) or LISTED.search(text):
        return False
    if (group.first.page, _folded(text)) in style.outline:
        return True
    if group.first.size >= LARGER * style.body:
        return not text.endswith((".", ",", ";")) or group.first.size >= 1.4 * style.body
    return (
        group.first.is_bold
        and not style.is_bold
        and group.first.size >= 0.93 * style.body
        and len(text) <= _BOLD_LONGEST
        and len(group.lines) <= 2
        and not text.endswith((*ENDS, ","))
        and follower is not None
    )


def _levels(groups: Sequence[Group | PageTable], style: Style) -> dict[float, int]:
    """The levels of headings by their size, the largest first."""
    sizes = sorted(
        {
            round(g.first.size * 2) / 2
            for g in groups
            if isinstance(g, Group)
            and _is_heading(g, g, style)
            and g.first.size >= LARGER * style.body
        },
        reverse=True,
    )
    return {size: min(level, 6) for level, size in enumerate(sizes, 1)}


def _level(group: Group, style: Style) -> int:
    size = round(group.first.size * 2) / 2
    if size in style.levels:
        return style.levels[size]
    key = (group.first.page, _folded(text_of_group(group, style)))
    lowest = len(style.levels) + 1
    return min(max(style.outline.get(key, lowest), 1), 6)


def _blocks(groups: Sequence[Group | PageTable], notes: Notes, style: Style) -> list[Block]:
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
        if group.first.is_mono and not style.is_mono and len(group.lines) > 1:
            found.append(Code(_code(group), where))
        elif _is_heading(group, follower, style):
            found.append(Heading(text_of_group(group, style), _level(group, style), where))
        elif group.mark:
            end = _list_end(groups, i, style)
            items = [g for g in groups[i:end] if isinstance(g, Group)]
            if len(items) > 1 or BULLET.match(group.first.text):
                found.append(_list(items, style, where))
                found += referred(items, notes)
                i = end
                continue
            found.append(Paragraph(text_of_group(group, style), where, group.first.is_bold))
        else:
            is_bold = all(line.is_bold for line in group.lines)
            found.append(Paragraph(text_of_group(group, style), where, is_bold))
        found += referred([group], notes)
        i += 1
    return [block for block in found if not isinstance(block, Paragraph) or block.text]


def _list_end(groups: Sequence[Group | PageTable], start: int, style: Style) -> int:
    """The end of the items that follow each other from ``start`` on, in one column."""
    end = start
    while end < len(groups):
        group = groups[end]
        if not isinstance(group, Group) or not group.mark:
            break
        if end > start and _is_heading(group, group, style):
            break
        end += 1
    return end


def _list(items: Sequence[Group], style: Style, where: Where) -> ItemList:
    places: list[float] = []
    for place in sorted(item.first.x0 - item.first.left for item in items):
        if not places or place - places[-1] > 0.6 * style.body:
            places.append(place)
    return ItemList(tuple(_item(item, places, style) for item in items), where)


def _item(group: Group, places: Sequence[float], style: Style) -> Item:
    text = text_of_group(group, style)
    match = BULLET.match(text) or NUMBER.match(text)
    x = group.first.x0 - group.first.left
    depth = max(sum(place <= x for place in places) - 1, 0)
    mark = group.mark if NUMBER.match(text) and not BULLET.match(text) else "-"
    return Item(text[match.end() :] if match else text, depth, mark)


def _code(group: Group) -> str:
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
