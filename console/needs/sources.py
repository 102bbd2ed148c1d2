"""What the page Sources needs: adding, reading again and removing documents."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from domain.documents import Chunk, IngestReport
from domain.questions import Audience


class Adding(Protocol):
    def __call__(
        self, address: str, readers: Audience, by: str, *, is_site: bool, only_new: bool
    ) -> str:
        """Adds what is to be read soon, and returns its uri. Raises IngestError, also of a path.

        ``only_new``: everyone may read what is new, and nothing changes for what is known.
        """
        ...


class Keeping(Protocol):
    def __call__(
        self, file: BinaryIO, name: str, readers: Audience, by: str, sender: str
    ) -> str: ...


@dataclass(frozen=True, slots=True)
class SourceNeeds:
    """``would`` reads without changing anything. ``again`` lets a source be read soon.
    ``readers_of`` says who may read an address already; None if it is not known.

    ``keep`` adds a file from a browser and returns its uri; a file that the same ``sender`` sent
    before, with the same name and readers, is replaced once this one is read. It raises OSError;
    nothing is changed then. ``remove`` removes a source, or a collection with the documents that
    only it has; it returns a sentence. ``passages`` are those of a document's key, from a number
    on, up to so many. They raise IngestError, NotFound and RetrievalError.
    """

    add: Adding
    readers_of: Callable[[str, bool], Audience | None]
    keep: Keeping
    would: Callable[[str, bool], IngestReport]
    again: Callable[[str], None]
    remove: Callable[[str], str]
    passages: Callable[[str, int, int], Sequence[Chunk]]
