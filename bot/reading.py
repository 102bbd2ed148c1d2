"""Reads the sources that were requested in Slack; each request gets one message as its report."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from bot.blocks import text_message
from bot.message_ref import MessageRef, message_ref
from bot.payloads import SourcePayload, read_source
from bot.render import name_of
from bot.runner import Runner
from bot.slack_client import SlackClient
from bot.slack_errors import may_pass
from domain.documents import Source, SourceState
from domain.errors import (
    IngestError,
    MessengerRefused,
    MessengerUnavailable,
    public_text,
)
from domain.jobs import Job, JobKind, JobState
from domain.text import truncate
from records.jobs import Jobs
from records.sources import Sources

log = logging.getLogger(__name__)

_ENDED = (JobState.DONE, JobState.QUARANTINED)


class Reading:
    """Reads one source for each job; the jobs of a request run in turn, and share a report.

    ``ingest`` reads one source and returns it as it is then (``Ingestor.ingest_one``).
    """

    def __init__(
        self,
        slack: SlackClient,
        sources: Sources,
        jobs: Jobs,
        ingest: Callable[[Source], Source],
        runner: Runner,
    ) -> None:
        self._slack = slack
        self._sources = sources
        self._jobs = jobs
        self._ingest = ingest
        runner.handles(JobKind.SOURCE, self)

    def do(self, job: Job) -> None:
        """One attempt. Raises MessengerError, RecordsError, and what reading raises.

        A source that cannot be read is reported and is not an error.
        """
        together = self._jobs.of_request(job.request)
        at = self._report_of(job, together)
        place = [each.id for each in together].index(job.id) + 1
        self._progress(at, f"Reading {place} of {len(together)}: {name_of_source(job)} …")
        done = self._read(job)
        together = self._jobs.of_request(job.request)
        if all(each.state in _ENDED for each in together if each.id != job.id):
            self._show(at, self._lines(together, done))

    def is_final(self, error: Exception) -> bool:  # noqa: ARG002 - whatever it is, it may pass
        return False

    def tell_given_up(self, job: Job, error: Exception) -> None:
        reason = public_text(error)
        known = self._sources.find(job.key)
        if known and known.state in (SourceState.REQUESTED, SourceState.FETCHING):
            self._with_failure(known, reason, SourceState.QUARANTINED)
        together = self._jobs.of_request(job.request)
        ended = {job.id: f"✗ {name_of_source(job, known)}: {truncate(reason, 300)}"}
        self._show(self._report_of(job, together), self._lines(together, ended))

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

    def _report_of(self, job: Job, together: Sequence[Job]) -> MessageRef:
        """The message of the report: the existing one, or a new one, stored with the jobs."""
        at = message_ref(job.report)
        if at.ts:
            return at
        text = f"Reading {counted(together)} …"
        at = self._found(job, at) or self._posted(job, at, text)
        if at.ts:
            self._jobs.set_report(job.request, str(at))
        return at

    def _posted(self, job: Job, at: MessageRef, text: str) -> MessageRef:
        blocks = text_message(text).blocks
        try:
            return at.at(self._slack.post(at.channel, text, blocks, at.thread, mark=job.request))
        except MessengerUnavailable:
            # It may have been posted: the next attempt looks for it.
            if found := self._find(job, at):
                return found
            raise
        except MessengerRefused as error:
            if may_pass(error):
                raise
        # The bot may not be in the channel of a command: then only the person is told.
        try:
            channel, ts = self._slack.posted(job.person, text, blocks, mark=job.request)
        except MessengerRefused as error:
            if may_pass(error):
                raise
            log.warning("Nobody can be told of an ingest: %s", error)
            return at
        return MessageRef(at.team, channel, ts)

    def _found(self, job: Job, at: MessageRef) -> MessageRef | None:
        """The message that an earlier attempt posted, if there is one."""
        return self._find(job, at) if job.reason else None

    def _find(self, job: Job, at: MessageRef) -> MessageRef | None:
        since = f"{job.created_at.timestamp() - _SKEW:.6f}"
        try:
            posted = self._slack.messages(at.channel, at.thread, since)
        except MessengerRefused as error:
            if may_pass(error):
                raise
            return None
        marked = (at.at(each.ts) for each in posted if each.is_own and each.mark == job.request)
        return next(marked, None)

    def _progress(self, at: MessageRef, text: str) -> None:
        """Shows progress. It is tried only once, so that the reading does not wait for it."""
        message = text_message(text)
        try:
            if at.ts:
                self._slack.update(at.channel, at.ts, message.text, message.blocks, steady=False)
        except (MessengerRefused, MessengerUnavailable) as error:
            log.info("The progress of an ingest is not shown: %s", error)

    def _show(self, at: MessageRef, text: str) -> None:
        """Shows the report. Raises MessengerError if Slack does not answer; it is shown later."""
        message = text_message(text)
        try:
            if at.ts:
                self._slack.update(at.channel, at.ts, message.text, message.blocks)
        except MessengerRefused as error:
            if may_pass(error):
                raise
            log.warning("The report of an ingest is not shown: %s", error)


_SKEW = 60
"""How many seconds Slack's clock may be behind this machine's."""


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
