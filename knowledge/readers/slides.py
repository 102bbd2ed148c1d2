"""Reads PowerPoint files: .pptx, and the templates, shows and files with macros built alike."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from domain.blocks import Block, Content, Heading, Paragraph, Where
from domain.errors import EmptySource, UnreadableSource
from knowledge.readers.base import File, parsing
from knowledge.readers.office import Office, P, R
from knowledge.readers.shapes import Layouts, Shapes
from knowledge.readers.spans import flat
from knowledge.readers.zipped import Element, Zipped

_WHAT = "PowerPoint file"
_MAIN = "ppt/presentation.xml"
_OFF = ("0", "false")
SPEAKER_NOTES = "Speaker notes: "
_LONGEST_TITLE = 100  # characters of a text that stands on top of a slide without a title
_NAMED = 10  # slides that a note names
_FEW = 2  # slides on which the same text may stand without being the frame of all


def read(file: File) -> Content:
    """Raises UnreadableSource and EmptySource."""
    with Zipped(file.content, _WHAT) as zipped, parsing(_WHAT, etree.LxmlError):
        return _Presentation(Office(zipped, _MAIN)).content()


@dataclass(slots=True)
class Slide:
    title: str
    blocks: list[Block]
    notes: list[Block]
    where: Where
    has_only_pictures: bool

    def finished(self) -> list[Block]:
        """Each begins with a heading: without one it would stand under that of the one before."""
        blocks = [*self.blocks, *self.notes]
        if not blocks and not self.title:
            return []
        title = self.title
        first = blocks[0] if len(blocks) > 1 else None
        if not title and isinstance(first, Paragraph) and len(first.text) <= _LONGEST_TITLE:
            title = first.text
            blocks = blocks[1:]
        return [Heading(title or self.where.label.capitalize(), 1, self.where), *blocks]


@dataclass(slots=True)
class Deck:
    """All slides that are shown; of the others, and of damaged ones, the numbers."""

    slides: list[Slide]
    hidden: list[int]
    damaged: list[int] = field(default_factory=list)
    unread_objects: int = 0

    def content(self, what: str, title_of_file: str) -> Content:
        _without_frame(self.slides)
        blocks = [block for slide in self.slides for block in slide.finished()]
        only_pictures = sum(slide.has_only_pictures for slide in self.slides)
        if not blocks and self.damaged:
            raise UnreadableSource(f"it is no readable {what}, or a damaged one", "its slides")
        if not blocks:
            only = ", only pictures: they need text recognition first" if only_pictures else ""
            raise EmptySource(f"it holds no text{only}")
        first = next((slide.title for slide in self.slides if slide.where.slide == 1), "")
        title = first or title_of_file
        if len(blocks) > 1 and blocks[0] == Heading(title, 1, Where(slide=1)):
            is_alone = isinstance(blocks[1], Heading)
            blocks = blocks[1:] if is_alone else blocks  # it stands above all chunks anyway
        return Content(tuple(blocks), title, tuple(self._notes(only_pictures, len(self.slides))))

    def _notes(self, only_pictures: int, shown: int) -> Iterator[str]:
        for numbers, why in ((self.hidden, "hidden"), (self.damaged, "damaged")):
            if numbers:
                more = "…" if len(numbers) > _NAMED else ""
                yield f"{why} slides are not read: {', '.join(map(str, numbers[:_NAMED]))}{more}"
        if only_pictures:
            hold = "hold" if only_pictures > 1 else "holds"
            yield (
                f"{only_pictures} of {shown} slides {hold} no text, only pictures: "
                "they need text recognition"
            )
        if self.unread_objects:
            yield f"{self.unread_objects} embedded objects, such as spreadsheets, are not read"


class _Presentation:
    def __init__(self, office: Office) -> None:
        self._office = office
        self._layouts = Layouts(office)
        self._hidden: list[int] = []
        self._damaged: list[int] = []
        self._unread_objects = 0

    def content(self) -> Content:
        deck = Deck(
            [self._slide(part, n) for n, part in self._parts()], self._hidden, self._damaged
        )
        deck.unread_objects = self._unread_objects
        return deck.content(_WHAT, self._office.title())

    def _parts(self) -> Iterator[tuple[int, str]]:
        """The slides that are shown, in order: their numbers, and the names of their parts."""
        presentation = self._office.part(self._office.main)
        relations = self._office.relations(self._office.main)
        seen: set[str] = set()
        for n, each in enumerate(presentation.iterfind(f"{P}sldIdLst/{P}sldId"), 1):
            relation = relations.get(each.get(f"{R}id", ""))
            if relation is not None and relation.target not in seen:
                seen.add(relation.target)
                yield n, relation.target

    def _slide(self, part: str, n: int) -> Slide:
        where = Where(slide=n)
        root = self._office.part_if_any(part)
        if root is None or root.get("show") in _OFF:
            (self._damaged if root is None else self._hidden).append(n)
            return Slide("", [], [], where, has_only_pictures=False)
        shapes = Shapes(self._office, part, where, self._layouts)
        blocks = shapes.read(root.find(f"{P}cSld/{P}spTree"))
        self._unread_objects += shapes.unread_objects
        notes = self._speaker_notes(part, where)
        is_empty = not blocks and not shapes.title
        return Slide(shapes.title, blocks, notes, where, is_empty and shapes.pictures > 0)

    def _speaker_notes(self, slide: str, where: Where) -> list[Block]:
        relations = self._office.relations(slide).values()
        part = next((each.target for each in relations if each.kind == "notesSlide"), "")
        root = self._office.part_if_any(part)
        tree: Element | None = root.find(f"{P}cSld/{P}spTree") if root is not None else None
        text = flat(Shapes(self._office, part, where, self._layouts).texts(tree))
        return [Paragraph(SPEAKER_NOTES + text, where)] if text else []


def _without_frame(slides: list[Slide]) -> None:
    """Leaves what stands on most slides, such as a firm's name, on the first of them only."""
    texts = Counter(
        block.text
        for slide in slides
        for block in set(slide.blocks)
        if isinstance(block, Paragraph)
    )
    filled = sum(bool(slide.blocks) for slide in slides)
    frame = {text for text, times in texts.items() if times > max(_FEW, filled // 2)}
    seen: set[str] = set()
    for slide in slides:
        kept: list[Block] = []
        for block in slide.blocks:
            if isinstance(block, Paragraph) and block.text in frame:
                if block.text in seen:
                    continue
                seen.add(block.text)
            kept.append(block)
        slide.blocks = kept
