"""The packages that Word and PowerPoint files are: parts, and how they refer to each other.

Each part has relationships, which lead from an id to another part or to an address. Files in the
strict form of the standard name everything otherwise; here they read like the usual ones.
"""

import posixpath
import re
from dataclasses import dataclass
from urllib.parse import unquote

from domain.blocks import linked
from domain.errors import UnreadableSource
from knowledge.readers.clean import line
from knowledge.readers.zipped import Element, Zipped, xml

_SCHEMAS = "http://schemas.openxmlformats.org/"
W = f"{{{_SCHEMAS}wordprocessingml/2006/main}}"
P = f"{{{_SCHEMAS}presentationml/2006/main}}"
A = f"{{{_SCHEMAS}drawingml/2006/main}}"
M = f"{{{_SCHEMAS}officeDocument/2006/math}}"
R = f"{{{_SCHEMAS}officeDocument/2006/relationships}}"
CHART = f"{{{_SCHEMAS}drawingml/2006/chart}}"
DIAGRAM = f"{{{_SCHEMAS}drawingml/2006/diagram}}"
WORD_DRAWING = f"{{{_SCHEMAS}drawingml/2006/wordprocessingDrawing}}"
COMPATIBILITY = f"{{{_SCHEMAS}markup-compatibility/2006}}"
V = "{urn:schemas-microsoft-com:vml}"
_DC = "{http://purl.org/dc/elements/1.1/}"

_STRICT = b"http://purl.oclc.org/ooxml/"
_STRICT_PARTS = (b"wordprocessingml", b"presentationml", b"drawingml", b"officeDocument")
_OFF = ("0", "false", "off", "none")

# What programs write where nobody gave a title.
_NO_TITLE = re.compile(
    r"(?:powerpoint|pr[aä]sentation|presentation|document|dokument|title|untitled|unbenannt"
    r"|template|vorlage|slide|folie)[-_ ]?(?:presentation|pr[aä]sentation)?[-_ ]?\d{0,6}",
    re.IGNORECASE,
)
_PROGRAMS = ("microsoft word", "microsoft powerpoint")
_ENDINGS = tuple(".doc .docx .dot .dotx .ppt .pptx .pot .potx .odt .odp .ott .otp".split())

# What programs write where nobody described a picture.
_WRITTEN_BY_MACHINE = re.compile(
    r"(?:description|alt text) automatically generated|automatisch generierte beschreibung|"
    r"ai-generated content may be incorrect|ki-generierte inhalte können fehlerhaft sein",
    re.IGNORECASE,
)
_NO_DESCRIPTION = re.compile(
    r"(?:picture|image|graphic|grafik|bild|logo|icon|shape|diagram|chart|object|photo)"
    r"[ _-]?\d{0,6}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Relation:
    """``kind`` is the last word of its type, such as ``styles``. ``target`` is a part's name, or
    an address where ``is_external``."""

    kind: str
    target: str
    is_external: bool


class Office:
    """A package whose main part is ``main``. Raises UnreadableSource where it has none."""

    def __init__(self, zipped: Zipped, usual_main: str) -> None:
        self._zipped = zipped
        self._relations: dict[str, dict[str, Relation]] = {}
        named = [each.target for each in self._of_kind("officeDocument") if each.target in zipped]
        self.main = named[0] if named else usual_main
        if self.main not in zipped:
            raise UnreadableSource(f"it is no readable {zipped.what}, or a damaged one", self.main)

    def _of_kind(self, kind: str) -> list[Relation]:
        return [each for each in self.relations("").values() if each.kind == kind]

    def part(self, name: str) -> Element:
        """The root of a part that must be there. Raises UnreadableSource."""
        return self._xml(name)

    def part_if_any(self, name: str) -> Element | None:
        """The root of a part; None where it is missing, or damaged."""
        if name not in self._zipped:
            return None
        try:
            return self._xml(name)
        except UnreadableSource:
            return None

    def _xml(self, name: str) -> Element:
        content = self._zipped.read(name)
        if _STRICT in content:
            for each in _STRICT_PARTS:
                usual = _SCHEMAS.encode() + each + b"/2006/"
                content = content.replace(_STRICT + each + b"/", usual)
        return xml(content, self._zipped.what)

    def relations(self, part: str) -> dict[str, Relation]:
        """The relationships of a part, by their ids; those of the package for an empty name."""
        if part not in self._relations:
            self._relations[part] = self._read_relations(part)
        return self._relations[part]

    def _read_relations(self, part: str) -> dict[str, Relation]:
        folder, file = posixpath.split(part)
        root = self.part_if_any(posixpath.join(folder, "_rels", f"{file}.rels"))
        found: dict[str, Relation] = {}
        for each in root if root is not None else ():
            target = each.get("Target", "")
            is_external = each.get("TargetMode") == "External"
            if not is_external:
                target = posixpath.normpath(posixpath.join("/", folder, unquote(target)))[1:]
            kind = each.get("Type", "").rpartition("/")[2]
            found[each.get("Id", "")] = Relation(kind, target, is_external)
        return found

    def related(self, part: str, kind: str) -> Element | None:
        """The root of the first part of that kind to which ``part`` refers."""
        targets = (each.target for each in self.relations(part).values() if each.kind == kind)
        return self.part_if_any(next(targets, ""))

    def title(self) -> str:
        """The title among the file's properties; empty where it is one that a program wrote."""
        for each in self._of_kind("core-properties"):
            root = self.part_if_any(each.target)
            return title_of(root) if root is not None else ""
        return ""


def title_of(properties: Element) -> str:
    """The title in a file's properties; empty where it is one that a program wrote."""
    title = line(properties.findtext(f".//{_DC}title") or "")
    lower = title.lower()
    is_of_program = lower.startswith(_PROGRAMS) or lower.endswith(_ENDINGS)
    return "" if is_of_program or _NO_TITLE.fullmatch(title) else title


def is_on(element: Element | None) -> bool | None:
    """What a property such as ``<w:b w:val="0"/>`` says; None where it is not there."""
    return None if element is None else element.get(f"{W}val", "1") not in _OFF


def value(element: Element | None) -> str | None:
    """What ``w:val`` of an element says; None where there is no such element."""
    return None if element is None else element.get(f"{W}val")


def number(text: str | None, otherwise: int = 0) -> int:
    """A whole number as attributes hold it, or ``otherwise``."""
    try:
        return int(text or "")
    except ValueError:
        return otherwise


def description(text: str) -> str:
    """What a picture's alternative text says to people; empty where it says nothing."""
    said = line(_WRITTEN_BY_MACHINE.sub("", text)).strip(" .,;")
    is_something = " " in said and not _NO_DESCRIPTION.fullmatch(said)
    return line(text) if is_something and said == line(text).strip(" .,;") else said * is_something


def linked_within(text: str, target: str) -> str:
    """A link in the middle of a text: the blanks around it stay around it."""
    inner = text.strip()
    before, _, after = text.partition(inner) if inner else ("", "", text)
    return before + linked(inner, target) + after
