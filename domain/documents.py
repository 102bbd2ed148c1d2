"""Sources, the documents that are read from them, and the chunks that are indexed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.blocks import NOWHERE, Where
from domain.embeddings import Embedding
from domain.questions import Audience

LONGEST_ADDRESS = 1_250
"""Bytes of the address of a source or a collection.

An index of PostgreSQL holds rows of 2,704 bytes, and one of them both addresses of a member."""


class SourceState(StrEnum):
    """requested → fetching → indexed | failed | quarantined → removed.

    A failed source is read again with its collection. A quarantined one has failed too often, and
    is read again only if it changed, or if a person asks for it.
    """

    REQUESTED = "requested"
    FETCHING = "fetching"
    INDEXED = "indexed"
    FAILED = "failed"
    QUARANTINED = "quarantined"
    REMOVED = "removed"


def fault_of_address(uri: str) -> str:
    """Why the address cannot be stored; empty if it can. A file's name may be any bytes."""
    try:
        size = len(uri.encode())
    except UnicodeEncodeError:
        return "its name is not valid UTF-8: rename it"
    if size > LONGEST_ADDRESS:
        return f"its address is longer than {LONGEST_ADDRESS:,} bytes"
    return "" if size else "it has no name"


@dataclass(frozen=True, slots=True)
class Source:
    """A place that a document is read from, and its state.

    ``uri`` is an absolute path, an http(s) URL, ``slack-file:ID`` or the name of a card.
    ``audience`` is everyone who was given it. ``document`` is the key of its passages in the index:
    a checksum of its content, and of the way that is split and embedded. Equal sources share one.
    ``checksum`` is the document that was read last: another one while that is being written.
    ``notes`` say what of it could not be read, one a line.
    ``version`` is what its connector said of the content that was read. ``modified`` is when its
    author changed it last, if that is known.
    """

    uri: str
    audience: Audience
    state: SourceState
    requested_by: str
    updated_at: datetime
    title: str = ""
    checksum: str = ""
    chunks: int = 0
    attempts: int = 0
    reason: str = ""
    notes: str = ""
    document: str = ""
    version: str = ""
    modified: datetime | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """Those whom ``label`` names may read ``source``; ``by`` allowed it first at ``since``."""

    source: str
    label: str
    by: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Version:
    """A document that is one of several versions of a text, and a source that has it."""

    document: str
    source: str
    title: str
    modified: datetime | None


@dataclass(frozen=True, slots=True)
class VersionOf:
    """What tells whether a document is a version of another.

    ``subject`` is its title without dates and version marks, ``sketch`` a sample of what it says,
    ``codes`` one of its codes (``knowledge.near_copies``). Versions of one text have the same
    ``family``.
    """

    document: str
    subject: str
    family: str
    sketch: tuple[int, ...]
    codes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a document, as the index keeps it. ``id`` is a hash of its title and text.

    ``place`` is its place among the chunks of its document, from 0: its neighbours are one off.
    """

    id: str
    document: str
    title: str
    text: str
    audience: Audience
    where: Where = NOWHERE
    place: int = 0


@dataclass(frozen=True, slots=True)
class Embedded:
    """A document's chunks, and an embedding of each."""

    document: str
    chunks: Sequence[Chunk]
    embeddings: Sequence[Embedding]

    def for_readers(self, audience: Audience) -> "Embedded":
        """The same for others to read."""
        chunks = [replace(chunk, audience=audience) for chunk in self.chunks]
        return replace(self, chunks=chunks)


class IndexPlace(StrEnum):
    """Where an index is kept."""

    LANCEDB = "lancedb"
    WEAVIATE = "weaviate"


@dataclass(frozen=True, slots=True)
class IndexName:
    """An index: the embedding model that it was built with, and what it is called where it is."""

    model: str
    name: str


@dataclass(frozen=True, slots=True)
class Failure:
    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file or folder that was left out on purpose, and why."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Note:
    """What could not be read of a source that was read otherwise."""

    source: str
    text: str


@dataclass(frozen=True, slots=True)
class KeptNarrow:
    """A known source that only these labels may read; the ingest did not change that."""

    source: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What would be done with a source: ``outcome`` is added, updated, removed or failed."""

    source: str
    outcome: str


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What an ingest did, counted in sources; ``chunks`` counts the chunks that were written.

    ``kept_narrow`` lists the known sources that not everyone may read, and that were read again
    without saying for whom. Of a dry run, which changes nothing, ``would`` lists what it would do.
    ``cursor`` is what the collection's connector is given next time. ``held_back`` are those of
    ``failed`` of which too much is gone, so that it was not removed. ``not_before`` is when a busy
    server asks to be asked again, at the earliest.
    """

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    failed: tuple[Failure, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[Note, ...] = ()
    kept_narrow: tuple[KeptNarrow, ...] = ()
    chunks: int = 0
    seconds: float = 0.0
    would: tuple[Change, ...] = ()
    cursor: str = ""
    held_back: tuple[Failure, ...] = ()
    not_before: datetime | None = None

    def sentence(self) -> str:
        """The report for people: ``2 added, 1 unchanged. 1 failed: a.pdf (it holds no text).``

        Only the first failures and notes are named. What was left out is counted for each reason,
        with the first names.
        """
        counts = [
            f"{count:,} {word}"
            for word in ("added", "updated", "unchanged", "removed")
            if (count := getattr(self, word))
        ]
        done = ", ".join(counts) + "." if counts else ""
        # What was held back needs a person, so that it is named in any case.
        failures = sorted(self.failed, key=lambda failure: failure not in self.held_back)
        named = _named([f"{failure.source} ({failure.reason})" for failure in failures])
        failed = f"{len(self.failed):,} failed: {named}." if self.failed else ""
        skipped = (
            f"{len(self.skipped):,} left out: {_grouped(self.skipped)}." if self.skipped else ""
        )
        noted = _named([f"{note.source} ({note.text})" for note in self.notes])
        notes = f"Read in part: {noted}." if self.notes else ""
        return " ".join(part for part in (done, failed, notes, skipped) if part) or "Nothing to do."


_NAMED = 10
_NAMED_FOR_A_REASON = 2


def _named(texts: Sequence[str]) -> str:
    """The first of the texts, and how many more there are."""
    more = f"; and {len(texts) - _NAMED:,} more" if len(texts) > _NAMED else ""
    return "; ".join(texts[:_NAMED]) + more


def _grouped(skipped: tuple[Skipped, ...]) -> str:
    """``7 × pictures (a.png, b.png, …); 1 × a broken link (c.md)``: most of a kind first."""
    by_reason: dict[str, list[str]] = {}
    for one in skipped:
        by_reason.setdefault(one.reason, []).append(one.source)
    most_first = sorted(by_reason.items(), key=lambda item: -len(item[1]))
    named = "; ".join(
        f"{len(sources):,} × {reason} ({_first(sources)})"
        for reason, sources in most_first[:_NAMED]
    )
    more = f"; and {len(most_first) - _NAMED} more kinds" if len(most_first) > _NAMED else ""
    return named + more


def _first(sources: list[str]) -> str:
    return ", ".join(sources[:_NAMED_FOR_A_REASON]) + (
        ", …" if len(sources) > _NAMED_FOR_A_REASON else ""
    )
