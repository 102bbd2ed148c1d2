"""Tells whoever added a document that people say it is wrong, out of date or not complete.

There is one job for each document and day, named so that it is added once. What people say after
it was added waits for the next day's. Each message has a mark, by which it is found if it is not
known whether it was posted.
"""

import json
import logging
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from bot.answers.blocks import SlackMessage, text_message
from bot.gaps.bad_answers import what_was_wrong
from bot.gaps.viewers import PersonViewer, Viewers
from bot.jobs.runner import Runner
from bot.slack.client import Me, SlackClient
from bot.slack.errors import may_pass
from domain.causes import Cause
from domain.documents import Source
from domain.errors import MessengerRefused
from domain.gaps import RECENT, BadAnswer, FailedQuestion
from domain.jobs import Job, JobKind, NewJob
from domain.labels import channel_label
from domain.text import truncate, visible
from records.gaps import Gaps
from records.grants import Grants
from records.jobs import Jobs
from records.sources import Sources

log = logging.getLogger(__name__)

_A_DAY = timedelta(days=1)
_WAITS = 2 * _A_DAY
"""What was said longer ago waits for no job any more."""
_ASKED, _QUESTION, _TITLE = 3, 200, 150


class Owners:
    """The work for jobs of the kind OWNER, whose key is the person who added the document."""

    def __init__(
        self,
        slack: SlackClient,
        me: Me,
        viewers: Viewers,
        gaps: Gaps,
        sources: Sources,
        grants: Grants,
        jobs: Jobs,
        runner: Runner,
    ) -> None:
        self._slack = slack
        self._me = me
        self._viewers = viewers
        self._gaps = gaps
        self._sources = sources
        self._grants = grants
        self._jobs = jobs
        runner.handles(JobKind.OWNER, self)

    def add_due(self, now: datetime | None = None) -> None:
        """Adds a job for each document that was doubted since its last one. Raises RecordsError.

        If it has none, only the last day counts. The document of a question is that of its first
        passage, which fitted best.
        """
        now = now or datetime.now(UTC)
        latest: dict[str, datetime] = {}
        for uri, failed in self._doubted(now):
            latest[uri] = max(failed.failed_at, latest.get(uri, failed.failed_at))
        found = filter(_is_person, self._sources.find_all(latest).values())
        untold = [one for one in found if latest[one.uri] > self._told_until(one, now)]
        self._jobs.add([self._job(one, now) for one in untold])

    def do(self, job: Job) -> None:
        """Raises MessengerError and RecordsError."""
        uri, until = _uri(job), job.created_at
        source = self._sources.find(uri)
        if source is None or source.requested_by != job.key:
            return
        viewer = self._viewers.person(job.key)
        if not self._may_read(uri, job.key, viewer) or self._is_sent(job):
            return
        since = self._told_until(source, until)
        about = [
            failed
            for doubted, failed in self._doubted(until)
            if doubted == uri and since < failed.failed_at <= until
        ]
        if about:
            readable = [one for one in about if viewer.may_read(one.question)]
            bad = self._gaps.bad_answers([one.question.id for one in readable[:_ASKED]])
            message = _message(source, len(about), readable, bad)
            self._slack.post(job.key, message.text, message.blocks, mark=job.request)

    def is_final(self, error: Exception) -> bool:  # noqa: ARG002 - it is tried three times
        return False

    def tell_given_up(self, job: Job, error: Exception) -> None:
        """Nobody waits for it; the night's report and the digest count the question too."""
        log.warning("Who added a document is not told that it is doubted: %s: %s", job.id, error)

    def _doubted(self, now: datetime) -> Iterator[tuple[str, FailedQuestion]]:
        """The documents that people doubted lately, each with a question."""
        for failed in self._gaps.failed(self._me.team, now - RECENT):
            if failed.cause is not Cause.DOCUMENT or failed.failed_at < now - _WAITS:
                continue
            for passages in self._gaps.passages([failed.question.id]):
                if passages:
                    yield passages[0].source, failed

    def _told_until(self, source: Source, at: datetime) -> datetime:
        """The end of what the last job of a document, before ``at``, tells of."""
        known = self._jobs.of_key(JobKind.OWNER, source.requested_by)
        ends = [one.created_at for one in known if _uri(one) == source.uri and one.created_at < at]
        return max(ends, default=at - _A_DAY)

    def _may_read(self, uri: str, person: str, viewer: PersonViewer) -> bool:
        """Whether the person may still read the document; they may have left its channel."""
        own = channel_label(self._me.team, "")
        labels = [grant.label for grant in self._grants.of(uri)]
        channels = [label.removeprefix(own) for label in labels if label.startswith(own)]
        readable = [each for each in channels if self._viewers.readers.can_read(each, person, "")]
        return uri in self._grants.readable([uri], viewer.audience(readable))

    def _job(self, source: Source, now: datetime) -> NewJob:
        payload = {"version": 1, "source": source.uri}
        return NewJob(
            kind=JobKind.OWNER,
            key=source.requested_by,
            request=f"owner:{self._me.team}:{now:%Y-%m-%d}:{source.uri}",
            team=self._me.team,
            person=source.requested_by,
            report="",
            payload=json.dumps(payload),
            created_at=now,
        )

    def _is_sent(self, job: Job) -> bool:
        """Whether an earlier attempt may have posted it, and did."""
        channel = self._slack.direct_channel(job.key) if job.attempts > 1 or job.reason else ""
        since = f"{(job.created_at - timedelta(hours=1)).timestamp():.6f}"
        try:
            posted = self._slack.messages(channel, "", since) if channel else []
        except MessengerRefused as error:
            if may_pass(error):
                raise
            log.info("It is not known whether %s was told: %s", job.key, error)
            return False
        return any(one.is_own and one.mark == job.request for one in posted)


def _uri(job: Job) -> str:
    """The document that a job is about."""
    return str(json.loads(job.payload)["source"])


def _is_person(source: Source) -> bool:
    return source.requested_by.startswith(("U", "W"))


def _message(
    source: Source, count: int, readable: list[FailedQuestion], bad: Mapping[str, BadAnswer]
) -> SlackMessage:
    """``bad`` has what people said, by question; who said it is not told."""
    title = truncate(visible(source.title or source.uri), _TITLE)
    answers = "an answer" if count == 1 else f"{count} answers"
    lines = [
        f"People say of {answers} from your document “{title}” that it is out of date, not "
        "complete, or says something else than what is right.",
        source.uri,
    ]
    if readable:
        lines += ["", "They asked:"]
    for one in readable[:_ASKED]:
        asked = truncate(visible(" ".join(one.question.text.split())), _QUESTION)
        said = bad[one.question.id].said[:_ASKED] if one.question.id in bad else ()
        lines += [f"• {asked}", *(f"    {what_was_wrong(rating)}" for rating in said)]
    lines += ["", "If they are right, change the document; it is read again by itself."]
    return text_message("\n".join(lines))
