"""What the styles of an OpenDocument file say of its paragraphs, words, lists and slides."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from knowledge.readers.numerals import numeral
from knowledge.readers.office import number
from knowledge.readers.word_styles import NO_LOOK, Look, role_of
from knowledge.readers.zipped import Element

_URN = "urn:oasis:names:tc:opendocument:xmlns:"
OFFICE, TEXT, TABLE, DRAW = (f"{{{_URN}{n}:1.0}}" for n in ("office", "text", "table", "drawing"))
STYLE, PRESENTATION = f"{{{_URN}style:1.0}}", f"{{{_URN}presentation:1.0}}"
SVG, FO = f"{{{_URN}svg-compatible:1.0}}", f"{{{_URN}xsl-fo-compatible:1.0}}"
XLINK = "{http://www.w3.org/1999/xlink}"

_DEEPEST = 50  # styles that are based on each other
_LEVELS = 10
_CAPTIONS = ("table", "illustration", "figure", "drawing", "text")  # styles based on "Caption"
_FORMS = {
    "1": "decimal",
    "a": "lowerLetter",
    "A": "upperLetter",
    "i": "lowerRoman",
    "I": "upperRoman",
}


@dataclass(frozen=True, slots=True)
class ListLevel:
    """How the items of one level of a list are marked; no ``form`` for bullets."""

    form: str = ""
    before: str = ""
    after: str = ""
    start: int = 1
    shown_levels: int = 1
    is_bullet: bool = True


class OpenStyles:
    """The styles of both parts that hold some; ``roots`` in the order in which they count."""

    def __init__(self, roots: Iterable[Element]) -> None:
        self._elements: dict[tuple[str, str], Element] = {}
        self._looks: dict[tuple[str, str], Look] = {}
        self._lists: dict[str, dict[int, ListLevel]] = {}
        self.hidden_pages: set[str] = set()
        for root in roots:
            for style in root.iter(f"{STYLE}style"):
                name = style.get(f"{STYLE}name", "")
                self._elements.setdefault((style.get(f"{STYLE}family", ""), name), style)
                page = style.find(f"{STYLE}drawing-page-properties")
                if page is not None and page.get(f"{PRESENTATION}visibility") == "hidden":
                    self.hidden_pages.add(name)
            for each in root.iter(f"{TEXT}list-style"):
                self._lists.setdefault(each.get(f"{STYLE}name", ""), _levels(each))

    def look(self, family: str, name: str) -> Look:
        """Of a style and all that it is based on. ``family`` is ``paragraph`` or ``text``."""
        chain: list[str] = []
        while (family, name) not in self._looks and (family, name) in self._elements:
            if name in chain or len(chain) > _DEEPEST:
                break
            chain.append(name)
            name = self._elements[family, name].get(f"{STYLE}parent-style-name", "")
        look = self._looks.get((family, name), NO_LOOK)
        for each in reversed(chain):
            look = _own(self._elements[family, each]).over(look)
            self._looks[family, each] = look
        return look

    def list_level(self, style: str, depth: int) -> ListLevel:
        return self._lists.get(style, {}).get(depth, ListLevel())


def mark(style: OpenStyles, name: str, counts: list[int]) -> str:
    """What stands in front of the item that a list's ``counts``, by level, have reached."""
    depth = len(counts) - 1
    level = style.list_level(name, depth)
    if level.is_bullet:
        return "-"
    if not level.form:
        return ""
    shown = range(max(depth + 1 - level.shown_levels, 0), depth + 1)
    forms = (style.list_level(name, n).form or level.form for n in shown)
    numbers = (numeral(counts[n], form) for n, form in zip(shown, forms, strict=True))
    return f"{level.before}{'.'.join(numbers)}{level.after}".strip()


def _levels(style: Element) -> dict[int, ListLevel]:
    levels = {}
    for each in style:
        depth = number(each.get(f"{TEXT}level"), 1) - 1
        if each.tag == f"{TEXT}list-level-style-number" and 0 <= depth < _LEVELS:
            levels[depth] = ListLevel(
                _FORMS.get(each.get(f"{STYLE}num-format", ""), ""),
                each.get(f"{STYLE}num-prefix", "")[:20],
                each.get(f"{STYLE}num-suffix", "")[:20],
                number(each.get(f"{TEXT}start-value"), 1),
                number(each.get(f"{TEXT}display-levels"), 1),
                is_bullet=False,
            )
    return levels


def _own(style: Element) -> Look:
    properties = style.find(f"{STYLE}text-properties")
    look = NO_LOOK
    if properties is not None:
        weight, display = properties.get(f"{FO}font-weight"), properties.get(f"{TEXT}display")
        position = properties.get(f"{STYLE}text-position")
        struck = properties.get(f"{STYLE}text-line-through-style")
        look = Look(
            is_hidden=None if display is None else display == "none",
            is_struck=None if struck is None else struck != "none",
            is_bold=None if weight is None else weight == "bold" or number(weight) >= 600,
            is_raised=None if position is None else _is_raised(position),
            font=properties.get(f"{STYLE}font-name"),
        )
    name = style.get(f"{STYLE}display-name") or style.get(f"{STYLE}name") or ""
    name = name.replace("_20_", " ").strip().lower()
    level = number(style.get(f"{STYLE}default-outline-level"))
    role = role_of(name) or ("caption" if name in _CAPTIONS else None)
    return replace(look, role=role, level=level - 1 if level > 0 else None)


def _is_raised(position: str) -> bool:
    how = position.split(" ")[0]
    return how == "super" or (how.endswith("%") and number(how[:-1]) > 0)
