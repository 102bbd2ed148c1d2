"""The shapes on a slide: text, tables, groups, pictures, charts and SmartArt, in reading order."""

from dataclasses import dataclass, field

from domain.blocks import Block, Paragraph, Where
from knowledge.readers.charts import chart, diagram
from knowledge.readers.drawn_text import blocks_of_text, text_of
from knowledge.readers.layout import Placed, in_reading_order
from knowledge.readers.office import (
    CHART,
    COMPATIBILITY,
    DIAGRAM,
    A,
    Office,
    P,
    R,
    description,
    number,
)
from knowledge.readers.spans import Cell, flat, table
from knowledge.readers.zipped import Element

_TITLES = ("title", "ctrTitle")
_FRAME = ("dt", "ftr", "sldNum", "hdr", "sldImg")
_WITHOUT_BULLETS = ("subTitle", "title", "ctrTitle")
_ON = ("1", "true")
Rectangle = tuple[int, int, int, int]


class Layouts:
    """Where the placeholders of a slide's layout and of its master stand: it may say nothing."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._known: dict[str, dict[tuple[str, str], Rectangle]] = {}

    def of(self, part: str) -> dict[tuple[str, str], Rectangle]:
        """By the placeholders' numbers and types, for a slide or a layout."""
        found: dict[tuple[str, str], Rectangle] = {}
        for relation in self._office.relations(part).values():
            if relation.kind in ("slideLayout", "slideMaster"):
                found |= self._in(relation.target)
        return found

    def _in(self, part: str) -> dict[tuple[str, str], Rectangle]:
        if part in self._known:
            return self._known[part]
        self._known[part] = {}  # a layout that refers to itself has nothing above it
        root = self._office.part_if_any(part)
        found = dict(self.of(part)) if "/slideLayouts/" in part else {}
        for shape in root.iter(f"{P}sp") if root is not None else ():
            holder, rectangle = placeholder(shape), _rectangle(shape)
            if holder is not None and rectangle is not None:
                found["type", holder.get("type", "")] = rectangle
                found["idx", holder.get("idx", "")] = rectangle
        self._known[part] = found
        return found


def placeholder(shape: Element) -> Element | None:
    """What says which of the layout's places a shape fills."""
    return shape.find(f"{P}nvSpPr/{P}nvPr/{P}ph")


def _rectangle(shape: Element) -> Rectangle | None:
    """Left, top, width and height."""
    for path in (f"{P}spPr/{A}xfrm", f"{P}grpSpPr/{A}xfrm", f"{P}xfrm"):
        place = shape.find(path)
        if place is not None:
            at, size = place.find(f"{A}off"), place.find(f"{A}ext")
            if at is not None and size is not None:
                sides = (at.get("x"), at.get("y"), size.get("cx"), size.get("cy"))
                left, top, width, height = (number(side) for side in sides)
                return left, top, max(width, 0), max(height, 0)
    return None


