"""Reads the sources that were requested in Slack; each request gets one message as its report."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from bot.payloads import SourcePayload, read_source
from bot.render import name_of
from bot.report_messages import ReportMessages
from bot.runner import Runner
from domain.documents import Source, SourceState
from domain.errors import IngestError, public_text
from domain.jobs import Job, JobKind, JobState
from domain.text import truncate
from records.jobs import Jobs
from records.sources import Sources

_ENDED = (JobState.DONE, JobState.QUARANTINED)


class Reading:
    """Reads one source for each job; the jobs of a request run in turn, and share a report.

    ``ingest`` reads one source and returns it as it is then (``Ingestor.ingest_one``).
    """

    def __init__(
        self,
        messages: ReportMessages,
        sources: Sources,
        jobs: Jobs,
        ingest: Callable[[Source], Source],
        runner: Runner,
    ) -> None:
        self._messages = messages
        self._sources = sources
        self._jobs = jobs
        self._ingest = ingest
        runner.handles(JobKind.SOURCE, self)

    def do(self, job: Job) -> None:
        """One attempt. Raises MessengerError, RecordsError, and what reading raises.

        A source that cannot be read is reported and is not an error.
        """
        together = self._jobs.of_request(job.request)
        at = self._messages.of(job, f"Reading {counted(together)} …")
        place = [each.id for each in together].index(job.id) + 1
        self._messages.progress(at, f"Reading {place} of {len(together)}: {name_of_source(job)} …")
        done = self._read(job)
        together = self._jobs.of_request(job.request)
        if all(each.state in _ENDED for each in together if each.id != job.id):
            self._messages.show(at, self._lines(together, done))

    def is_final(self, error: Exception) -> bool:  # noqa: ARG002 - whatever it is, it may pass
        return False

    def tell_given_up(self, job: Job, error: Exception) -> None:
        reason = public_text(error)
        known = self._sources.find(job.key)
        if known and known.state in (SourceState.REQUESTED, SourceState.FETCHING):
            self._with_failure(known, reason, SourceState.QUARANTINED)
        together = self._jobs.of_request(job.request)
        ended = {job.id: f"✗ {name_of_source(job, known)}: {truncate(reason, 300)}"}
        at = self._messages.of(job, f"Reading {counted(together)} …")
        self._messages.show(at, self._lines(together, ended))

    def _read(self, job: Job) -> dict[int, str]:
        """Reads the job's source; returns its line for the report."""
        source = self._granted(job)
        try:
            source = self._ingest(source)
        except IngestError as error:
            source = self._with_failure(source, public_text(error), SourceState.FAILED)
        return {job.id: outcome(source)}

    def _granted(self, job: Job) -> Source:
        """The source, for those to whom it was granted when it was asked for, and others since.

        A job of an earlier version contains its readers. If a known source has no readers, they
        were withdrawn, and reading it will find that nobody is left.
        """
        now, payload = datetime.now(UTC), read_source(job.payload)
        if known := self._sources.find(job.key):
            return known
        state = SourceState.REQUESTED
        source = Source(job.key, payload.readers, state, job.person, now, payload.title)
        self._sources.save(source)
        return source

    def _with_failure(self, source: Source, reason: str, state: SourceState) -> Source:
        failed = replace(
            source,
            state=state,
            reason=reason,
            attempts=source.attempts + 1,
            updated_at=datetime.now(UTC),
        )
        self._sources.save(failed)
        return failed

    def _lines(self, together: Sequence[Job], ended: dict[int, str]) -> str:
        """The result of each source of a request; ``ended`` has those that have just ended."""
        return "\n".join(ended.get(job.id) or self._line(job) for job in together)

    def _line(self, job: Job) -> str:
        source = self._sources.find(job.key)
        if job.state is JobState.QUARANTINED:
            return f"✗ {name_of_source(job, source)}: {truncate(job.reason, 300)}"
        if job.state is JobState.DONE and source:
            return outcome(source)
        return f"… {name_of_source(job, source)}: waiting."


def outcome(source: Source) -> str:
    match source.state:
        case SourceState.INDEXED:
            notes = truncate("; ".join(source.notes.splitlines()), 300)
            of_it = f" Read in part: {notes}." if notes else ""
            return f"✓ {_name(source)}: {source.chunks} passages.{of_it}"
        case SourceState.FAILED | SourceState.QUARANTINED:
            return f"✗ {_name(source)}: {truncate(source.reason, 300)}"
        case SourceState.REMOVED:
            return f"– {_name(source)}: removed."
        case _:
            return f"… {_name(source)}: waiting."


def name_of_source(job: Job, source: Source | None = None) -> str:
    """The name by which people know a job's source."""
    if source and source.title:
        return _name(source)
    payload: SourcePayload = read_source(job.payload)
    return truncate(payload.title or name_of(job.key) or "a file", 200)


def _name(source: Source) -> str:
    return truncate(source.title or name_of(source.uri) or "a file", 200)


def counted(things: Sequence[object]) -> str:
    return "1 source" if len(things) == 1 else f"{len(things)} sources"
