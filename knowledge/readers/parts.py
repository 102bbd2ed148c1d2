"""What the readers of files with others in them share."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from domain.blocks import NOWHERE, Block, Heading, Where
from domain.errors import EmptySource, IngestError, UnsupportedSource
from knowledge.readers.base import File, ReadPart

_LOWEST = 6
_NAMED = 5  # parts that failed which a note names


def deeper(blocks: Iterable[Block], by: int = 1) -> tuple[Block, ...]:
    """``blocks`` with their headings so many levels lower, for a place under another heading."""
    return tuple(
        replace(block, level=min(block.level + by, _LOWEST))
        if isinstance(block, Heading)
        else block
        for block in blocks
    )


@dataclass(slots=True)
class Parts:
    """Reads the files within one, and counts those that are not read."""

    read_part: ReadPart
    notes: list[str] = field(default_factory=list)
    _unread: Counter[str] = field(default_factory=Counter)
    _failed: list[str] = field(default_factory=list)

    def read(self, file: File, name: str, level: int, where: Where = NOWHERE) -> Sequence[Block]:
        """The blocks of a part under a heading with its name; none where it is not read."""
        try:
            content = self.read_part(file)
        except EmptySource as e:
            if file.content:
                self.fail(name, e)
            return ()
        except UnsupportedSource as e:
            self.leave_out(e.public)
            return ()
        except IngestError as e:
            self.fail(name, e)
            return ()
        self.notes += [f"{name}: {note}" for note in content.notes]
        shown = [block.text for block in content.blocks if isinstance(block, Heading)]
        is_new = content.title and content.title not in (name, *shown)
        title = f"{name}: {content.title}" if is_new else name
        return (Heading(title, min(level, _LOWEST), where), *deeper(content.blocks, level))

    @property
    def has_failed(self) -> bool:
        """Whether a part that should be read could not be."""
        return bool(self._failed)

    def leave_out(self, reason: str) -> None:
        """Counts a part that is not read, as in ``pictures are not read``."""
        self._unread[reason] += 1

    def fail(self, name: str, error: IngestError) -> None:
        """Keeps why a part could not be read."""
        self._failed.append(f"{name}: {error.public}")

    def all_notes(self, what: str) -> tuple[str, ...]:
        """For people; ``what`` names such parts, as in ``attachments``."""
        notes = list(self.notes)
        if self._unread:
            reasons = "; ".join(f"{count} × {why}" for why, count in self._unread.most_common())
            notes.append(f"{what} left out: {reasons}")
        more = len(self._failed) - _NAMED
        notes += [f"not read: {failed}" for failed in self._failed[:_NAMED]]
        if more > 0:
            notes.append(f"{more} more {what} could not be read")
        return tuple(notes)
