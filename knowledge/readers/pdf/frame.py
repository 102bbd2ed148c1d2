"""From the places of a PDF, whose `y` counts upwards, to those of a page as it is read."""

from dataclasses import dataclass

from knowledge.readers.pdf.page import Box

Sides = tuple[float, float, float, float]
"""Left, bottom, right and top of something, in the PDF's own coordinates."""


def turned(sides: Sides, quarter: int) -> Sides:
    """Left, top, right and bottom of ``sides`` where text runs ``quarter`` turns to the left."""
    left, bottom, right, top = sides
    if quarter == 0:
        return left, -top, right, -bottom
    if quarter == 1:
        return bottom, left, top, right
    if quarter == 2:
        return -right, bottom, -left, top
    return -top, -right, -bottom, -left


@dataclass(frozen=True, slots=True)
class Frame:
    """What is seen of a page, ``sides``, and by how many quarter turns its text is turned."""

    sides: Sides
    quarter: int

    @property
    def width(self) -> float:
        left, _, right, _ = turned(self.sides, self.quarter)
        return right - left

    @property
    def height(self) -> float:
        _, top, _, bottom = turned(self.sides, self.quarter)
        return bottom - top

    def box(self, sides: Sides) -> Box:
        left, top, _, _ = turned(self.sides, self.quarter)
        x0, y0, x1, y1 = turned(sides, self.quarter)
        return Box(x0 - left, y0 - top, x1 - left, y1 - top)
