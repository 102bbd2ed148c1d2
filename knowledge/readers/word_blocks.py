"""Gathers blocks as paragraphs come: items become lists, lines code, captions part of tables."""

import re
from collections.abc import Sequence
from dataclasses import replace

from domain.blocks import Block, Code, Heading, Item, ItemList, Paragraph, Table
from knowledge.readers.spans import flat

_TITLES = 10  # paragraphs that are one title
_BEGINNING = 20  # blocks in which the title of the properties is looked for
_OF_FIGURE = re.compile(r"(?:fig|abb|bild|illustration|photo|foto|chart|diagram)", re.IGNORECASE)


class Gathered:
    """Blocks so far. `finished` gives them, captions with their tables."""

    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._items: list[Item] = []
        self._code: list[str] = []
        self._captions: dict[int, str] = {}  # by the places of their blocks

    def add(self, *blocks: Block) -> None:
        if blocks:
            self._close()
            self._blocks.extend(blocks)

    def add_item(self, item: Item) -> None:
        if self._code:
            self._close()
        self._items.append(item)

    def continue_item(self, text: str) -> bool:
        """Adds a paragraph without a mark to the item in front of it; False where none is."""
        if not self._items:
            return False
        last = self._items[-1]
        self._items[-1] = replace(last, text=f"{last.text} {text}")
        return True

    def add_code(self, text: str) -> None:
        if self._items:
            self._close()
        self._code.append(text)

    def add_caption(self, text: str) -> None:
        self.add(Paragraph(text))
        if not _OF_FIGURE.match(text):
            self._captions[len(self._blocks) - 1] = text

    def finished(self) -> list[Block]:
        self._close()
        made: list[Block] = []
        caption = ""
        for n, block in enumerate(self._blocks):
            if caption:
                if isinstance(block, Table) and not block.caption:
                    block = replace(block, caption=caption)
                elif made and isinstance(made[-1], Table) and not made[-1].caption:
                    made[-1] = replace(made[-1], caption=caption)
                else:
                    made.append(Paragraph(caption))
            caption = self._captions.get(n, "")
            if not caption:
                made.append(block)
        if caption and made and isinstance(made[-1], Table) and not made[-1].caption:
            made[-1] = replace(made[-1], caption=caption)
        elif caption:
            made.append(Paragraph(caption))
        return made

    def _close(self) -> None:
        if self._items:
            self._blocks.append(ItemList(tuple(self._items)))
        code = "\n".join(self._code).strip("\n")
        if code:
            self._blocks.append(Code(code))
        self._items, self._code = [], []


def without_title(blocks: list[Block], titles: Sequence[Heading]) -> tuple[str, list[Block]]:
    """The title, and the blocks without it: it stands above all chunks anyway.

    ``titles`` are the headings in the style of titles; those in front of all others are the
    document's. Where nothing else is left, they stay.
    """
    first = next((n for n, block in enumerate(blocks) if isinstance(block, Heading)), None)
    if first is None or not any(blocks[first] is title for title in titles):
        return "", blocks
    last = first
    while last + 1 < len(blocks) and any(blocks[last + 1] is title for title in titles[:_TITLES]):
        last += 1
    words = [block.text for block in blocks[first : last + 1] if isinstance(block, Heading)]
    return " ".join(words), (blocks[:first] + blocks[last + 1 :]) or blocks


def fitting_title(title: str, blocks: list[Block]) -> str:
    """The one that a file's properties name, where no heading says better what it is.

    Many files are copies of others, with the title of those.
    """
    has_heading = any(isinstance(block, Heading) for block in blocks)
    beginning = flat(blocks[:_BEGINNING]).lower()
    return title if not has_heading or title.lower() in beginning else ""
