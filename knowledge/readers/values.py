"""Writes values of JSON and YAML as blocks."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from domain.blocks import Block, Heading, Item, ItemList, Paragraph, Table
from knowledge.readers.clean import line
from knowledge.readers.grids import Styled, blocks_of

Value = object
"""Objects, lists, texts, yes and no, nothing; numbers are texts, as they are written."""

DEEPEST = 60
"""Levels of objects and lists within each other; deeper ones are left out."""

MOST = 2_000_000
"""The most values that are looked at, however often an alias repeats them."""

_IN_A_LINE = 300  # characters of an object that is written in the line of its name
_IN_A_ROW = 1_000  # characters of an object that is written as a row
_COLUMNS = 40
_SHARED = 0.4  # the least share of the columns that a row fills on average
_LONGEST_WORD = 500  # characters without a blank; longer ones are packed bytes, such as pictures
_ASCII_WORD = re.compile(r"[!-~]++")
_LOWEST = 4  # the level of headings below which names are joined, as in ``spec.ports``
_LONGEST_NAME = 120
_LONG_TEXT = 200
_NOTHING = ("", "~", "null")
_NAMES = ("name", "title", "label", "id", "key", "summary")


def name_of(value: Value) -> str:
    """What one of several documents calls itself, as in ``Service web``."""
    about = value.get("metadata") if isinstance(value, Mapping) else None
    kind = shown(value.get("kind")) if isinstance(value, Mapping) else ""
    return f"{kind} {_name(about)}".strip() or _name(value)


def title_of(value: Value) -> str:
    """The title that a document of this value bears, as APIs' descriptions do."""
    if isinstance(value, Mapping):
        about = value.get("info", value)
        for place in (value, about if isinstance(about, Mapping) else {}):
            if isinstance(found := place.get("title"), str):
                return line(found)[:_LONGEST_NAME]
    return ""


@dataclass(slots=True)
class Writer:
    """Writes values until it has written too many; `is_full` tells."""

    _count: int = 0

    @property
    def is_full(self) -> bool:
        return self._count >= MOST

    def blocks(
        self, value: Value, level: int = 1, path: str = "", depth: int = 0
    ) -> Iterator[Block]:
        """``value`` under headings of ``level`` and lower; ``path`` names what had no heading."""
        if self.is_full or depth > DEEPEST:
            return
        if isinstance(value, Mapping):
            yield from self._object(value, level, path, depth)
        elif isinstance(value, Sequence) and not isinstance(value, str):
            yield from self._list(value, level, path, depth)
        elif text := shown(value):
            yield Paragraph(f"{path}: {text}" if path else text)

    def _object(
        self, value: Mapping[object, Value], level: int, path: str, depth: int
    ) -> Iterator[Block]:
        """Short values as a list of ``name: value``, and the others under their names."""
        items: list[Item] = []
        for key, inner in value.items():
            if self.is_full:
                break
            name = shown(key)
            joined = f"{path}.{name}" if path else name
            text = None if _is_table(inner) else self._inline(inner, _IN_A_LINE)
            if text == "":
                continue
            if text is not None and len(text) <= _LONG_TEXT:
                items.append(Item(f"{joined}: {text}"))
                continue
            yield from _list_of(items)
            items = []
            if isinstance(inner, str) or text is not None:
                yield Paragraph(f"{joined}: {text or shown(inner)}")
            elif level > _LOWEST or len(name) > _LONGEST_NAME:
                yield from self.blocks(inner, level, joined, depth + 1)
            else:
                yield Heading(joined, level)
                yield from self.blocks(inner, level + 1, "", depth + 1)
        yield from _list_of(items)

    def _list(self, values: Sequence[Value], level: int, path: str, depth: int) -> Iterator[Block]:
        if path and level <= _LOWEST:
            yield Heading(path, level)
            level, path = level + 1, ""
        rows = self._rows(values)
        if rows:
            yield from rows
            return
        items: list[Item] = []
        for inner in values:
            if self.is_full:
                break
            text = self._inline(inner, _IN_A_LINE)
            if text is not None:
                if text:
                    items.append(Item(f"{path}: {text}" if path else text))
                continue
            yield from _list_of(items)
            items = []
            name = _name(inner)
            if name and level <= _LOWEST:
                yield Heading(name, level)
                yield from self.blocks(inner, level + 1, "", depth + 1)
            else:
                yield from self.blocks(inner, level, path, depth + 1)
        yield from _list_of(items)

    def _inline(self, value: Value, room: int) -> str | None:
        """``value`` in one line of about ``room`` characters; None where it takes more."""
        tried = _Line(room)
        try:
            return tried.of(value)
        except _TooLong:
            return None
        finally:
            self._count += tried.looked_at

    def _rows(self, values: Sequence[Value]) -> list[Block]:
        """Objects of much the same keys as a table; lists of texts as their own rows tell."""
        if len(values) < 2:
            return []
        if all(isinstance(each, list) for each in values):
            grid = [_cells(each) for each in values[: MOST - self._count]]
            if any(row is None for row in grid):
                return []
            self._count += sum(map(len, filter(None, grid)))
            return list(blocks_of([Styled(row) for row in grid if row]))
        objects = [each for each in values if isinstance(each, Mapping)]
        keys = list(dict.fromkeys(key for each in objects[:MOST] for key in each))
        filled = sum(map(len, objects))
        if len(objects) < len(values) or not 0 < len(keys) <= _COLUMNS:
            return []
        if filled < _SHARED * len(keys) * len(objects):
            return []
        rows: list[tuple[str, ...]] = []
        for each in objects:
            self._count += len(keys)
            if self.is_full:
                break
            cells = [self._inline(each.get(key), _IN_A_ROW) for key in keys]
            if any(cell is None for cell in cells) or sum(len(c or "") for c in cells) > _IN_A_ROW:
                return []
            rows.append(tuple(cell or "" for cell in cells))
        return [Table((tuple(map(shown, keys)),), tuple(rows), is_record_list=True)]


