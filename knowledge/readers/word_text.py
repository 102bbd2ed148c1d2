"""The text of a Word file's paragraphs: what a reader of the document sees in them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from knowledge.readers.clean import raised
from knowledge.readers.equations import equation
from knowledge.readers.office import (
    CHART,
    COMPATIBILITY,
    DIAGRAM,
    WORD_DRAWING,
    M,
    R,
    Relation,
    V,
    W,
    is_on,
    linked_within,
    number,
)
from knowledge.readers.symbols import symbol, without_private
from knowledge.readers.word_styles import Look, Styles
from knowledge.readers.zipped import Element

PAGE = "\0"
"""Stands for the number of a page, which is another on each."""

_ADDRESS_FIELD = re.compile(r'HYPERLINK\s++"?+([^"\s]{1,2000}+)')
_PAGE_FIELD = re.compile(r"(?:PAGE|NUMPAGES|SECTIONPAGES)\b")
_PAGE_OF = re.compile(
    r"(?:\b(?:page|seite|p[aá]gina|pagina|стр(?:аница|\.)?|s\.|p\.)\s*+)?"
    rf"{PAGE}(?:\s*+(?:of|von|de|sur|di|van|из|/|\|)\s*+{PAGE})?",
    re.IGNORECASE,
)
_CHECKED, _UNCHECKED = "☒ ", "☐ "


@dataclass(slots=True)
class Line:
    """A paragraph's text, and what hangs on it.

    ``boxes`` are the contents of its text boxes, ``pictures`` what is said of its pictures,
    ``charts`` and ``diagrams`` the names of their parts, ``notes`` the ids of its footnotes and
    endnotes. ``ends_open`` where its end was deleted: the next paragraph continues it.
    """

    pieces: list[str] = field(default_factory=list)
    look: Look = field(default_factory=Look)
    boxes: list[Element] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    charts: list[str] = field(default_factory=list)
    diagrams: list[str] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    unread_pictures: int = 0
    unread_objects: int = 0
    letters: int = 0
    bold_letters: int = 0
    monospaced_letters: int = 0
    ends_open: bool = False

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    @property
    def is_bold(self) -> bool:
        return 0 < self.letters == self.bold_letters

    @property
    def is_monospaced(self) -> bool:
        return 0 < self.letters == self.monospaced_letters


@dataclass(slots=True)
class _Field:
    """What Word computes, such as a link: instructions first, then the result that shows."""

    instructions: list[str] = field(default_factory=list)
    is_result: bool = False
    start: int = 0

    @property
    def instruction(self) -> str:
        return "".join(self.instructions)


class Lines:
    """Reads the paragraphs of a part, in order: a field may begin in one and end in another."""

    def __init__(self, styles: Styles, relations: Mapping[str, Relation]) -> None:
        self._styles = styles
        self._relations = relations
        self._fields: list[_Field] = []
        self._line = Line()
        self._handlers: dict[str, Callable[[Element], None]] = {
            **dict.fromkeys(
                (f"{W}{name}" for name in ("ins", "moveTo", "smartTag", "customXml", "bdo", "dir")),
                self._inside,
            ),
            f"{W}r": self._run,
            f"{W}hyperlink": self._hyperlink,
            f"{W}fldSimple": self._simple_field,
            f"{W}sdt": self._control,
            f"{M}oMath": self._equation,
            f"{M}oMathPara": self._inside,
            f"{COMPATIBILITY}AlternateContent": self._alternatives,
        }
        self._run_handlers: dict[str, Callable[[Element, Look], None]] = {
            f"{W}t": self._text,
            f"{W}sym": self._symbol,
            f"{W}tab": lambda _, look: self._add("\t", look),
            f"{W}ptab": lambda _, look: self._add("\t", look),
            f"{W}br": lambda _, look: self._add("\n", look),
            f"{W}cr": lambda _, look: self._add("\n", look),
            f"{W}noBreakHyphen": lambda _, look: self._add("-", look),
            f"{W}instrText": self._instruction,
            f"{W}fldChar": self._field_sign,
            f"{W}footnoteReference": lambda each, _: self._note("footnote", each),
            f"{W}endnoteReference": lambda each, _: self._note("endnote", each),
            f"{W}drawing": lambda each, _: self._drawing(each),
            f"{W}pict": lambda each, _: self._drawing(each),
            f"{W}object": lambda each, _: self._object(each),
            f"{W}ruby": self._ruby,
            f"{COMPATIBILITY}AlternateContent": lambda each, _: self._alternatives(each),
        }

    def read(self, paragraph: Element) -> Line:
        properties = paragraph.find(f"{W}pPr")
        line = self._line = Line(look=self._styles.paragraph(properties))
        mark = properties.find(f"{W}rPr") if properties is not None else None
        line.ends_open = mark is not None and mark.find(f"{W}del") is not None
        for each in self._fields:
            each.start = 0
        self._inside(paragraph)
        if self._fields and not self._fields[-1].is_result:
            # Instructions end where they begin; those of a damaged file would hide all the rest.
            self._fields.clear()
        return line

    def _inside(self, element: Element) -> None:
        for child in element:
            handler = self._handlers.get(str(child.tag))
            if handler is not None:
                handler(child)

    def _alternatives(self, element: Element) -> None:
        """The first one is for newer programs and says the same as the others, or more."""
        chosen = element.find(f"{COMPATIBILITY}Choice")
        chosen = element.find(f"{COMPATIBILITY}Fallback") if chosen is None else chosen
        if chosen is None:
            return
        for child in chosen:
            if child.tag in self._handlers:
                self._handlers[str(child.tag)](child)
            elif child.tag in self._run_handlers:
                self._run_handlers[str(child.tag)](child, self._line.look)

    def _control(self, element: Element) -> None:
        """A field of a form; what it asks for is shown until somebody fills it in."""
        content = element.find(f"{W}sdtContent")
        if content is not None and not is_placeholder(element):
            self._inside(content)

    def _run(self, element: Element) -> None:
        look = self._styles.run(element.find(f"{W}rPr"), self._line.look)
        if look.is_hidden or look.is_struck:
            # What begins or ends a field counts, though nobody sees it.
            for child in element:
                if child.tag in (f"{W}fldChar", f"{W}instrText"):
                    self._run_handlers[str(child.tag)](child, look)
            return
        for child in element:
            handler = self._run_handlers.get(str(child.tag))
            if handler is not None:
                handler(child, look)

    def _add(self, text: str, look: Look) -> None:
        if any(not each.is_result for each in self._fields):
            return
        line = self._line
        if look.is_raised:
            text = raised(text, line.pieces[-1] if line.pieces else "")
        line.pieces.append(text)
        letters = len(text.strip())
        line.letters += letters
        line.bold_letters += letters if look.is_bold else 0
        line.monospaced_letters += letters if look.is_monospaced else 0

    def _text(self, element: Element, look: Look) -> None:
        self._add(without_private(element.text or "", look.font), look)

    def _symbol(self, element: Element, look: Look) -> None:
        self._add(symbol(element.get(f"{W}char", ""), element.get(f"{W}font", "")), look)

    def _ruby(self, element: Element, _: Look) -> None:
        base = element.find(f"{W}rubyBase")
        if base is not None:
            self._inside(base)

    def _equation(self, element: Element) -> None:
        self._add(equation(element), self._line.look)

    def _hyperlink(self, element: Element) -> None:
        start = len(self._line.pieces)
        self._inside(element)
        relation = self._relations.get(element.get(f"{R}id", ""))
        if relation is not None and relation.is_external:
            self._link(start, relation.target)

    def _link(self, start: int, target: str) -> None:
        pieces = self._line.pieces
        pieces[start:] = [linked_within("".join(pieces[start:]), target)]

    def _simple_field(self, element: Element) -> None:
        start = len(self._line.pieces)
        self._inside(element)
        self._end_of_field(element.get(f"{W}instr", ""), start)

    def _instruction(self, element: Element, _: Look) -> None:
        if self._fields and not self._fields[-1].is_result:
            self._fields[-1].instructions.append(element.text or "")

    def _field_sign(self, element: Element, look: Look) -> None:
        kind = element.get(f"{W}fldCharType")
        if kind == "begin":
            self._form_field(element, look)
            self._fields.append(_Field())
        elif kind == "separate" and self._fields:
            self._fields[-1].is_result = True
            self._fields[-1].start = len(self._line.pieces)
        elif kind == "end" and self._fields:
            ended = self._fields.pop()
            if ended.is_result:
                self._end_of_field(ended.instruction, ended.start)

    def _end_of_field(self, instruction: str, start: int) -> None:
        if address := _ADDRESS_FIELD.match(instruction.lstrip()):
            self._link(start, address[1])
        elif _PAGE_FIELD.match(instruction.lstrip()):
            self._line.pieces[start:] = [PAGE]

    def _form_field(self, element: Element, look: Look) -> None:
        """Boxes that are ticked, and lists to choose from, as older forms hold them."""
        if (box := element.find(f"{W}ffData/{W}checkBox")) is not None:
            ticked = is_on(box.find(f"{W}checked"))
            ticked = is_on(box.find(f"{W}default")) if ticked is None else ticked
            self._add(_CHECKED if ticked else _UNCHECKED, look)
        if (choice := element.find(f"{W}ffData/{W}ddList")) is not None:
            entries = [each.get(f"{W}val", "") for each in choice.iterfind(f"{W}listEntry")]
            result = choice.find(f"{W}result")
            chosen = number(result.get(f"{W}val")) if result is not None else 0
            self._add(entries[chosen] if 0 <= chosen < len(entries) else "", look)

    def _note(self, kind: str, element: Element) -> None:
        self._line.notes.append((kind, element.get(f"{W}id", "")))

    def _object(self, element: Element) -> None:
        self._line.unread_objects += 1
        self._drawing(element)

    def _drawing(self, element: Element) -> None:
        """Pictures, text boxes and charts: only what stands in them as text, or is said of them."""
        line = self._line
        waiting = [element]
        while waiting:
            each = waiting.pop()
            match str(each.tag):
                case tag if tag == f"{W}txbxContent":
                    line.boxes.append(each)
                    continue
                case tag if tag == f"{COMPATIBILITY}AlternateContent":
                    chosen = each.find(f"{COMPATIBILITY}Choice")
                    chosen = each.find(f"{COMPATIBILITY}Fallback") if chosen is None else chosen
                    waiting.extend([] if chosen is None else [chosen])
                    continue
                case tag if tag == f"{WORD_DRAWING}docPr":
                    line.pictures.append(each.get("descr", ""))
                case tag if tag == f"{V}shape" and each.get("alt"):
                    line.pictures.append(each.get("alt", ""))
                case tag if tag == f"{V}imagedata" or tag.endswith("}blip"):
                    line.unread_pictures += 1
                case tag if tag == f"{CHART}chart":
                    self._refer(line.charts, each.get(f"{R}id"))
                case tag if tag == f"{DIAGRAM}relIds":
                    self._refer(line.diagrams, each.get(f"{R}dm"))
            waiting.extend(reversed(each))

    def _refer(self, parts: list[str], relation_id: str | None) -> None:
        relation = self._relations.get(relation_id or "")
        if relation is not None and not relation.is_external:
            parts.append(relation.target)


def is_placeholder(control: Element) -> bool:
    """Whether a content control shows what it asks for, and nothing that somebody wrote."""
    shown = control.find(f"{W}sdtPr/{W}showingPlcHdr")
    return bool(is_on(shown))


def without_page_numbers(text: str) -> str:
    """``text`` without ``Page 3 of 7``, as headers and footers hold it."""
    return _PAGE_OF.sub("", text) if PAGE in text else text
