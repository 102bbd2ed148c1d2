"""The text of OpenDocument files, as blocks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from domain.blocks import NOWHERE, Block, Heading, Item, Paragraph, Where
from knowledge.readers.clean import line, lines, raised
from knowledge.readers.office import description, linked_within, number
from knowledge.readers.open_styles import (
    DRAW,
    OFFICE,
    SVG,
    TABLE,
    TEXT,
    XLINK,
    OpenStyles,
    mark,
)
from knowledge.readers.spans import COLUMNS, Cell, flat, table
from knowledge.readers.word_blocks import Gathered
from knowledge.readers.word_styles import Look
from knowledge.readers.word_text import PAGE, without_page_numbers
from knowledge.readers.zipped import Element

_LONGEST_HEADING = 200
_LOWEST_LEVEL = 6
_SPACES = 100
_BLANKS = re.compile(r"[ \t\r\n]++")
_REPEATED_ROWS = 20  # of equal rows in a row; more are an attack, or empty

_UNREAD = {
    *(f"{OFFICE}{n}" for n in ("annotation", "annotation-end", "forms", "event-listeners")),
    *(f"{TEXT}{n}" for n in ("tracked-changes", "hidden-text", "sequence-decls", "variable-decls")),
    *(f"{TEXT}{n}" for n in ("table-of-content", "illustration-index", "table-index")),
    *(f"{TEXT}{n}" for n in ("object-index", "user-index", "alphabetical-index", "ruby-text")),
    *(f"{TEXT}{n}" for n in ("user-field-decls", "note-citation", "index-title-template")),
    *(f"{SVG}{n}" for n in ("title", "desc")),
    f"{DRAW}object",
    f"{DRAW}object-ole",
}
_REPEATED = 500  # characters of a row that is repeated
_REPEATED_IN_ALL = 1_000_000  # characters of a document that are repetitions
_HEADER_ROWS = f"{TABLE}table-header-rows"
_ROW_GROUPS = (_HEADER_ROWS, f"{TABLE}table-rows", f"{TABLE}table-row-group")
_HIDDEN_ROWS = ("collapse", "filter")


class OpenText:
    """Reads the contents of a document or a shape. ``titles`` are in the style of titles."""

    def __init__(self, styles: OpenStyles, where: Where = NOWHERE) -> None:
        self._styles = styles
        self._where = where
        self._list_counts: dict[str, list[int]] = {}  # where a list of that style has ended
        self.titles: list[Heading] = []
        self.pictures = 0
        self._repeatable = _REPEATED_IN_ALL
        self._pieces: list[tuple[str, Look]] = []
        self._behind: list[Element] = []
        self._notes: list[str] = []

    def blocks(self, container: Element) -> list[Block]:
        made = Gathered()
        self._into(made, container)
        blocks = made.finished()
        return blocks if self._where == NOWHERE else [replace(b, where=self._where) for b in blocks]

    def _into(self, made: Gathered, container: Element) -> None:
        for each in container:
            if each.tag in (f"{TEXT}p", f"{TEXT}h"):
                self._paragraph(made, each)
            elif each.tag in (f"{TEXT}list", f"{TEXT}numbered-paragraph"):
                self._list(made, each, "", [])
            elif each.tag == f"{TABLE}table":
                made.add(*self.table(each))
            elif each.tag == f"{TEXT}section" and each.get(f"{TEXT}display") == "none":
                continue
            elif each.tag not in _UNREAD:
                if each.tag == f"{DRAW}frame":
                    made.add(*self.described(each))
                self._into(made, each)

    def described(self, frame: Element) -> list[Block]:
        """What is said of a picture."""
        if frame.find(f"{DRAW}image") is not None:
            self.pictures += 1
        said = (description(frame.findtext(f"{SVG}{name}") or "") for name in ("title", "desc"))
        return [Paragraph(text) for text in dict.fromkeys(said) if text]

    def _paragraph(self, made: Gathered, element: Element, item: Item | None = None) -> None:
        style = element.get(f"{TEXT}style-name", "")
        look = self._styles.look("paragraph", style)
        self._pieces, self._behind, self._notes = [], [], []
        self._inside(element, look)
        pieces, behind, notes = self._pieces, self._behind, self._notes
        raw = "".join(text for text, _ in pieces)
        said = [each for text, each in pieces if text.strip()]
        text = line(without_page_numbers(raw))
        noted = "".join(f" (Footnote: {note})" for note in notes)
        if look.role == "contents":
            return
        if said and item is None and (look.role == "code" or all(e.is_monospaced for e in said)):
            made.add_code(lines(raw))
        elif text and (element.tag == f"{TEXT}h" or look.role in ("title", "subtitle")):
            self._heading(made, element, look, text)
            made.add(*([Paragraph(noted.strip(" ()"))] if noted else []))
        elif text and item is not None:
            made.add_item(replace(item, text=text + noted))
        elif text and look.role == "caption":
            made.add_caption(text + noted)
        elif text:
            made.add(Paragraph(text + noted, is_bold=all(each.is_bold for each in said)))
        for each in behind:
            if each.tag == f"{DRAW}frame":
                made.add(*self.described(each))
            self._into(made, each)

    def _heading(self, made: Gathered, element: Element, look: Look, text: str) -> None:
        level = {"title": 1, "subtitle": 2}.get(look.role or "", 0)
        level = level or number(element.get(f"{TEXT}outline-level"), 1)
        if len(text) > _LONGEST_HEADING:
            made.add(Paragraph(text))
            return
        heading = Heading(text, min(max(level, 1), _LOWEST_LEVEL), self._where)
        made.add(heading)
        if look.role == "title":
            self.titles.append(heading)

    def _list(self, made: Gathered, element: Element, style: str, above: list[int]) -> None:
        style = element.get(f"{TEXT}style-name") or style
        depth = len(above)
        count = self._styles.list_level(style, depth).start - 1
        goes_on = element.get(f"{TEXT}continue-numbering") == "true"
        if (goes_on or element.get(f"{TEXT}continue-list")) and style in self._list_counts:
            before = self._list_counts[style]
            count = before[depth] if len(before) > depth else count
        rows = [element] if element.tag == f"{TEXT}numbered-paragraph" else list(element)
        for each in rows:
            if each.tag == f"{TEXT}list-header":
                self._into(made, each)
                continue
            count = number(each.get(f"{TEXT}start-value"), count + 1)
            self._item(made, each, style, [*above, count])
        self._list_counts[style] = [*above, count]

    def _item(self, made: Gathered, element: Element, style: str, counts: list[int]) -> None:
        is_first = True
        for each in element:
            if each.tag == f"{TEXT}list":
                self._list(made, each, style, counts)
            elif each.tag == f"{TEXT}p" and is_first:
                marked = mark(self._styles, style, counts) or "-"
                self._paragraph(made, each, Item("", len(counts) - 1, marked))
            elif each.tag == f"{TEXT}p":
                within = self.blocks_of(each)
                text = flat(within)
                if text and not made.continue_item(text):
                    made.add(*within)
            elif each.tag == f"{TEXT}h":
                self._paragraph(made, each)
            is_first = False

    def blocks_of(self, paragraph: Element) -> list[Block]:
        made = Gathered()
        self._paragraph(made, paragraph)
        return made.finished()

    def _inside(self, element: Element, look: Look) -> None:
        self._add(element.text, look)
        for child in element:
            self._child(child, look)
            self._add(child.tail, look)

    def _add(self, text: str | None, look: Look) -> None:
        if not text or look.is_hidden or look.is_struck:
            return
        text = _BLANKS.sub(" ", text)
        if look.is_raised:
            text = raised(text, self._pieces[-1][0] if self._pieces else "")
        self._pieces.append((text, look))

    def _child(self, child: Element, look: Look) -> None:
        tag = str(child.tag)
        if tag == f"{TEXT}span":
            style = child.get(f"{TEXT}style-name", "")
            self._inside(child, self._styles.look("text", style).over(look))
        elif tag == f"{TEXT}a":
            start = len(self._pieces)
            self._inside(child, look)
            text = "".join(piece for piece, _ in self._pieces[start:])
            linked = linked_within(text, child.get(f"{XLINK}href", ""))
            self._pieces[start:] = [(linked, look)]
        elif tag == f"{TEXT}s":
            count = min(max(number(child.get(f"{TEXT}c"), 1), 1), _SPACES)
            self._pieces.append((" " * count, look))
        elif tag in (f"{TEXT}tab", f"{TEXT}line-break"):
            self._pieces.append(("\t" if tag == f"{TEXT}tab" else "\n", look))
        elif tag in (f"{TEXT}page-number", f"{TEXT}page-count"):
            self._pieces.append((PAGE, look))
        elif tag == f"{TEXT}note":
            self._note(child)
        elif tag.startswith(DRAW):
            self._behind.append(child)
        elif tag not in _UNREAD:
            self._inside(child, look)

    def _note(self, note: Element) -> None:
        body = note.find(f"{TEXT}note-body")
        held = self._pieces, self._behind, self._notes
        text = flat(self.blocks(body)) if body is not None else ""
        self._pieces, self._behind, self._notes = held
        if text:
            self._notes.append(text)

    def table(self, element: Element) -> list[Block]:
        rows = list(_rows(element))
        if len(rows) == 1 and len(rows[0].cells) == 1:
            return self.blocks(rows[0].cells[0])
        parted: list[list[Cell]] = []
        headers = 0
        for row in rows:
            cells = [self._cell(cell) for cell in row.cells]
            times = self._times(row, sum(len(cell.text) for cell in cells))
            parted.extend([cells] * times)
            headers += times if row.is_header else 0
        has_header = element.get(f"{TABLE}use-first-row-styles") == "true"
        made = table(parted, headers or int(has_header), self._where)
        return [made] if made else []

    def _times(self, row: "_Row", characters: int) -> int:
        """How often a row stands in its table; a large one stands there once."""
        if row.times < 2 or not 0 < characters <= _REPEATED or self._repeatable <= 0:
            return 1
        times = min(row.times, _REPEATED_ROWS)
        self._repeatable -= characters * times
        return times

    def _cell(self, cell: Element) -> Cell:
        blocks = self.blocks(cell)
        repeated = max(number(cell.get(f"{TABLE}number-columns-repeated"), 1), 1)
        columns = max(number(cell.get(f"{TABLE}number-columns-spanned"), 1), 1)
        rows = max(number(cell.get(f"{TABLE}number-rows-spanned"), 1), 1)
        is_bold = bool(blocks) and all(isinstance(b, Paragraph) and b.is_bold for b in blocks)
        return Cell(flat(blocks), min(repeated * columns, COLUMNS), rows, is_bold)


@dataclass(frozen=True, slots=True)
class _Row:
    cells: list[Element]
    is_header: bool
    times: int


def _rows(element: Element) -> Iterator[_Row]:
    """Each row that is shown."""
    waiting = [(each, False) for each in reversed(element)]
    while waiting:
        each, is_header = waiting.pop()
        if each.tag == f"{TABLE}table-row" and each.get(f"{TABLE}visibility") not in _HIDDEN_ROWS:
            times = number(each.get(f"{TABLE}number-rows-repeated"), 1)
            yield _Row(each.findall(f"{TABLE}table-cell"), is_header, times)
        elif each.tag in _ROW_GROUPS:
            is_in_header = is_header or each.tag == _HEADER_ROWS
            waiting.extend((inner, is_in_header) for inner in reversed(each))
