"""PDF files: text in reading order, tables, the values of forms, and comments, page by page."""

import re
from collections.abc import Mapping
from contextlib import suppress

import pypdfium2.raw as api
from pypdfium2 import PdfDocument, PdfiumError

from domain.blocks import Block, Content, Heading, Paragraph, Where
from domain.errors import EmptySource
from knowledge.readers.base import File, parsing
from knowledge.readers.pdf.blocks import blocks_of
from knowledge.readers.pdf.layout import Part, parts_of
from knowledge.readers.pdf.page import Page
from knowledge.readers.pdf.pdfium import open_document, read_page
from knowledge.readers.pdf.recognition import Recognition
from knowledge.readers.pdf.text import plain

_PAGES = 20_000
_BOOKMARKS = 10_000
_NAMED = 5  # attached files that a note names
_LONGEST_TITLE = 300
_NO_TITLE = re.compile(
    r"\A(?:untitled|unbenannt|ohne titel|unspecified|anonymous|microsoft \w{1,20} - "
    r"|(?:powerpoint|word) |\w:\\|\w{1,10}:/|/"
    r"|(?:title|titel|none|null|document|dokument|presentation|slide|sheet|scan)\W?\d{0,9}\Z)",
    re.IGNORECASE,
)
"""What programs write where nobody gave a title."""
_ENDINGS = "doc docx ppt pptx xls xlsx odt odp indd qxd tex dvi rtf pdf ps fm pub txt html"
_FILES = tuple(f".{ending}" for ending in _ENDINGS.split())
_BLANKS = re.compile(r"\s+")


def read(file: File) -> Content:
    """What a PDF holds. Raises UnreadableSource and EmptySource."""
    document = open_document(file.content)
    try:
        with parsing("PDF", PdfiumError):
            return _read(document)
    finally:
        document.close()


def _read(document: PdfDocument) -> Content:
    count = len(document)
    recognition = Recognition(document)
    pages: list[list[Part]] = []
    more: dict[int, list[Block]] = {}
    damaged = 0
    has_fields = False
    for index in range(min(count, _PAGES)):
        try:
            page = read_page(document, index)
        except PdfiumError:
            damaged += 1
            continue
        has_fields = has_fields or bool(page.fields)
        pages.append(parts_of(recognition.read(page) if page.is_picture else page))
        if beside := _beside(page):
            more[page.number] = beside
    if count and damaged == min(count, _PAGES):
        raise PdfiumError("none of its pages can be read")
    blocks = _with(blocks_of(pages, _outline(document)), more)
    notes = [*recognition.notes(count)]
    if damaged:
        notes.append(f"{damaged} of {count} pages are damaged and were not read")
    if count > _PAGES:
        notes.append(f"only its first {_PAGES} pages were read")
    if _is_xfa(document, has_fields=has_fields):
        notes.append("its form is of a kind (XFA) that is not read")
    notes += _attached(document)
    if not any(_has_letters(block) for block in blocks):
        scan = f": {notes[0]}" if notes else ""
        raise EmptySource(f"it holds no text{scan}")
    return Content(tuple(blocks), _title(document, blocks), tuple(notes))


def _is_xfa(document: PdfDocument, *, has_fields: bool) -> bool:
    """Whether its form is kept as XFA alone; some keep the same fields in the usual way too."""
    kind = document.get_formtype()
    return kind == api.FORMTYPE_XFA_FULL or (kind == api.FORMTYPE_XFA_FOREGROUND and not has_fields)


def _attached(document: PdfDocument) -> list[str]:
    """A note on the files within it, which are all that a portfolio holds beside its cover."""
    count = document.count_attachments()
    if count < 1:
        return []
    names = []
    for index in range(min(count, _NAMED)):
        with suppress(PdfiumError):
            names.append(plain(document.get_attachment(index).get_name()))
    named = ", ".join(filter(None, names)) + (" and others" if count > _NAMED else "")
    what = "1 attached file is" if count == 1 else f"{count} attached files are"
    return [f"{what} not read: {named}" if named else f"{what} not read"]


def _beside(page: Page) -> list[Block]:
    """What stands beside the page's text: comments, and text that is turned against it."""
    where = Where(page=page.number)
    texts = [plain(text) for text in page.aside]
    texts += [f"Comment: {plain(text)}" for text in page.comments]
    return [Paragraph(text, where) for text in texts if any(map(str.isalnum, text))]


def _with(blocks: list[Block], more: Mapping[int, list[Block]]) -> list[Block]:
    """``blocks`` with ``more`` behind those of each page; the same text is given once."""
    seen: set[str] = set()
    made: list[Block] = []
    left = sorted(more)

    def add_until(page: int) -> None:
        while left and left[0] < page:
            for block in more[left.pop(0)]:
                if isinstance(block, Paragraph) and block.text not in seen:
                    seen.add(block.text)
                    made.append(block)

    for block in blocks:
        add_until(block.where.page)
        made.append(block)
    add_until(_PAGES + 2)
    return made


def _has_letters(block: Block) -> bool:
    return not isinstance(block, (Paragraph, Heading)) or any(map(str.isalnum, block.text))


def _outline(document: PdfDocument) -> dict[tuple[int, str], int]:
    """The depth of each bookmark, from 1, by its page and its text without blanks."""
    found: dict[tuple[int, str], int] = {}
    try:
        for number, bookmark in enumerate(document.get_toc(max_depth=6)):
            if number >= _BOOKMARKS:
                break
            target = bookmark.get_dest()
            index = target.get_index() if target else None
            if index is not None:
                text = _BLANKS.sub("", plain(bookmark.get_title())).casefold()
                found.setdefault((index + 1, text), bookmark.level + 1)
    except PdfiumError:
        return {}
    return found


def _title(document: PdfDocument, blocks: list[Block]) -> str:
    """The title that the file names, where it is one and the text says so too."""
    title = plain(document.get_metadata_value("Title") or "")
    is_one = any(map(str.isalpha, title)) and not title.lower().endswith(_FILES)
    if not is_one or _NO_TITLE.match(title) or len(title) > _LONGEST_TITLE or "\ufffd" in title:
        return ""
    first = [
        b.text for b in blocks[:60] if isinstance(b, (Heading, Paragraph)) and b.where.page < 3
    ]
    words = {word.strip(".,:;").casefold() for text in first for word in text.split()}
    said = [word.strip(".,:;").casefold() in words for word in title.split()]
    has_heading = any(isinstance(block, Heading) for block in blocks[:10])
    return title if 2 * sum(said) >= len(said) or not has_heading else ""
