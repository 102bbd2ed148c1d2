"""What the page Sources needs: adding, reading again and removing documents."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from domain.documents import Chunk, IngestReport
from domain.questions import Audience


class Adding(Protocol):
    def __call__(self, address: str, readers: Audience, by: str, *, is_site: bool) -> str:
        """Adds what is to be read soon, and returns its uri. Raises IngestError, also of a path."""
        ...


@dataclass(frozen=True, slots=True)
class SourceNeeds:
    """``would`` reads without changing anything. ``again`` lets a source be read soon.

    ``keep`` adds a file in ``uploads``, the folder for files from browsers; nobody names one by
    path. ``remove`` removes a source, or a collection with the documents that only it has; it
    returns a sentence. ``passages`` are those of a document's key. They raise IngestError, NotFound
    and RetrievalError.
    """

    add: Adding
    keep: Callable[[Path, Audience, str], None]
    would: Callable[[str, bool], IngestReport]
    again: Callable[[str], None]
    remove: Callable[[str], str]
    passages: Callable[[str], Iterator[Chunk]]
    uploads: Path
