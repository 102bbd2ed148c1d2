"""What became of the sources and collections that were requested together, a line for each."""

from collections.abc import Mapping, Sequence

from bot.answers.render import name_of
from bot.jobs.payloads import SourcePayload, read_source
from domain.cards import ELSEWHERE
from domain.collections import Collection
from domain.documents import Source, SourceState
from domain.jobs import Job, JobKind, JobState
from domain.links import UPLOAD
from domain.text import truncate
from records.collections import Collections
from records.sources import Sources

_OF_ONE = ("page", "file", UPLOAD, ELSEWHERE, "slack-thread")
"""The kinds of collections that have one document, besides what is attached to it."""

ENDED = (JobState.DONE, JobState.QUARANTINED)


class Outcomes:
    """Looks them up in the records. Every method raises DatabaseUnavailable."""

    def __init__(self, sources: Sources, collections: Collections) -> None:
        self._sources = sources
        self._collections = collections

    def of(self, together: Sequence[Job], ended: Mapping[int, str]) -> str:
        """A line for each job of a request; ``ended`` has those of jobs that have just ended."""
        return "\n".join(ended.get(job.id) or self._line(job) for job in together)

    def document(self, collection: Collection) -> Source | None:
        """The document of a collection that is one, such as a page; None of any other."""
        if collection.kind not in _OF_ONE:
            return None
        rows = self._sources.members(collection.uri).values()
        found = [row for row in rows if row.state is not SourceState.REMOVED]
        return found[0] if len(found) == 1 else None

    def _line(self, job: Job) -> str:
        if job.kind is JobKind.COLLECTION:
            return self._line_of_collection(job)
        source = self._sources.find(job.key)
        if job.state is JobState.QUARANTINED:
            return f"✗ {name_of_source(job, source)}: {truncate(job.reason, 300)}"
        if job.state is JobState.DONE and source:
            return outcome(source)
        return f"… {name_of_source(job, source)}: waiting."

    def _line_of_collection(self, job: Job) -> str:
        known = self._collections.find(job.key)
        if job.state is JobState.QUARANTINED:
            return f"✗ {name_of_collection(job.key, known)}: {truncate(job.reason, 300)}"
        if job.state is not JobState.DONE:
            return f"… {name_of_collection(job.key, known)}: waiting."
        if known is None:
            return f"– {name_of_collection(job.key)}: removed."
        if known.reason:
            return f"✗ {name_of_collection(job.key, known)}: {truncate(known.reason, 300)}"
        if document := self.document(known):
            return outcome(document)
        return f"✓ {name_of_collection(job.key, known)}: read."


def outcome(source: Source) -> str:
    match source.state:
        case SourceState.INDEXED:
            notes = truncate("; ".join(source.notes.splitlines()), 300)
            of_it = f" Read in part: {notes}." if notes else ""
            passages = "1 passage" if source.chunks == 1 else f"{source.chunks:,} passages"
            return f"✓ {name_of_document(source)}: {passages}.{of_it}"
        case SourceState.FAILED | SourceState.QUARANTINED:
            return f"✗ {name_of_document(source)}: {truncate(source.reason, 300)}"
        case SourceState.REMOVED:
            return f"– {name_of_document(source)}: removed."
        case _:
            return f"… {name_of_document(source)}: waiting."


def name_of_source(job: Job, source: Source | None = None) -> str:
    """The name by which people know a job's source."""
    if source and source.title:
        return name_of_document(source)
    payload: SourcePayload = read_source(job.payload)
    return truncate(payload.title or name_of(job.key) or "a file", 200)


def name_of_document(source: Source) -> str:
    """The name by which people know a source."""
    return truncate(source.title or name_of(source.uri) or "a file", 200)


def name_of_collection(uri: str, known: Collection | None = None) -> str:
    """The name by which people know a collection."""
    return truncate((known.title if known else "") or name_of(uri) or "a collection", 200)


def counted(things: Sequence[object]) -> str:
    return "1 source" if len(things) == 1 else f"{len(things)} sources"
