"""Reads Word files: .docx, and the templates and files with macros that are built alike."""

from collections.abc import Iterator

from lxml import etree

from domain.blocks import Block, Content, Heading, Item, Paragraph
from domain.errors import EmptySource, UnreadableSource
from knowledge.readers.base import File, parsing
from knowledge.readers.charts import chart, diagram
from knowledge.readers.clean import line as clean_line
from knowledge.readers.clean import lines as clean_lines
from knowledge.readers.office import Office, R, W, description, is_on
from knowledge.readers.spans import flat
from knowledge.readers.word_blocks import Gathered, fitting_title, without_title
from knowledge.readers.word_numbering import BULLET, Numbering
from knowledge.readers.word_styles import BODY_LEVEL, Look, Styles
from knowledge.readers.word_tables import blocks_of_table, contents
from knowledge.readers.word_text import Line, Lines, without_page_numbers
from knowledge.readers.zipped import Element, Zipped

_WHAT = "Word file"
_MAIN = "word/document.xml"
_LONGEST_HEADING = 200  # characters; what is longer is text that looks like a heading
_LOWEST_LEVEL = 6
_FEW_LETTERS = 200  # of text beside pictures: then the pictures may be the document


def read(file: File) -> Content:
    """Raises UnreadableSource and EmptySource."""
    with Zipped(file.content, _WHAT) as zipped, parsing(_WHAT, etree.LxmlError):
        return _Word(Office(zipped, _MAIN)).content()