@dataclass(slots=True)
class _Line:
    """A value in one line, given up where it takes too much."""

    room: int
    looked_at: int = 0

    def of(self, value: Value, depth: int = 0) -> str:
        """``value``, whose parts are parted by commas and semicolons. Raises _TooLong."""
        self.looked_at += 1
        if isinstance(value, Mapping):
            parts = (
                f"{shown(key)}: {text}"
                for key, inner in value.items()
                if (text := self.of(inner, depth + 1))
            )
            between = "; "
        elif isinstance(value, Sequence) and not isinstance(value, str):
            parts = (text for inner in value if (text := self.of(inner, depth + 1)))
            between = ", "
        else:
            text = shown(value)
            self.room -= len(text) + 1
            if self.room < 0:
                raise _TooLong
            return text
        if depth > DEEPEST or self.looked_at > _IN_A_ROW:
            raise _TooLong
        return between.join(parts)


class _TooLong(Exception):
    """A value takes more than a line."""


def shown(value: Value) -> str:
    """A single value as text; what holds packed bytes, or nothing, is empty."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = "" if value is None else line(str(value))
    if text in _NOTHING or (len(text) > _LONGEST_WORD and _longest_word(text) > _LONGEST_WORD):
        return ""
    return text


def _longest_word(text: str) -> int:
    """Letters of other scripts pack nothing, and many scripts part no words."""
    return max((len(word) for word in _ASCII_WORD.findall(text)), default=0)


def _is_table(value: Value) -> bool:
    """Whether ``value`` may be written as rows."""
    return (
        isinstance(value, list)
        and len(value) > 1
        and all(isinstance(each, list | Mapping) for each in value)
    )


def _list_of(items: list[Item]) -> Iterator[Block]:
    if items:
        yield ItemList(tuple(items))


def _name(value: Value) -> str:
    """What an object calls itself."""
    if isinstance(value, Mapping):
        for key in _NAMES:
            if isinstance(found := value.get(key), str) and (text := shown(found)):
                return text[:_LONGEST_NAME]
    return ""


def _cells(row: Value) -> tuple[str, ...] | None:
    """A list of single values as cells; None where it holds more than these."""
    if not isinstance(row, list) or any(isinstance(each, list | Mapping) for each in row):
        return None
    return tuple(map(shown, row))
