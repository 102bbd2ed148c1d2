"""Turns the elements of a page into blocks, in reading order."""

from dataclasses import dataclass, field

from selectolax.lexbor import LexborNode

from domain.blocks import Block, Code, Heading, Item, ItemList, Paragraph, Where, linked
from knowledge.readers.clean import line, lines, raised
from knowledge.readers.html_clutter import is_clutter, is_section
from knowledge.readers.html_headings import Headings
from knowledge.readers.html_marks import Marks, marks_of
from knowledge.readers.html_math import equation
from knowledge.readers.html_page import Page
from knowledge.readers.html_tables import (
    caption_of,
    cells_of,
    data_table,
    holds_data,
    is_made_table,
    rows_of,
    sign_of,
)
from knowledge.readers.html_tree import CELLS, HEADINGS, attributes, children, names

_DEEPEST = 180
"""Elements in each other that are read one by one; what is nested deeper is read as one text."""

_BLOCKS = HEADINGS | frozenset(
    "address article aside blockquote body center dd details dialog dir div dl dt fieldset "
    "figcaption figure footer form header hgroup hr html legend li main menu nav ol p pre search "
    "section summary table td th tr ul".split()
)
_TABLE_ROLES = frozenset("table grid treegrid rowgroup row".split())
_SET_APART = frozenset("aside details dialog".split())  # their headings are above nothing else
_BOLD = frozenset("b strong".split())
_STRUCK = frozenset("del s strike".split())  # no longer true, says who struck it out
_PARTED = frozenset("label output option button img input select textarea meter progress".split())
_COMMAND_WORDS = 3  # a button with more words says something
_LONG_ALT = 5  # words of a picture's description that stand alone
_MOST_OPTIONS = 30
_SHORT_DEFINITION = 200  # characters
_NO_PICTURES = frozenset("image picture photo logo icon avatar spacer banner thumbnail img".split())
_BELOW_HEADINGS = 7  # as a level
_OPENS = frozenset("aria-expanded aria-controls data-target data-bs-target".split())
_OPENING_NAMES = ("accordion", "collaps", "expand", "faq", "tab", "toggle")
_FILLED = frozenset(
    ("", "text", "email", "number", "date", "tel", "url", "time", "datetime-local", "month", "week")
)


@dataclass(slots=True)
class _Line:
    """Text that is being gathered, and how much of it is bold."""

    pieces: list[str] = field(default_factory=list)
    size: int = 0
    bold: int = 0
    after_break: bool = False
    notes: list[str] = field(default_factory=list)  # what stands behind it

    @property
    def text(self) -> str:
        return line("".join(self.pieces))

    @property
    def is_bold(self) -> bool:
        return 0 < self.size <= self.bold


@dataclass(slots=True)
class _Entry:
    """An item of a list that is being gathered."""

    depth: int
    mark: str
    parts: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    is_closed: bool = False