class _Word:
    """A file, and what its parts share."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.styles = Styles(office.related(office.main, "styles"))
        self.numbering = Numbering(office.related(office.main, "numbering"))
        self.notes = {
            (kind, note.get(f"{W}id", "")): note
            for kind in ("footnote", "endnote")
            for note in self._children(f"{kind}s", f"{W}{kind}")
            if note.get(f"{W}type", "normal") == "normal"
        }
        self.titles: list[Heading] = []
        self.unread_pictures = 0
        self.unread_objects = 0
        self.unread_parts = 0

    def _children(self, kind: str, tag: str) -> Iterator[Element]:
        root = self.office.related(self.office.main, kind)
        return root.iterfind(tag) if root is not None else iter(())

    def content(self) -> Content:
        document = self.office.part(self.office.main)
        body = document.find(f"{W}body")
        if body is None:
            raise UnreadableSource(f"it is no readable {_WHAT}, or a damaged one", "no body")
        blocks = _Story(self, self.office.main).blocks(body)
        title, blocks = self._titled(blocks)
        margins = self._margins(
            document, {title, *(b.text for b in blocks if isinstance(b, Heading))}
        )
        blocks = [*margins, *blocks]
        if not blocks:
            only = ", only pictures: they need text recognition first"
            raise EmptySource(f"it holds no text{only if self.unread_pictures else ''}")
        return Content(tuple(blocks), title, tuple(self._notes(blocks)))

    def _titled(self, blocks: list[Block]) -> tuple[str, list[Block]]:
        title, rest = without_title(blocks, self.titles)
        return (title, rest) if title else (self._title_among_properties(blocks), blocks)

    def _title_among_properties(self, blocks: list[Block]) -> str:
        """The one that the file's properties name, where no heading says better what it is.

        Many files are copies of others, with the title of those.
        """
        return fitting_title(self.office.title(), blocks)

    def _margins(self, document: Element, known: set[str]) -> list[Block]:
        """Headers and footers, each text once, without the numbers of pages."""
        settings = self.office.related(self.office.main, "settings")
        has_even = settings is not None and is_on(settings.find(f"{W}evenAndOddHeaders"))
        relations = self.office.relations(self.office.main)
        parts: dict[str, None] = {}
        for kind in ("header", "footer"):
            for section in document.iter(f"{W}sectPr"):
                has_first = is_on(section.find(f"{W}titlePg"))
                for each in section.iterfind(f"{W}{kind}Reference"):
                    page = each.get(f"{W}type")
                    relation = relations.get(each.get(f"{R}id", ""))
                    is_shown = (page != "first" or has_first) and (page != "even" or has_even)
                    if relation and is_shown:
                        parts[relation.target] = None
        texts: dict[str, None] = {}
        for part in parts:
            root = self.office.part_if_any(part)
            for block in _Story(self, part).blocks(root) if root is not None else ():
                text = flat([block])
                if text not in known and any(character.isalpha() for character in text):
                    texts[text] = None
        return [Paragraph(text) for text in texts]

    def _notes(self, blocks: list[Block]) -> Iterator[str]:
        if self.unread_pictures and len(flat(blocks)) < _FEW_LETTERS:
            pictures = (
                "1 picture holds"
                if self.unread_pictures == 1
                else f"{self.unread_pictures} pictures hold"
            )
            yield f"{pictures} what is not read: text in pictures needs text recognition"
        if self.unread_objects:
            yield f"{self.unread_objects} embedded objects, such as spreadsheets, are not read"
        if self.unread_parts:
            yield f"{self.unread_parts} parts that are kept in other formats are not read"


class _Story:
    """Reads a part: the document itself, its notes, a header or a footer."""

    def __init__(self, word: _Word, part: str, *, is_note: bool = False) -> None:
        self._word = word
        self._lines = Lines(word.styles, word.office.relations(part))
        self._is_note = is_note
        self._open = ""  # the text of a paragraph whose end was deleted

    def blocks(self, container: Element) -> list[Block]:
        made = Gathered()
        for each in contents(container):
            if each.tag == f"{W}p":
                self._paragraph(each, made)
            elif each.tag == f"{W}tbl":
                made.add(*blocks_of_table(each, self.blocks))
            elif each.tag in (f"{W}altChunk", f"{W}subDoc"):
                self._word.unread_parts += 1
        return made.finished()

    def _paragraph(self, element: Element, made: Gathered) -> None:
        line = self._lines.read(element)
        look = line.look
        if look.role == "contents":
            return
        raw = self._open + line.text
        self._open = raw if line.ends_open else ""
        if not line.ends_open:
            self._text(raw, line, made)
        self._word.unread_objects += line.unread_objects
        self._word.unread_pictures += line.unread_pictures
        for box in line.boxes:
            made.add(*self.blocks(box))
        made.add(*(Paragraph(said) for text in line.pictures if (said := description(text))))
        for name in dict.fromkeys(line.charts):
            root = self._word.office.part_if_any(name)
            made.add(*(chart(root) if root is not None else ()))
        for name in dict.fromkeys(line.diagrams):
            root = self._word.office.part_if_any(name)
            made.add(*(diagram(root) if root is not None else ()))

    def _text(self, raw: str, line: Line, made: Gathered) -> None:
        look = line.look
        if look.role == "code" or (line.is_monospaced and not _is_list(look)):
            if raw.strip():
                made.add_code(clean_lines(raw))
            return
        text = clean_line(without_page_numbers(raw))
        mark = self._mark(look)
        notes = "".join(f" (Footnote: {note})" for note in self._footnotes(line))
        if not text:
            return
        level = {"title": 0, "subtitle": 1}.get(look.role or "", look.level)
        if level is not None and level < BODY_LEVEL and len(text) <= _LONGEST_HEADING:
            heading = Heading(f"{mark} {text}" if mark else text, min(level + 1, _LOWEST_LEVEL))
            made.add(heading)
            if look.role == "title":
                self._word.titles.append(heading)
            if notes:
                made.add(Paragraph(notes.strip(" ()")))
        elif mark is not None:
            made.add_item(Item(text + notes, _depth(look), mark or BULLET))
        elif look.role == "caption":
            made.add_caption(text + notes)
        elif look.role != "continued" or not made.continue_item(text + notes):
            made.add(Paragraph(text + notes, is_bold=line.is_bold))

    def _mark(self, look: Look) -> str | None:
        """What stands in front of an item or a numbered heading; None where it is neither."""
        if not _is_list(look):
            return None
        mark = self._word.numbering.mark(look.list_id or "", look.list_level or 0)
        is_heading = look.level is not None and look.level < BODY_LEVEL
        return "" if is_heading and mark == BULLET else mark

    def _footnotes(self, line: Line) -> Iterator[str]:
        for kind, name in line.notes:
            # Each is read once, and none within another: they could refer to each other.
            note = self._word.notes.pop((kind, name), None)
            if note is None or self._is_note:
                continue
            part = self._related_part(f"{kind}s")
            if text := flat(_Story(self._word, part, is_note=True).blocks(note)):
                yield text

    def _related_part(self, kind: str) -> str:
        relations = self._word.office.relations(self._word.office.main).values()
        return next((each.target for each in relations if each.kind == kind), "")


def _is_list(look: Look) -> bool:
    return look.list_id not in (None, "0")


def _depth(look: Look) -> int:
    return look.list_level or 0
