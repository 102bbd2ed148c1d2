"""Reads OpenDocument texts and presentations: .odt and .odp, and their templates."""

import re

from lxml import etree

from domain.blocks import Block, Content, Heading, ItemList, Paragraph, Where
from domain.errors import EmptySource, UnreadableSource
from knowledge.readers.base import File, parsing
from knowledge.readers.layout import Placed, in_reading_order
from knowledge.readers.office import title_of
from knowledge.readers.open_styles import DRAW, OFFICE, PRESENTATION, STYLE, SVG, TABLE, OpenStyles
from knowledge.readers.open_text import OpenText
from knowledge.readers.slides import SPEAKER_NOTES, Deck, Slide
from knowledge.readers.spans import flat
from knowledge.readers.word_blocks import fitting_title, without_title
from knowledge.readers.zipped import Element, Zipped

_WHAT = "OpenDocument file"
_MARGINS = [f"{STYLE}{n}{of}" for n in ("header", "footer") for of in ("", "-left", "-first")]
_FRAME = ("date-time", "footer", "header", "page-number", "page", "handout")
_LENGTH = re.compile(r"(-?[0-9]{1,6}(?:\.[0-9]{1,6})?)(cm|mm|in|pt|pc|px)?")
_POINTS = {"cm": 28.35, "mm": 2.835, "in": 72, "pt": 1, "pc": 12, "px": 0.75}
_FEW_LETTERS = 200


def read(file: File) -> Content:
    """Raises UnreadableSource and EmptySource."""
    with Zipped(file.content, _WHAT) as zipped, parsing(_WHAT, etree.LxmlError):
        content = zipped.xml("content.xml")
        styles = zipped.xml_if_any("styles.xml")
        meta = zipped.xml_if_any("meta.xml")
        title = title_of(meta) if meta is not None else ""
        known = OpenStyles([content] if styles is None else [content, styles])
        body = content.find(f"{OFFICE}body")
        if body is None or len(body) == 0:
            raise UnreadableSource(f"it is no readable {_WHAT}, or a damaged one", "no body")
        slides = body.find(f"{OFFICE}presentation")
        slides = body.find(f"{OFFICE}drawing") if slides is None else slides
        if slides is not None:
            return _Presentation(known).content(slides, title)
        return _text(body[0], known, styles, title)


def _text(body: Element, known: OpenStyles, styles: Element | None, title: str) -> Content:
    text = OpenText(known)
    named, blocks = without_title(text.blocks(body), text.titles)
    named = named or fitting_title(title, blocks)
    headings = {block.text for block in blocks if isinstance(block, Heading)}
    margins = _margins(known, styles, {named, *headings}) if blocks else []
    if not blocks:
        only = ", only pictures: they need text recognition first" if text.pictures else ""
        raise EmptySource(f"it holds no text{only}")
    notes: tuple[str, ...] = ()
    if text.pictures and len(flat(blocks)) < _FEW_LETTERS:
        notes = (f"{text.pictures} pictures are not read: they need text recognition",)
    return Content((*margins, *blocks), named, notes)


def _margins(known: OpenStyles, styles: Element | None, headings: set[str]) -> list[Block]:
    """Headers and footers, each text once."""
    texts: dict[str, None] = {}
    for each in styles.iter(*_MARGINS) if styles is not None else ():
        if each.get(f"{STYLE}display") != "false":
            texts |= dict.fromkeys(flat([block]) for block in OpenText(known).blocks(each))
    has_word = (text for text in texts if any(letter.isalpha() for letter in text))
    return [Paragraph(text) for text in has_word if text not in headings]


class _Presentation:
    def __init__(self, styles: OpenStyles) -> None:
        self._styles = styles
        self._title = ""
        self._pictures = 0

    def content(self, pages: Element, title: str) -> Content:
        slides: list[Slide] = []
        hidden: list[int] = []
        for n, page in enumerate(pages.iterfind(f"{DRAW}page"), 1):
            if page.get(f"{DRAW}style-name") in self._styles.hidden_pages:
                hidden.append(n)
            else:
                slides.append(self._slide(page, Where(slide=n)))
        return Deck(slides, hidden).content(_WHAT, title)

    def _slide(self, page: Element, where: Where) -> Slide:
        self._title, self._pictures = "", 0
        blocks = self._shapes(page, where)
        notes = page.find(f"{PRESENTATION}notes")
        said = self._written(notes, where) if notes is not None else ""
        spoken: list[Block] = [Paragraph(SPEAKER_NOTES + said, where)] if said else []
        is_empty = not blocks and not self._title
        return Slide(self._title, blocks, spoken, where, is_empty and self._pictures > 0)

    def _written(self, notes: Element, where: Where) -> str:
        frames = (f for f in notes.iter(f"{DRAW}frame") if not _is_frame(f))
        return flat(
            block for each in frames for block in OpenText(self._styles, where).blocks(each)
        )

    def _shapes(self, container: Element, where: Where) -> list[Block]:
        placed: list[Placed[list[Block]]] = []
        for shape in container:
            if not str(shape.tag).startswith(DRAW) or _is_frame(shape):
                continue
            blocks = self._shape(shape, where)
            if blocks:
                placed.append(Placed(blocks, *_rectangle(shape)))
        return [block for blocks in in_reading_order(placed) for block in blocks]

    def _shape(self, shape: Element, where: Where) -> list[Block]:
        if shape.tag == f"{DRAW}g":
            return self._shapes(shape, where)
        text = OpenText(self._styles, where)
        kind = shape.get(f"{PRESENTATION}class")
        blocks = text.described(shape) if shape.tag == f"{DRAW}frame" else []
        self._pictures += text.pictures
        drawn = shape.find(f"{TABLE}table")
        blocks += text.table(drawn) if drawn is not None else text.blocks(shape)
        if kind == "title" and not self._title:
            self._title = flat(blocks)
            return []
        if kind == "outline" and len(blocks) == 1 and isinstance(blocks[0], ItemList):
            items = blocks[0].items
            return [Paragraph(items[0].text, where)] if len(items) == 1 else blocks
        return blocks


def _is_frame(shape: Element) -> bool:
    """Whether it is a date, a footer or a number, or asks for what was not filled in."""
    is_asking = shape.get(f"{PRESENTATION}placeholder") == "true"
    return is_asking or shape.get(f"{PRESENTATION}class") in _FRAME


def _rectangle(shape: Element) -> tuple[int, int, int, int]:
    """Left, top, width and height in points; of a group, that of its first shape."""
    if shape.tag == f"{DRAW}g":
        shape = next((each for each in shape.iter() if each.get(f"{SVG}x")), shape)
    left, top, width, height = (_points(shape, name) for name in ("x", "y", "width", "height"))
    return left, top, max(width, 0), max(height, 0)


def _points(shape: Element, name: str) -> int:
    length = _LENGTH.fullmatch(shape.get(f"{SVG}{name}", ""))
    return int(float(length[1]) * _POINTS[length[2] or "pt"]) if length else 0