class Blocks:
    """The blocks of one page. `read` may be called for several parts of it, in their order."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._blocks: list[Block] = []
        self._headings = Headings()
        self._line = _Line()
        self._bold = 0
        self._flat = 0  # within a heading, a cell or the like: all is one line
        self._within = 0  # sections of the page
        self._entries: list[_Entry] = []
        self._entry: _Entry | None = None
        self._lists: list[Marks] = []
        self._anchor = ""
        self._anchor_level = 0  # of the heading that it leads to
        self._pending = ""  # the id of an element that has shown nothing yet

    def read(self, node: LexborNode) -> None:
        self._element(node, 0)
        self._flush()

    def finished(self) -> tuple[Block, ...]:
        self._close_list()
        return tuple(self._blocks)

    # Elements

    def _children(self, node: LexborNode, depth: int) -> None:
        for child in children(node):
            if child.is_text_node:
                self._text(child.text_content or "")
            elif child.is_element_node:
                self._element(child, depth + 1)

    def _element(self, node: LexborNode, depth: int) -> None:
        tag, given = node.tag or "", attributes(node)
        measure = self._page.measures[node.mem_id]
        if node.mem_id in self._page.moved or is_clutter(
            node, tag, given, measure, is_within=self._within > 0
        ):
            return
        if depth > _DEEPEST:
            self._text(f" {node.text(separator=' ')} ")
            return
        self._note_anchor(tag, given)
        if tag in _BLOCKS or given.get("role") in _TABLE_ROLES:
            self._block(node, tag, given, depth)
        else:
            self._inline(node, tag, given, depth)

    def _block(self, node: LexborNode, tag: str, given: dict[str, str], depth: int) -> None:
        if self._flat:
            self._text(" ")
            self._children(node, depth)
            self._text(" ")
            return
        self._flush()
        is_within = is_section(tag, given)
        self._within += is_within
        above, anchor = self._headings.above, (self._anchor, self._anchor_level)
        if label := self._page.labels.get(given.get("id", "")):
            self._emit(Paragraph(label, self._where, is_bold=True))
        if tag in HEADINGS or given.get("role") == "heading":
            self._heading(node, tag, given, depth)
        elif tag in ("ul", "ol", "menu", "dir"):
            self._list(node, given, depth)
        elif tag == "li":
            self._item(node, given, depth)
        elif tag == "pre":
            self._emit(Code(lines(self._code(node)), self._where))
        elif tag == "table" or is_made_table(node, given, self._page.measures):
            self._table(node, depth)
        elif tag == "dl":
            self._definitions(node, depth)
        elif (
            tag in ("summary", "legend", "dt") or given.get("role") == "button"
        ) and not self._page.measures[node.mem_id].headings:
            text, _ = self._one_line(node, depth)
            self._paragraph(text, is_bold=True)
        else:
            self._children(node, depth)
        self._flush()
        self._within -= is_within
        if tag in _SET_APART and self._headings.above != above:
            self._close_list()
            self._headings.go_back(above)
            self._anchor, self._anchor_level = anchor

    def _inline(self, node: LexborNode, tag: str, given: dict[str, str], depth: int) -> None:
        is_parted = tag in _PARTED or given.get("role") in CELLS
        if is_parted:
            self._text(" ")
        if tag == "br":
            self._break()
        elif tag == "a":
            self._link(node, given, depth)
        elif tag == "math":
            self._text(equation(node))
        elif tag == "sup":
            self._raised(node, depth)
        elif tag in _STRUCK:
            pass
        elif tag == "img":
            self._picture(given)
        elif tag == "button":
            self._button(node, given, depth)
        elif tag == "input":
            self._text(_shown_value(given))
        elif tag == "select":
            self._options(node)
        elif tag == "q":
            self._text("“")
            self._children(node, depth)
            self._text("”")
        else:
            is_bold = tag in _BOLD or "font-weight:bold" in given.get("style", "").replace(" ", "")
            self._bold += is_bold
            self._children(node, depth)
            self._bold -= is_bold
            if tag == "abbr" and (meaning := given.get("title", "")):
                self._text(f" ({meaning})" if meaning not in (node.text() or "") else "")
        if is_parted:
            self._text(" ")

    # Blocks

    def _heading(self, node: LexborNode, tag: str, given: dict[str, str], depth: int) -> None:
        level = given.get("aria-level", "")[:1] if tag not in HEADINGS else tag[1]
        own = given.get("id") or next(
            (named for child in children(node) if (named := _anchor_of(child))), ""
        )
        number = int(level) if level in set("123456") else 2
        if (named := own or self._pending) or number <= self._anchor_level:
            self._anchor, self._anchor_level = named, number
        text, _ = self._one_line(node, depth)
        if text:
            self._emit(Heading(text, number, self._where))

    def _list(self, node: LexborNode, given: dict[str, str], depth: int) -> None:
        is_outermost = not self._lists
        entry = self._entry
        self._lists.append(marks_of(node, given))
        self._children(node, depth)
        self._flush()
        self._lists.pop()
        self._entry = entry
        if is_outermost:
            self._close_list()

    def _item(self, node: LexborNode, given: dict[str, str], depth: int) -> None:
        measure = self._page.measures[node.mem_id]
        mark = self._lists[-1].next(given.get("value", "")) if self._lists else "-"
        if not self._lists or measure.headings or measure.tables:
            self._children(node, depth)
            return
        outer = self._entry
        self._entry = _Entry(len(self._lists) - 1, mark)
        self._entries.append(self._entry)
        self._children(node, depth)
        self._flush()
        self._entry = outer

    def _table(self, node: LexborNode, depth: int) -> None:
        if not holds_data(node, self._page.measures[node.mem_id]):
            if (caption := caption_of(node)) is not None:
                self._children(caption, depth)
                self._flush()
            for _, row in rows_of(node):
                for cell in cells_of(row):
                    self._element(cell, depth + 3)
            return
        caption = caption_of(node)
        named = self._one_line(caption, depth)[0] if caption is not None else ""
        table = data_table(node, lambda cell: self._cell(cell, depth), named, self._where)
        if table is not None:
            self._emit(table)

    def _cell(self, cell: LexborNode, depth: int) -> tuple[str, bool]:
        text, is_bold = self._one_line(cell, depth + 3)
        return text or sign_of(cell), is_bold

    def _definitions(self, node: LexborNode, depth: int) -> None:
        """Short ones as items, others as a term in bold and what follows it."""
        measure = self._page.measures[node.mem_id]
        pairs = [child for child in children(node) if child.tag in ("dt", "dd")]
        is_short = not (measure.headings or measure.tables or measure.blocks > 1) and all(
            self._page.measures[each.mem_id].text <= _SHORT_DEFINITION for each in pairs
        )
        if not is_short or not pairs or self._lists:
            self._children(node, depth)
            return
        terms: list[str] = []
        said: _Entry | None = None
        for each in pairs:
            text, _ = self._one_line(each, depth + 1)
            if each.tag == "dt":
                terms.append(text)
            elif terms or said is None:
                term = ", ".join(terms).removesuffix(":")
                said = _Entry(0, "-", [f"{term}: {text}" if term else text])
                self._entries.append(said)
                terms = []
            elif text:
                said.parts[-1] += ";"  # the term has several
                said.parts.append(text)
        self._entries += [_Entry(0, "-", [term]) for term in terms]
        self._close_list()

    # Text

    def _link(self, node: LexborNode, given: dict[str, str], depth: int) -> None:
        href = given.get("href", "")
        if note := self._page.note(node, given):
            label, target = note
            self._text(f" [{label}]")
            if target.mem_id not in self._page.moved:
                self._page.moved.add(target.mem_id)
                text, _ = self._one_line(target, depth)
                self._line.notes.append(f"[{label}] {text.removeprefix(f'[{label}]').strip()}")
            return
        at = self._line
        start = len(at.pieces)
        self._children(node, depth)
        if at is self._line and href and not href.startswith("#"):
            text = line("".join(at.pieces[start:]))
            if text or not self._page.measures[node.mem_id].text:
                shown = linked(text, self._page.absolute(href))
                self._text(shown.removeprefix(text) if text else "")

    def _raised(self, node: LexborNode, depth: int) -> None:
        before = "".join(self._line.pieces[-3:])
        if self._page.measures[node.mem_id].links:
            self._children(node, depth)
        else:
            self._text(raised(self._one_line(node, depth)[0], before))

    def _picture(self, given: dict[str, str]) -> None:
        alt = line(given.get("alt", ""))
        if alt.lower() in _NO_PICTURES or alt.lower().endswith((".png", ".jpg", ".jpeg", ".gif")):
            return
        if len(alt.split()) >= _LONG_ALT and not self._flat and self._line.text:
            self._line.notes.append(alt)
        else:
            self._text(alt)

    def _button(self, node: LexborNode, given: dict[str, str], depth: int) -> None:
        if self._flat or self._line.text or self._page.measures[node.mem_id].headings:
            self._children(node, depth)
            return
        text, _ = self._one_line(node, depth)
        opens = _OPENS & given.keys() or any(
            name.startswith(_OPENING_NAMES) for name in names(given)
        )
        if given.get("aria-controls") in self._page.labels:
            return  # stands above what it shows
        if opens or "?" in text or len(text.split()) > _COMMAND_WORDS:
            self._flush()
            self._paragraph(text, is_bold=True)

    def _options(self, node: LexborNode) -> None:
        options = node.css("option")
        chosen = [each for each in options if "selected" in each.attributes]
        shown = chosen if chosen or len(options) > _MOST_OPTIONS else options
        self._text("; ".join(filter(None, (line(each.text()) for each in shown))))

    def _code(self, node: LexborNode) -> str:
        kept: list[str] = []
        stack = [node.first_child]
        while stack:
            child = stack.pop()
            if child is None:
                continue
            stack.append(child.next)
            if child.is_text_node:
                kept.append(child.text_content or "")
            elif child.tag == "br":
                kept.append("\n")
            elif child.is_element_node and not is_clutter(
                child,
                child.tag or "",
                attributes(child),
                self._page.measures[child.mem_id],
                is_within=True,
            ):
                stack.append(child.first_child)
        return "".join(kept)

    def _one_line(self, node: LexborNode, depth: int) -> tuple[str, bool]:
        """The text within ``node`` in one line, and whether all of it is bold."""
        outer, self._line = self._line, _Line()
        bold, self._bold = self._bold, 0
        self._flat += 1
        self._children(node, depth + 1)
        self._flat -= 1
        self._bold = bold
        found, self._line = self._line, outer
        outer.notes += found.notes
        return found.text, found.is_bold

    def _text(self, text: str) -> None:
        if not text:
            return
        self._line.pieces.append(text)
        size = len(text) - text.count(" ")
        if not text.isspace():
            self._line.after_break = False
            self._line.size += size
            self._line.bold += size if self._bold else 0

    def _break(self) -> None:
        if self._line.after_break and not self._flat:
            self._flush()
        else:
            self._text("\n")
            self._line.after_break = True

    # What is done

    @property
    def _where(self) -> Where:
        return Where(anchor=self._anchor)

    def _note_anchor(self, tag: str, given: dict[str, str]) -> None:
        named = given.get("id") or (given.get("name", "") if tag == "a" else "")
        if named and tag not in ("body", "html", "main", "input", "form"):
            if tag in ("dt", "details") and not self._flat:
                self._anchor, self._anchor_level = named, _BELOW_HEADINGS
            self._pending = named

    def _flush(self) -> None:
        gathered, self._line = self._line, _Line()
        self._paragraph(gathered.text, is_bold=gathered.is_bold)
        self._add_notes(gathered.notes)

    def _paragraph(self, text: str, *, is_bold: bool) -> None:
        if not text:
            return
        self._pending = ""
        if self._entry is not None and not self._entry.is_closed:
            self._entry.parts.append(text)
        else:
            self._emit(Paragraph(text, self._where, is_bold))

    def _add_notes(self, notes: list[str]) -> None:
        if self._entry is not None and not self._entry.is_closed:
            self._entry.notes += notes
        else:
            self._add(*(Paragraph(note, self._where) for note in notes))

    def _add(self, *blocks: Block) -> None:
        for block in blocks:
            self._blocks += [*self._headings.before(block), block]

    def _emit(self, block: Block) -> None:
        self._pending = ""
        self._close_list()
        self._add(block)
        notes, self._line.notes = self._line.notes, []
        self._add_notes(notes)

    def _close_list(self) -> None:
        entries, self._entries = self._entries, []
        for entry in entries:
            entry.is_closed = True
        items = tuple(Item(" ".join(e.parts), e.depth, e.mark) for e in entries if e.parts)
        if items:
            self._add(ItemList(items, self._where))
        self._add(*(Paragraph(note, self._where) for e in entries for note in e.notes))


def _anchor_of(node: LexborNode) -> str:
    given = node.attributes if node.is_element_node else {}
    return given.get("id") or given.get("name") or ""


def _shown_value(given: dict[str, str]) -> str:
    kind = given.get("type", "").lower()
    if given.get("role") == "button":  # a menu that opens without a script
        return ""
    if kind in ("checkbox", "radio"):
        return "[x]" if "checked" in given else "[ ]"
    return given.get("value", "") if kind in _FILLED else ""
