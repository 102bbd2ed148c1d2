"""The text in the shapes of slides, as blocks."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.blocks import Block, Item, ItemList, Paragraph, Where
from knowledge.readers.clean import line, raised
from knowledge.readers.equations import equation
from knowledge.readers.numerals import numeral
from knowledge.readers.office import A, M, R, Relation, linked_within, number
from knowledge.readers.symbols import without_private
from knowledge.readers.zipped import Element

_LEVELS = 9
_NUMBER_FORM = re.compile(
    r"(arabic|alphaLc|alphaUc|romanLc|romanUc)(Period|ParenR|ParenBoth|Plain)"
)
_FORMS = {
    "arabic": "decimal",
    "alphaLc": "lowerLetter",
    "alphaUc": "upperLetter",
    "romanLc": "lowerRoman",
    "romanUc": "upperRoman",
}
_SIGNS = {"Period": "{}.", "ParenR": "{})", "ParenBoth": "({})", "Plain": "{}"}
_OF_THE_SLIDE = ("slidenum", "datetime", "header", "footer")  # what its fields begin with
_NOT_STRUCK = "noStrike"
_EQUATION = "{http://schemas.microsoft.com/office/drawing/2010/main}m"


@dataclass(slots=True)
class _Line:
    text: str
    is_bold: bool
    depth: int
    mark: str | None


@dataclass(slots=True)
class _Counting:
    """The numbers that a shape's items have reached, by level."""

    counts: dict[int, int] = field(default_factory=dict)

    def mark(self, depth: int, form: str, start: int) -> str:
        count = self.counts[depth] + 1 if depth in self.counts else start
        self.counts = {level: n for level, n in self.counts.items() if level < depth}
        self.counts[depth] = count
        known = _NUMBER_FORM.match(form)
        if known is None:
            return f"{count}."
        return _SIGNS[known[2]].format(numeral(count, _FORMS[known[1]]))

    def broken(self, depth: int) -> None:
        """A paragraph without a number: those of its level begin anew."""
        self.counts = {level: n for level, n in self.counts.items() if level < depth}


def blocks_of_text(
    body: Element, relations: Mapping[str, Relation], where: Where, *, has_bullets: bool
) -> list[Block]:
    """``has_bullets`` where the shape's layout gives each paragraph one."""
    counting = _Counting()
    lines = [_line(each, relations, counting, has_bullets) for each in body.iterfind(f"{A}p")]
    lines = [each for each in lines if each.text]
    if has_bullets and len(lines) == 1 and lines[0].mark == "-":
        lines[0].mark = None  # one point alone is a sentence
    made: list[Block] = []
    items: list[Item] = []
    for each in lines:
        if each.mark is not None:
            items.append(Item(each.text, each.depth, each.mark))
            continue
        if items:
            made.append(ItemList(tuple(items), where))
            items = []
        made.append(Paragraph(each.text, where, each.is_bold))
    return [*made, ItemList(tuple(items), where)] if items else made


def text_of(body: Element, relations: Mapping[str, Relation]) -> str:
    """All of a shape's text in one line, as a title needs it."""
    lines = (_pieces(each, relations) for each in body.iterfind(f"{A}p"))
    return line(" ".join("".join(text for text, _ in pieces) for pieces in lines))


def _line(
    paragraph: Element, relations: Mapping[str, Relation], counting: _Counting, has_bullets: bool
) -> _Line:
    pieces = _pieces(paragraph, relations)
    text = line("".join(text for text, _ in pieces))
    said = [is_bold for piece, is_bold in pieces if piece.strip()]
    properties = paragraph.find(f"{A}pPr")
    depth = 0
    mark = "-" if has_bullets else None
    if properties is not None:
        depth = min(max(number(properties.get("lvl")), 0), _LEVELS - 1)
        numbered = properties.find(f"{A}buAutoNum")
        if properties.find(f"{A}buNone") is not None:
            mark = None
        elif numbered is not None and text:
            start = number(numbered.get("startAt"), 1)
            return _Line(text, False, depth, counting.mark(depth, numbered.get("type", ""), start))
        elif any(properties.find(f"{A}{name}") is not None for name in ("buChar", "buBlip")):
            mark = "-"
    if text:
        counting.broken(depth)
    return _Line(text, bool(said) and all(said), depth, mark)


def _pieces(paragraph: Element, relations: Mapping[str, Relation]) -> list[tuple[str, bool]]:
    """The texts of a paragraph, and whether each is bold. A link in several runs is one."""
    pieces: list[tuple[str, bool]] = []
    open_link, link_start = "", 0

    def close_link() -> None:
        if open_link:
            text = "".join(piece for piece, _ in pieces[link_start:])
            is_bold = all(bold for _, bold in pieces[link_start:])
            pieces[link_start:] = [(linked_within(text, open_link), is_bold)]

    for run in paragraph:
        properties = run.find(f"{A}rPr")
        target = _target(properties, relations)
        if target != open_link:
            close_link()
            open_link, link_start = target, len(pieces)
        if run.tag == f"{A}br":
            pieces.append(("\n", True))
        elif run.tag == f"{A}r" or (
            run.tag == f"{A}fld" and not run.get("type", "").startswith(_OF_THE_SLIDE)
        ):
            pieces.append(_piece(run, properties, pieces[-1][0] if pieces else ""))
        else:
            pieces.extend(_equations(run))
    close_link()
    return pieces


def _piece(run: Element, properties: Element | None, before: str) -> tuple[str, bool]:
    text = run.findtext(f"{A}t") or ""
    if properties is not None and properties.get("strike", _NOT_STRUCK) != _NOT_STRUCK:
        return "", True  # what is struck out is no longer true
    if properties is None:
        return without_private(text, None), False
    symbols = properties.find(f"{A}sym")
    text = without_private(text, symbols.get("typeface") if symbols is not None else None)
    if number(properties.get("baseline")) > 0:
        text = raised(text, before)
    return text, properties.get("b") in ("1", "true")


def _equations(element: Element) -> list[tuple[str, bool]]:
    """Those of newer programs; older ones get a picture instead."""
    found = element.find(f".//{_EQUATION}") if element.tag != _EQUATION else element
    if found is None:
        return []
    return [(equation(each), False) for each in found.iter(f"{M}oMath")]


def _target(properties: Element | None, relations: Mapping[str, Relation]) -> str:
    link = properties.find(f"{A}hlinkClick") if properties is not None else None
    relation = relations.get(link.get(f"{R}id", "")) if link is not None else None
    return relation.target if relation is not None and relation.is_external else ""
