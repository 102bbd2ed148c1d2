"""Reads Jupyter notebooks: words, code, and what the code printed."""

import json
from collections.abc import Iterator, Mapping

from domain.blocks import Block, Code, Content, Heading
from domain.errors import EmptySource, IngestError, UnreadableSource
from knowledge.readers import kinds
from knowledge.readers.base import File, ReadPart
from knowledge.readers.clean import line, lines
from knowledge.readers.decoding import decoded

_CELLS = 5_000
_SHOWN_LINES = 20  # of what a cell printed
_SHOWN = 2_000  # characters of it
_CUT = "…"


def read(file: File, read_part: ReadPart) -> Content:
    """The cells in their order; pictures that the code drew are left out."""
    try:
        notebook = json.loads(decoded(file.content, file.charset))
    except (ValueError, RecursionError) as e:
        raise UnreadableSource("it is no readable notebook, or a damaged one", str(e)) from e
    if not isinstance(notebook, Mapping):
        raise UnreadableSource("it is no notebook")
    cells = list(_cells(notebook))
    notes: list[str] = []
    if len(cells) > _CELLS:
        notes.append(f"only the first {_CELLS:,} of {len(cells):,} cells are read")
    blocks: list[Block] = []
    for cell in cells[:_CELLS]:
        text = _text(cell.get("source", cell.get("input")))
        if cell.get("cell_type") == "markdown" and text.strip():
            blocks += _words(text, read_part, notes)
        elif cell.get("cell_type") == "heading" and text.strip():
            level = cell.get("level")
            blocks.append(Heading(line(text), level if isinstance(level, int) else 1))
        elif kept := lines(text):
            blocks.append(Code(kept))
        if shown := _shown(cell):
            blocks.append(Code(shown))
    if not blocks:
        raise EmptySource("its cells are empty")
    return Content(tuple(blocks), notes=tuple(notes))


def _cells(notebook: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """The cells; before version 4 they lay in worksheets."""
    found = notebook.get("cells")
    if not isinstance(found, list):
        sheets = notebook.get("worksheets")
        sheets = sheets if isinstance(sheets, list) else []
        inner = [each.get("cells") for each in sheets if isinstance(each, Mapping)]
        found = [cell for each in inner if isinstance(each, list) for cell in each]
    yield from (cell for cell in found if isinstance(cell, Mapping))


def _words(text: str, read_part: ReadPart, notes: list[str]) -> tuple[Block, ...]:
    try:
        return read_part(File(text.encode("utf-8", "replace"), "", "utf-8", kinds.MARKDOWN)).blocks
    except EmptySource:
        return ()
    except IngestError as e:
        notes.append(f"a cell could not be read: {e.public}")
        return ()


def _shown(cell: Mapping[str, object]) -> str:
    """The beginning of what a cell printed or gave as text."""
    outputs = cell.get("outputs")
    texts: list[str] = []
    for output in outputs if isinstance(outputs, list) else []:
        if not isinstance(output, Mapping):
            continue
        data = output.get("data")
        data = data if isinstance(data, Mapping) else {}
        # What stands beside a picture only names it.
        is_drawn = any(str(key).startswith("image/") for key in data)
        plain = None if is_drawn else data.get("text/plain")
        texts.append(_text(output.get("text", plain)))
    printed = lines("\n".join(filter(None, texts)))
    if len(printed) <= _SHOWN and printed.count("\n") < _SHOWN_LINES:
        return printed
    return "\n".join([*printed[:_SHOWN].split("\n")[:_SHOWN_LINES], _CUT])


def _text(value: object) -> str:
    """Text that is kept whole, or as a list of lines."""
    if isinstance(value, list):
        return "".join(each for each in value if isinstance(each, str))
    return value if isinstance(value, str) else ""