@dataclass(slots=True)
class Shapes:
    """Reads the shapes of a slide. ``title`` is what stands in its place for a title."""

    office: Office
    part: str
    where: Where
    layouts: Layouts
    title: str = ""
    pictures: int = 0
    unread_objects: int = 0
    _places: dict[tuple[str, str], Rectangle] = field(default_factory=dict)

    def read(self, tree: Element | None) -> list[Block]:
        self._places = self.layouts.of(self.part)
        return self._tree(tree) if tree is not None else []

    def texts(self, tree: Element | None) -> list[Block]:
        """What is written on a page of speaker notes, without the slide and the page's frame."""
        made: list[Block] = []
        for shape in tree.iter(f"{P}sp") if tree is not None else ():
            holder = placeholder(shape)
            if holder is None or holder.get("type") not in _FRAME:
                made.extend(self._text(shape, has_bullets=False))
        return made

    def _tree(self, tree: Element) -> list[Block]:
        placed: list[Placed[list[Block]]] = []
        left, top, width, height = 0, 0, 0, 0
        for shape in self._visible(tree):
            blocks = self._shape(shape)
            # Without a place of its own, it follows what stands in front of it.
            left, top, width, height = self._place(shape) or (left, top + height, width, 0)
            if blocks:
                placed.append(Placed(blocks, left, top, width, height))
        return [block for blocks in in_reading_order(placed) for block in blocks]

    def _visible(self, tree: Element) -> list[Element]:
        shapes: list[Element] = []
        for each in tree:
            if each.tag == f"{COMPATIBILITY}AlternateContent":
                chosen = each.find(f"{COMPATIBILITY}Choice")
                chosen = each.find(f"{COMPATIBILITY}Fallback") if chosen is None else chosen
                shapes.extend(chosen if chosen is not None else ())
            else:
                shapes.append(each)
        return [each for each in shapes if not self._is_hidden(each)]

    def _is_hidden(self, shape: Element) -> bool:
        said = self._said(shape)
        return said is not None and said.get("hidden") in _ON

    def _said(self, shape: Element) -> Element | None:
        """The element with a shape's name and what is said of it."""
        return next((each for kind in shape for each in kind if each.tag == f"{P}cNvPr"), None)

    def _place(self, shape: Element) -> Rectangle | None:
        own = _rectangle(shape)
        holder = placeholder(shape)
        if own is not None or holder is None:
            return own
        by_number = self._places.get(("idx", holder.get("idx", "")))
        return by_number or self._places.get(("type", holder.get("type", "")))

    def _shape(self, shape: Element) -> list[Block]:
        if shape.tag == f"{P}grpSp":
            return self._tree(shape)
        if shape.tag == f"{P}graphicFrame":
            return self._frame(shape)
        if shape.tag == f"{P}pic":
            self.pictures += 1
            return self._description(shape)
        if shape.tag != f"{P}sp":
            return []
        holder = placeholder(shape)
        kind = holder.get("type", "") if holder is not None else None
        body = shape.find(f"{P}txBody")
        if kind in _FRAME or body is None:
            return []
        if kind in _TITLES and not self.title:
            self.title = text_of(body, self.office.relations(self.part))
            return []
        has_bullets = kind is not None and kind not in _WITHOUT_BULLETS
        return self._text(shape, has_bullets=has_bullets)

    def _text(self, shape: Element, *, has_bullets: bool) -> list[Block]:
        body = shape.find(f"{P}txBody")
        if body is None:
            return []
        relations = self.office.relations(self.part)
        return blocks_of_text(body, relations, self.where, has_bullets=has_bullets)

    def _description(self, shape: Element) -> list[Block]:
        said = self._said(shape)
        text = description(said.get("descr", "")) if said is not None else ""
        return [Paragraph(text, self.where)] if text else []

    def _frame(self, frame: Element) -> list[Block]:
        data = frame.find(f"{A}graphic/{A}graphicData")
        if data is None:
            return []
        drawn = data.find(f"{A}tbl")
        if drawn is not None:
            return self._table(drawn)
        if (place := data.find(f"{CHART}chart")) is not None:
            root = self._related(place.get(f"{R}id", ""))
            return chart(root, self.where) if root is not None else []
        if (place := data.find(f"{DIAGRAM}relIds")) is not None:
            root = self._related(place.get(f"{R}dm", ""))
            return diagram(root, self.where) if root is not None else []
        self.unread_objects += 1
        return self._description(frame)

    def _related(self, relation_id: str) -> Element | None:
        relation = self.office.relations(self.part).get(relation_id)
        return self.office.part_if_any(relation.target) if relation is not None else None

    def _table(self, drawn: Element) -> list[Block]:
        properties = drawn.find(f"{A}tblPr")
        has_header = properties is not None and properties.get("firstRow") in _ON
        lines = [self._cells(row) for row in drawn.iterfind(f"{A}tr")]
        made = table(lines, int(has_header), self.where)
        return [made] if made else []

    def _cells(self, row: Element) -> list[Cell]:
        """The cells of a row; those that another one covers are left out."""
        cells = []
        for each in row.iterfind(f"{A}tc"):
            if each.get("hMerge") in _ON or each.get("vMerge") in _ON:
                continue
            body = each.find(f"{A}txBody")
            blocks: list[Block] = []
            if body is not None:
                relations = self.office.relations(self.part)
                blocks = blocks_of_text(body, relations, self.where, has_bullets=False)
            is_bold = bool(blocks) and all(isinstance(b, Paragraph) and b.is_bold for b in blocks)
            columns, rows = number(each.get("gridSpan"), 1), number(each.get("rowSpan"), 1)
            cells.append(Cell(flat(blocks), columns, rows, is_bold))
        return cells
