"""Which headings stand above a block, where a box within the text has headings of its own."""

from collections.abc import Sequence
from dataclasses import replace

from domain.blocks import Block, Heading


class Headings:
    """The headings above the next block. What follows a box stands under those above the box."""

    def __init__(self) -> None:
        self._last: tuple[Heading, ...] = ()  # above the last block
        self._wanted: tuple[Heading, ...] | None = None

    @property
    def above(self) -> tuple[Heading, ...]:
        """Those above a next block that is no heading."""
        return self._last if self._wanted is None else self._wanted

    def go_back(self, above: tuple[Heading, ...]) -> None:
        """What follows stands under ``above``, whatever headings came since."""
        self._wanted = above

    def before(self, block: Block) -> Sequence[Heading]:
        """Headings to write in front of ``block``; one without text only ends those above it."""
        repeated = self._ended(block) if self._wanted is not None else []
        self._wanted = None
        for heading in (*repeated, block):
            if isinstance(heading, Heading):
                higher = [each for each in self._last if each.level < heading.level]
                self._last = (*higher, heading)
        return repeated

    def _ended(self, block: Block) -> list[Heading]:
        """What ends the headings of the box, and is above ``block`` again."""
        wanted = [each for each in self._wanted or () if each.text]
        if isinstance(block, Heading):
            wanted = [each for each in wanted if each.level < block.level]
        same = 0
        while same < min(len(wanted), len(self._last)) and wanted[same] is self._last[same]:
            same += 1
        missing, others = wanted[same:], self._last[same:]
        if not others or (isinstance(block, Heading) and block.level <= others[0].level):
            return missing
        if missing and missing[0].level <= others[0].level:
            return missing
        return [replace(others[0], text=""), *missing]
