"""What the styles of a Word file say of its paragraphs and words.

A style takes from the one that it is based on what it does not say itself.
"""

import re
from dataclasses import dataclass, fields, replace

from knowledge.readers.office import W, is_on, number, value
from knowledge.readers.zipped import Element

BODY_LEVEL = 9
"""The outline level of what is no heading."""

_DEEPEST = 50  # styles that are based on each other
_HEADING = re.compile(r"heading\s*+([1-9])", re.IGNORECASE)
_CONTENTS = re.compile(
    r"(?:toc|contents|index|toa|user index)\s*+(?:heading|[0-9]{1,2})"
    r"|table of (?:figures|authorities)|figure index.{0,10}|contents heading",
    re.IGNORECASE,
)
_CODE_WORDS = {"code", "listing", "preformatted", "quelltext", "quellcode"}
_CODE_NAMES = ("source text", "sourcecode", "codeblock", "macro")
_MONOSPACED = (
    *"courier consolas menlo monaco andale fixedsys terminal".split(),
    *("lucida console", "lucida sans typewriter"),
)


@dataclass(frozen=True, slots=True)
class Look:
    """What a style or a run says; None where it says nothing.

    ``level`` counts outline levels from 0. ``role`` is ``title``, ``subtitle``, ``contents``,
    ``caption``, ``code`` or ``continued``, by a style's name or that of one it is based on.
    """

    is_hidden: bool | None = None
    is_struck: bool | None = None
    is_bold: bool | None = None
    is_raised: bool | None = None
    font: str | None = None
    level: int | None = None
    list_id: str | None = None
    list_level: int | None = None
    role: str | None = None

    def over(self, other: "Look") -> "Look":
        """This, and where it says nothing, ``other``."""
        if other is NO_LOOK:
            return self
        said = {f.name: v for f in fields(self) if (v := getattr(self, f.name)) is not None}
        return replace(other, **said) if said else other

    @property
    def is_monospaced(self) -> bool:
        font = (self.font or "").lower()
        return font.startswith(_MONOSPACED) or "mono" in font.split()


NO_LOOK = Look()


class Styles:
    """The styles of a file by their ids. ``root`` is its part with styles."""

    def __init__(self, root: Element | None) -> None:
        self._elements: dict[str, Element] = {}
        self._looks: dict[str, Look] = {"": NO_LOOK}
        self._names: dict[str, str] = {}
        self._default = ""
        for style in root.iterfind(f"{W}style") if root is not None else ():
            name = style.get(f"{W}styleId", "")
            self._elements.setdefault(name, style)
            if style.get(f"{W}type") == "paragraph" and style.get(f"{W}default") in ("1", "true"):
                self._default = name

    def look(self, style: str | None) -> Look:
        """Of a style and all that it is based on."""
        name = style or ""
        if name in self._looks:
            return self._looks[name]
        chain: list[str] = []
        while name not in self._looks and name in self._elements and len(chain) < _DEEPEST:
            if name in chain:
                break
            chain.append(name)
            name = value(self._elements[name].find(f"{W}basedOn")) or ""
        look = self._looks.get(name, NO_LOOK)
        for each in reversed(chain):
            look = _own(self._elements[each]).over(look)
            self._looks[each] = look
        return look

    def paragraph(self, properties: Element | None) -> Look:
        """Of a paragraph: its style, and over it what the paragraph itself says."""
        if properties is None:
            return self.look(self._default)
        style = value(properties.find(f"{W}pStyle"))
        return _of_paragraph(properties).over(self.look(style or self._default))

    def run(self, properties: Element | None, paragraph: Look) -> Look:
        """Of a run of characters within a paragraph."""
        if properties is None:
            return paragraph
        style = self.look(value(properties.find(f"{W}rStyle")))
        return _of_run(properties).over(style).over(paragraph)


def _own(style: Element) -> Look:
    look = NO_LOOK
    if (properties := style.find(f"{W}pPr")) is not None:
        look = _of_paragraph(properties)
    if (properties := style.find(f"{W}rPr")) is not None:
        look = _of_run(properties).over(look)
    name = value(style.find(f"{W}name")) or style.get(f"{W}styleId") or ""
    heading = _HEADING.fullmatch(name.strip())
    if heading and look.level is None:
        look = replace(look, level=int(heading[1]) - 1)
    return replace(look, role=role_of(name.strip().lower()))


def role_of(name: str) -> str | None:
    """What paragraphs of a style are for, by its name in lower case."""
    if name in ("title", "subtitle", "caption"):
        return name
    if _CONTENTS.fullmatch(name):
        return "contents"
    if name.startswith(("list continue", "list paragraph")):
        return "continued"
    is_code = name in _CODE_NAMES or not _CODE_WORDS.isdisjoint(name.split())
    return "code" if is_code else None


def _of_paragraph(properties: Element) -> Look:
    level = value(properties.find(f"{W}outlineLvl"))
    numbering = properties.find(f"{W}numPr")
    if level is None and numbering is None:
        return NO_LOOK
    depth = value(numbering.find(f"{W}ilvl")) if numbering is not None else None
    return Look(
        level=None if level is None else number(level, BODY_LEVEL),
        list_id=None if numbering is None else value(numbering.find(f"{W}numId")),
        list_level=None if depth is None else number(depth),
    )


def _is_struck(properties: Element) -> bool | None:
    """Whether there is a line through the text, one or two; None where nothing is said of it."""
    said = [is_on(properties.find(f"{W}{name}")) for name in ("strike", "dstrike")]
    return None if said == [None, None] else any(said)


def _of_run(properties: Element) -> Look:
    align = value(properties.find(f"{W}vertAlign"))
    fonts = properties.find(f"{W}rFonts")
    return Look(
        is_hidden=is_on(properties.find(f"{W}vanish")),
        is_struck=_is_struck(properties),
        is_bold=is_on(properties.find(f"{W}b")),
        is_raised=None if align is None else align == "superscript",
        font=None if fonts is None else fonts.get(f"{W}ascii"),
    )
