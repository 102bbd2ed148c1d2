"""What is read: sources, the documents they hold, and the chunks that are indexed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.questions import Audience


class SourceState(StrEnum):
    """requested → fetching → indexed | failed | quarantined → removed.

    A failed source is tried again when asked for; a quarantined one failed too often and waits
    for a person.
    """

    REQUESTED = "requested"
    FETCHING = "fetching"
    INDEXED = "indexed"
    FAILED = "failed"
    QUARANTINED = "quarantined"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a document comes from, and how far it got.

    ``uri`` is an absolute path, an http(s) URL, or ``slack-file:ID``. ``checksum`` is of the
    content and of how it is cut and embedded, so an equal one means that there is nothing to do.
    ``reply_to`` names the Slack message to report at, or is empty.
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
    reply_to: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """The text of a source, as Markdown."""

    source: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a document, as the index keeps it. ``id`` is a hash of source and text."""

    id: str
    source: str
    title: str
    text: str
    audience: Audience


@dataclass(frozen=True, slots=True)
class Failure:
    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What an ingest did, counted in sources; ``chunks`` counts the chunks that were written."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    failed: tuple[Failure, ...] = ()
    chunks: int = 0
    seconds: float = 0.0

    def sentence(self) -> str:
        """The report for people: ``2 added, 1 unchanged. 1 failed: a.pdf (it holds no text).``"""
        counts = [
            f"{count} {word}"
            for word in ("added", "updated", "unchanged", "removed")
            if (count := getattr(self, word))
        ]
        done = ", ".join(counts) + "." if counts else ""
        failures = "; ".join(f"{failure.source} ({failure.reason})" for failure in self.failed)
        failed = f"{len(self.failed)} failed: {failures}." if self.failed else ""
        return " ".join(part for part in (done, failed) if part) or "Nothing to do."
