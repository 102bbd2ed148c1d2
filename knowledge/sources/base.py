"""What every connector gives: which documents a collection has, and what each holds."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from domain.blocks import Content
from domain.documents import Failure, Skipped
from knowledge.readers.base import File


@dataclass(frozen=True, slots=True)
class Entry:
    """A document of a collection, as listing it shows it.

    ``version`` changes with the content, such as a blob's id: if it is the one that was read last,
    the document is not read again. If it is empty, only reading tells. ``place`` is where it really
    is, if a link leads there from its address.
    """

    uri: str
    version: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """The documents of a collection.

    Known documents that are not listed are removed, but those below an address in ``unreadable``
    are kept, and so are all if it is not ``is_complete`` (then ``gone`` names what was deleted).
    ``moved`` has the known addresses of what is listed under another one now, and that one; each is
    removed once it could be read there.
    ``cursor`` is given to the next listing once everything in this one was read. If documents are
    found one by one while ``entries`` is iterated over, ``later`` gives the rest afterwards.
    ``not_before`` is when a busy server asks to be asked again, at the earliest.
    """

    entries: Iterable[Entry]
    skipped: tuple[Skipped, ...] = ()
    unreadable: tuple[Failure, ...] = ()
    is_complete: bool = True
    gone: tuple[str, ...] = ()
    moved: Mapping[str, str] = field(default_factory=dict)
    cursor: str = ""
    later: "Callable[[], Listing] | None" = None
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a document holds: a file that a reader parses, or blocks if there is nothing to parse.

    ``version`` is kept for the next time; ``modified`` is when its author changed it last, in UTC.
    """

    content: File | Content
    version: str = ""
    modified: datetime | None = None


class Connector(Protocol):
    """Lists and reads the documents of one collection. A new one is made for each reading."""

    def list(self, known: Mapping[str, str], cursor: str) -> Listing:
        """What there is now. ``known`` has the version of each document that was read before.

        Raises IngestError if the collection as a whole cannot be looked at: nothing changes then.
        """
        ...

    def read(self, entry: Entry, version: str) -> Fetched | None:
        """The document, or None if it is unchanged since ``version``, which may be empty.

        Raises IngestError; GoneSource if it does not exist any more.
        """
        ...
