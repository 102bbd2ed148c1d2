"""What a document is made of, in reading order: plain text, with what its format says of it.

The text of a block is what a reader of the document sees: no markup, and nothing escaped. Where a
format marks links, their targets follow in parentheses; see `linked`.
"""

from dataclasses import dataclass, field

LONGEST_TARGET = 300
"""Characters of a link's target; longer ones are for machines, and are left out."""


@dataclass(frozen=True, slots=True)
class Where:
    """Where a block stands in its document; what its format does not know is empty.

    Pages and slides are counted from 1. ``anchor`` is what follows ``#`` in an address.
    """

    page: int = 0
    slide: int = 0
    sheet: str = ""
    anchor: str = ""

    @property
    def label(self) -> str:
        """For people, as in ``page 3``; empty where there is nothing that they could look for."""
        if self.page:
            return f"page {self.page}"
        if self.slide:
            return f"slide {self.slide}"
        return f"sheet {self.sheet}" if self.sheet else ""

    @property
    def fragment(self) -> str:
        """What leads a browser there, without ``#``; empty where nothing does."""
        return f"page={self.page}" if self.page else self.anchor


NOWHERE = Where()


@dataclass(frozen=True, slots=True)
class Heading:
    """``level`` is 1 for the highest, 6 for the lowest."""

    text: str
    level: int
    where: Where = NOWHERE


@dataclass(frozen=True, slots=True)
class Paragraph:
    """``is_bold`` where all of it is: a question in bold belongs to the answer behind it."""

    text: str
    where: Where = NOWHERE
    is_bold: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a list. ``depth`` counts from 0; ``mark`` is ``-``, or a number such as ``2.``"""

    text: str
    depth: int = 0
    mark: str = "-"


@dataclass(frozen=True, slots=True)
class ItemList:
    items: tuple[Item, ...]
    where: Where = NOWHERE


Row = tuple[str, ...]
"""The cells of a table's row, of one line each. A cell that spans several is repeated in each."""


@dataclass(frozen=True, slots=True)
class Table:
    """``header`` holds the rows that name the columns: none, one, or several of them.

    ``is_record_list`` where each row is a thing of its own, as in a spreadsheet or an export: each
    is then written with the names of its columns, so that it can be read alone.
    """

    header: tuple[Row, ...]
    rows: tuple[Row, ...]
    where: Where = NOWHERE
    caption: str = ""
    is_record_list: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    """Lines that are kept as they are."""

    text: str
    where: Where = NOWHERE


Block = Heading | Paragraph | ItemList | Table | Code


@dataclass(frozen=True, slots=True)
class Content:
    """What a reader found: ``title`` is empty where the format names none.

    ``notes`` are for people, and say what could not be read: ``5 of 6 pages hold no text``.
    """

    blocks: tuple[Block, ...]
    title: str = ""
    notes: tuple[str, ...] = field(default=())


def linked(text: str, target: str) -> str:
    """A link as plain text: ``the form (https://example.org/form)``.

    Only addresses that a person can follow are shown, and none that is the text itself.
    """
    shown = target.removeprefix("mailto:")
    is_followed = target.startswith(("http://", "https://", "mailto:"))
    if not is_followed or len(target) > LONGEST_TARGET or shown in text:
        return text
    return f"{text} ({shown})" if text else shown
