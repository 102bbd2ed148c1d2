"""Footnotes, and the paragraphs that lead to them."""

from collections.abc import Container, Sequence
from dataclasses import dataclass

from domain.blocks import Block, Paragraph, Where
from knowledge.readers.pdf.groups import Group
from knowledge.readers.pdf.layout import Line, Part
from knowledge.readers.pdf.text import joined


@dataclass(slots=True)
class Notes:
    """``texts`` by page and number; ``taken`` are the ids of their lines."""

    texts: dict[tuple[int, str], str]
    taken: set[int]


def footnotes_of(parts: Sequence[Part], words: Container[str]) -> Notes:
    """The footnotes to which a line of their page leads, and their lines."""
    referred = {(p.page, n) for p in parts if isinstance(p, Line) for n in p.refers}
    found: dict[tuple[int, str], list[Line]] = {}
    taken: set[int] = set()
    last: tuple[int, str] | None = None
    for part in parts:
        if isinstance(part, Line) and part.note and (part.page, part.note) in referred:
            last = (part.page, part.note)
            found.setdefault(last, []).append(part)
            taken.add(id(part))
        elif (
            last
            and isinstance(part, Line)
            and not part.note
            and part.page == last[0]
            and abs(part.size - found[last][-1].size) < 0.3
            and 0 < part.base - found[last][-1].base < 1.8 * part.size
        ):
            found[last].append(part)
            taken.add(id(part))
        else:
            last = None
    texts = {
        key: joined([line.text for line in lines], words).removeprefix(key[1]).lstrip(".) ")
        for key, lines in found.items()
    }
    return Notes(texts, taken)


def referred(groups: Sequence[Group], notes: Notes) -> list[Block]:
    """The footnotes to which ``groups`` lead, right behind them."""
    return [
        Paragraph(text, Where(page=line.page))
        for group in groups
        for line in group.lines
        for note in line.refers
        if (text := notes.texts.pop((line.page, note), ""))
    ]
