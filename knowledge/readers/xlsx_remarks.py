"""What stands beside the cells of Excel's .xlsx: comments on them, and boxes of text."""

from collections.abc import Iterator

from domain.blocks import Block, Paragraph, Where
from knowledge.readers.cells import Cells
from knowledge.readers.clean import line
from knowledge.readers.drawn_text import blocks_of_text
from knowledge.readers.office import Office
from knowledge.readers.xlsx_places import span_of
from knowledge.readers.zipped import Element

_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
_LONGEST_CELL = 80  # characters of the cell that a comment is on
_MOST = 10_000  # comments of a sheet, and boxes
_FOR_OTHERS = "tc="  # the writer of what a program writes for those that show no threads


def remarks(office: Office, path: str, cells: Cells) -> tuple[Block, ...]:
    """The comments and boxes of the sheet ``path``, but those on what is hidden."""
    where = Where(sheet=cells.name)
    comments = [*_threads(office, path), *_comments(office, path)]
    return (
        *(
            Paragraph(f"Comment on {place}{_said_there(place, cells)}: {text}", where)
            for place, text in comments[:_MOST]
            if text and not _is_hidden(place, cells)
        ),
        # Some boxes are kept twice, for older programs too.
        *dict.fromkeys(_boxes(office, path, where)),
    )


def _threads(office: Office, path: str) -> Iterator[tuple[str, str]]:
    """The place and the text of each comment that people answer."""
    people = office.related(office.main, "person")
    names = {each.get("id"): each.get("displayName", "") for each in _children(people)}
    for each in _children(office.related(path, "threadedComment")):
        text = line(each.findtext("{*}text") or "")
        yield each.get("ref", ""), _by(names.get(each.get("personId"), ""), text)


def _comments(office: Office, path: str) -> Iterator[tuple[str, str]]:
    root = office.related(path, "comments")
    if root is None:
        return
    writers = [each.text or "" for each in root.iterfind("{*}authors/{*}author")]
    for each in root.iterfind("{*}commentList/{*}comment"):
        number = each.get("authorId", "")
        writer = writers[int(number)] if number.isdecimal() and int(number) < len(writers) else ""
        if not writer.startswith(_FOR_OTHERS):
            text = line("".join(each.itertext("{*}t")))
            yield each.get("ref", ""), _by(writer, text)


def _by(writer: str, text: str) -> str:
    """``text`` with its writer in front, where it does not begin so by itself, as in Excel."""
    is_named = not line(writer) or not text or text.startswith(f"{line(writer)}:")
    return text if is_named else f"{line(writer)}: {text}"


def _said_there(place: str, cells: Cells) -> str:
    """What the row begins with, and the cell at ``place``, as in `` (Crane hire, 120)``."""
    span = span_of(place)
    row = cells.texts.get(span.top, {}) if span else {}
    texts = dict.fromkeys((row[min(row)], row.get(span.left, ""))) if span and row else {}
    said = ", ".join(text[:_LONGEST_CELL] for text in texts if text)
    return f" ({said})" if said else ""


def _is_hidden(place: str, cells: Cells) -> bool:
    span = span_of(place)
    return span is not None and cells.is_hidden(span.top, span.left)


def _boxes(office: Office, path: str, where: Where) -> Iterator[Block]:
    drawings = [each for each in office.relations(path).values() if each.kind == "drawing"]
    for link in drawings:
        root = office.part_if_any(link.target)
        boxes = [] if root is None else list(root.iterfind(f".//{_DRAWING}sp/{_DRAWING}txBody"))
        relations = office.relations(link.target)
        for body in boxes[:_MOST]:
            yield from blocks_of_text(body, relations, where, has_bullets=False)


def _children(root: Element | None) -> list[Element]:
    return [] if root is None else list(root)
