"""Closes gaps: asks their questions again, and tells each person once what is answered now.

    closing     one job: what failed meanwhile joins the gap, and each person gets a job
    telling     a job a person: their questions are asked again, the latest first, until one is
                answered so that passages support all of it

That a gap is closed is stored with the first job, before anybody hears of it. A message that may
have been posted before a crash is looked for by its mark before it is posted again.
"""

import json
import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot.gaps.finding import GapFinder
from bot.jobs.runner import Interrupted, Runner
from bot.questions.later_answers import LaterAnswers, NoModel
from bot.records import BotRecords
from bot.slack.client import Me, SlackClient
from bot.slack.errors import may_pass
from bot.slack.message_ref import is_message_ref
from domain.cards import Card
from domain.corrected import is_supported, says
from domain.documents import SourceState
from domain.errors import MessengerRefused, NotFound
from domain.gaps import Closing
from domain.jobs import Job, JobKind, NewJob
from domain.questions import Answer, AnswerKind, Question
from records.gaps import Gaps

log = logging.getLogger(__name__)

_QUESTIONS = 3
"""The most questions of one person that are asked again."""

_CARDS_WAIT = timedelta(hours=1)
"""How long the written answers may take until they are found."""


class GapClosing:
    """The work for jobs of the kind GAP: the key is a gap's id, or that and a person's."""

    def __init__(
        self,
        slack: SlackClient,
        me: Me,
        later: LaterAnswers,
        finder: GapFinder,
        gaps: Gaps,
        records: BotRecords,
        runner: Runner,
    ) -> None:
        self._slack = slack
        self._me = me
        self._later = later
        self._finder = finder
        self._gaps = gaps
        self._records = records
        self._runner = runner
        runner.handles(JobKind.GAP, self)

    def close(self, gap_id: str, closing: Closing, by: str, written: Sequence[Card] = ()) -> bool:
        """Closes an open gap; False if it is not open.

        ``written`` are the cards of the answer that somebody wrote. Raises DatabaseUnavailable, and
        AlreadyChanged if somebody confirmed an answer to one of their questions.
        """
        now = datetime.now(UTC)
        sources = [card.source for card in written]
        job = self._job(gap_id, "", now, now, sources)
        return self._gaps.close(gap_id, closing, by, " ".join(sources), now, [job], written)

    def close_read(self) -> None:
        """Closes the gaps whose awaited documents were read. Raises DatabaseUnavailable."""
        for gap in self._gaps.read(self._me.team):
            now = datetime.now(UTC)
            job = self._job(gap.id, "", now, now, [])
            self._gaps.close(gap.id, Closing.DOCUMENT, gap.awaited_by, gap.awaited, now, [job])

    def do(self, job: Job) -> None:
        """Raises MessengerError, RecordsError, and errors of answering."""
        gap_id, _, person = job.key.partition(":")
        payload = json.loads(job.payload)
        closed_at = datetime.fromisoformat(payload["closed_at"])
        if person:
            self._tell(gap_id, person, closed_at)
        else:
            self._ask_all(gap_id, closed_at, payload["sources"])

    def is_final(self, error: Exception) -> bool:  # noqa: ARG002 - whatever it is, it may pass
        return False

    def tell_given_up(self, job: Job, error: Exception) -> None:
        """Whoever asked does not know of it, and the gap shows how many were told."""
        log.warning("%s is not asked again: %s", job.key, error)

    def _ask_all(self, gap_id: str, closed_at: datetime, sources: Sequence[str]) -> None:
        now = datetime.now(UTC)
        if now - closed_at < _CARDS_WAIT and not self._are_found(sources, closed_at):
            raise Interrupted("The written answer is not found yet.")
        self._finder.refresh(self._me.team)
        asked = (one.question for one in self._gaps.questions_of(gap_id))
        people = {one.asked_by for one in asked if is_message_ref(one.id)}
        self._records.jobs.add(
            self._job(gap_id, person, closed_at, now, []) for person in sorted(people)
        )

    def _are_found(self, sources: Sequence[str], closed_at: datetime) -> bool:
        known = self._records.sources.find_all(sources)
        return all(
            (one := known.get(source)) is not None
            and one.state is SourceState.INDEXED
            and one.updated_at >= closed_at
            for source in sources
        )

    def _tell(self, gap_id: str, person: str, closed_at: datetime) -> None:
        gaps, mark = self._gaps, f"gap:{gap_id}:{closed_at.isoformat()}"
        if gaps.may_be_told(gap_id, person) and self._is_posted(person, mark, closed_at):
            gaps.told(gap_id, person, datetime.now(UTC))
            return
        for question in gaps.untold(gap_id, person)[:_QUESTIONS]:
            if self._records.asked_again.was_told(question.answer_id, person):
                gaps.told(gap_id, person, datetime.now(UTC))
                return
            made = self._later.make(question, person)
            if made is None:
                continue
            asked, new = made
            if new.kind is AnswerKind.QUOTED:
                raise NoModel("No model answers now.")
            if self._is_right(question, new):
                gaps.telling(gap_id, person)
                self._later.tell(person, asked, new, lambda words: words.gap_answered, mark)
                gaps.told(gap_id, person, datetime.now(UTC))
                # Nobody is told of the same question for another reason too.
                self._records.asked_again.tell(question.answer_id, person, datetime.now(UTC))
                return

    def _is_right(self, question: Question, new: Answer) -> bool:
        """Whether passages support all of the new answer, and it says what the person wrote."""
        if not is_supported(new):
            return False
        try:
            old = self._records.answers.get(question.answer_id)
        except NotFound:
            return True
        wrote = self._records.ratings.correction(question.answer_id, question.asked_by)
        is_said = wrote is None or not wrote.text or says(new.text, wrote.text, question.text)
        return new.text != old.text and is_said

    def _is_posted(self, person: str, mark: str, closed_at: datetime) -> bool:
        """Whether the person was told by an attempt that did not end."""
        since = f"{(closed_at - timedelta(hours=1)).timestamp():.6f}"
        try:
            channel = self._slack.direct_channel(person)
            posted = self._slack.messages(channel, "", since) if channel else []
        except MessengerRefused as error:
            if may_pass(error):
                raise
            # Better not told than told twice.
            return True
        return any(one.is_own and one.mark == mark for one in posted)

    def _job(
        self,
        gap_id: str,
        person: str,
        closed_at: datetime,
        now: datetime,
        sources: Sequence[str],
    ) -> NewJob:
        return closing_job(gap_id, self._me.team, closed_at, now, person, sources)


def closing_job(
    gap_id: str,
    team: str,
    closed_at: datetime,
    now: datetime | None = None,
    person: str = "",
    sources: Sequence[str] = (),
) -> NewJob:
    """The job that asks the questions of a closed gap again, or those of one person."""
    key = f"{gap_id}:{person}" if person else gap_id
    payload = {"version": 1, "closed_at": closed_at.isoformat(), "sources": list(sources)}
    return NewJob(
        kind=JobKind.GAP,
        key=key,
        request=f"gap:{key}:{closed_at.isoformat()}",
        team=team,
        person=person,
        report="",
        payload=json.dumps(payload),
        created_at=now or closed_at,
    )
