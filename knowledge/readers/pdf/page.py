"""What stands on a page of a PDF, and where: its words, its ruled lines, its fields and comments.

Places are in points, 1/72 inch. `x` counts from the left and `y` from the top, as the text is read:
a page whose text is turned by a quarter is turned back.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Word:
    """``base`` is the ``y`` on which the letters stand.

    ``is_spaced`` where a blank stands before it in the text: what is not spaced may be the rest of
    a word, as a raised digit is. ``is_filled`` where it is the value of a form's field.
    """

    text: str
    x0: float
    x1: float
    base: float
    size: float
    is_bold: bool = False
    is_mono: bool = False
    is_spaced: bool = True
    is_filled: bool = False

    @property
    def y0(self) -> float:
        return self.base - 0.8 * self.size

    @property
    def y1(self) -> float:
        return self.base + 0.2 * self.size


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a page: ``y0`` is its upper edge."""

    x0: float
    y0: float
    x1: float
    y1: float

    def holds(self, x: float, y: float) -> bool:
        return self.x0 <= x <= self.x1 and self.y0 <= y <= self.y1


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line, level (``y0`` is ``y1``) or upright (``x0`` is ``x1``)."""

    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class Field:
    """A filled-in field of a form. ``name`` is what its maker calls it.

    ``is_mark`` where it is a box to tick or a button to choose: its label stands to the right.
    """

    box: Box
    name: str
    value: str
    is_mark: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    box: Box
    target: str


@dataclass(frozen=True, slots=True)
class Page:
    """``number`` counts from 1. ``comments`` are texts that are pinned to the page.

    ``aside`` is text that is turned against the rest of the page. ``is_picture`` where pictures
    or drawings, and no text that could be read, cover it.
    """

    number: int
    width: float
    height: float
    words: list[Word]
    rules: list[Rule] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)
    is_picture: bool = False
