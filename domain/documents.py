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

    ``uri`` is an absolute path, an http(s) URL, or ``slack-file:ID``. ``audience`` is all that it
    was granted to. ``checksum`` is of the content and of how it is cut and embedded, so an equal
    one means that nothing must be read again. ``reply_to`` names the Slack message to report at,
    or is empty.
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
class Grant:
    """``source`` may be read by whom ``label`` names: given by ``by``, first at ``since``."""

    source: str
    label: str
    by: str
    since: datetime


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
class Skipped:
    """A file or folder that was left out on purpose, and why."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class KeptNarrow:
    """A source that was known for these labels alone, and stays so."""

    source: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What an ingest did, counted in sources; ``chunks`` counts the chunks that were written.

    ``kept_narrow`` are the sources that everyone may not read, where nobody said for whom to read.
    """

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    failed: tuple[Failure, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    kept_narrow: tuple[KeptNarrow, ...] = ()
    chunks: int = 0
    seconds: float = 0.0

    def sentence(self) -> str:
        """The report for people: ``2 added, 1 unchanged. 1 failed: a.pdf (it holds no text).``

        What was left out is named too, ten at most.
        """
        counts = [
            f"{count} {word}"
            for word in ("added", "updated", "unchanged", "removed")
            if (count := getattr(self, word))
        ]
        done = ", ".join(counts) + "." if counts else ""
        failures = "; ".join(f"{failure.source} ({failure.reason})" for failure in self.failed)
        failed = f"{len(self.failed)} failed: {failures}." if self.failed else ""
        skipped = f"{len(self.skipped)} left out: {_named(self.skipped)}." if self.skipped else ""
        return " ".join(part for part in (done, failed, skipped) if part) or "Nothing to do."


_NAMED = 10


def _named(skipped: tuple[Skipped, ...]) -> str:
    named = "; ".join(f"{one.source} ({one.reason})" for one in skipped[:_NAMED])
    return f"{named}; and {len(skipped) - _NAMED} more" if len(skipped) > _NAMED else named
