"""Reads the sources that were requested in Slack; each request gets one message as its report."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from bot.ingest.outcomes import ENDED, Outcomes, counted, name_of_source, outcome
from bot.ingest.report_messages import ReportMessages
from bot.jobs.payloads import read_source
from bot.jobs.runner import Runner
from domain.documents import Source, SourceState
from domain.errors import IngestError, public_text
from domain.jobs import Job, JobKind
from domain.text import truncate
from records.jobs import Jobs
from records.sources import Sources


class Reading:
    """Reads one source for each job; the jobs of a request run in turn, and share a report.

    ``ingest`` reads one source and returns it as it is then (``Ingestor.ingest_one``).
    """

    def __init__(
        self,
        messages: ReportMessages,
        outcomes: Outcomes,
        sources: Sources,
        jobs: Jobs,
        ingest: Callable[[Source], Source],
        runner: Runner,
    ) -> None:
        self._messages = messages
        self._outcomes = outcomes
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
        if all(each.state in ENDED for each in together if each.id != job.id):
            self._messages.show(at, self._outcomes.of(together, done))

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
        self._messages.show(at, self._outcomes.of(together, ended))

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
