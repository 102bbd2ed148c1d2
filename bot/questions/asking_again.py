"""Asks corrected questions again, and tells the person once when the answer is right now.

A question is asked again if a document was read or an adapter promoted since it was asked last, in
quiet hours, and for whoever corrected the answer. A later answer is right if passages support all
of it, and it says what the person wrote; or, without a right answer, if the person said that it is
out of date or not complete, and it is supported by a document that was read later.
"""

import logging
from datetime import UTC, datetime, timedelta

from bot.jobs.runner import Runner
from bot.questions.later_answers import LaterAnswers, NoModel
from bot.records import BotRecords
from bot.slack.client import Me
from domain.corrected import is_supported, says
from domain.errors import MessengerRefused, NotFound
from domain.jobs import Job, JobKind, NewJob
from domain.questions import Answer, AnswerKind, Fault, Question, Verdict
from domain.ratings import Correction

log = logging.getLogger(__name__)

_QUIET = timedelta(minutes=10)
"""How long nobody must have asked anything."""

_A_DAY, _AT_ONCE = 50, 5
"""The most questions that are asked again within 24 hours, and that are added to the queue at
once: so many may still run when people begin to ask."""

_PAYLOAD = '{"version": 1}'


class AskingAgain:
    """The work for jobs of the kind AGAIN: the key is the answer's id and the person's."""

    def __init__(self, me: Me, later: LaterAnswers, records: BotRecords, runner: Runner) -> None:
        self._me = me
        self._later = later
        self._records = records
        runner.handles(JobKind.AGAIN, self)

    def add_due(self, now: datetime | None = None) -> None:
        """Adds jobs for what is to be asked again, if it is quiet. Raises DatabaseUnavailable."""
        now = now or datetime.now(UTC)
        again = self._records.asked_again
        changed_at = again.changed_at()
        if changed_at is None or not again.is_quiet(now - _QUIET):
            return
        room = min(_AT_ONCE, _A_DAY - again.count_since(now - timedelta(days=1)))
        due = again.to_ask(f"slack:{self._me.team}:", changed_at, max(room, 0))
        self._records.jobs.add(self._job(*key, changed_at, now) for key in due)

    def do(self, job: Job) -> None:
        """Asks once more. Raises MessengerError, RecordsError, and errors of answering."""
        key = _key(job)
        self._ask(*key)
        self._records.asked_again.asked(*key, datetime.now(UTC))

    def is_final(self, error: Exception) -> bool:  # noqa: ARG002 - whatever it is, it may pass
        return False

    def tell_given_up(self, job: Job, error: Exception) -> None:
        """Nobody waits for it, and others are asked first."""
        log.warning("%s is not asked again: %s", job.key, error)
        self._records.asked_again.asked(*_key(job), datetime.now(UTC))

    def _ask(self, answer_id: str, person: str) -> None:
        """Asks, and tells the person if the answer is right."""
        try:
            old = self._records.answers.get(answer_id)
            question = self._records.answers.question_of(answer_id)
        except NotFound:
            return
        correction = self._wanted(answer_id, person)
        made = self._later.make(question, person) if correction else None
        if correction is None or made is None:
            return
        asked, new = made
        if new.kind is AnswerKind.QUOTED:
            raise NoModel("No model answers now.")
        if self._is_right(new, old, correction, question):
            self._tell(person, asked, new)

    def _job(self, answer_id: str, person: str, changed_at: datetime, now: datetime) -> NewJob:
        return NewJob(
            kind=JobKind.AGAIN,
            key=f"{answer_id}:{person}",
            request=f"again:{answer_id}:{person}:{changed_at.timestamp()}",
            team=self._me.team,
            person=person,
            report="",
            payload=_PAYLOAD,
            created_at=now,
        )

    def _wanted(self, answer_id: str, person: str) -> Correction | None:
        """What the person wrote, if they still say that the answer is bad and were not told."""
        ratings = self._records.ratings.of(answer_id)
        is_bad = any(one.by == person and one.verdict is Verdict.DOWN for one in ratings)
        if not is_bad or self._records.asked_again.was_told(answer_id, person):
            return None
        return self._records.ratings.correction(answer_id, person)

    def _is_right(
        self, new: Answer, old: Answer, correction: Correction, question: Question
    ) -> bool:
        if not is_supported(new) or new.text == old.text:
            return False
        if correction.fault is Fault.UNWANTED:
            return False
        if correction.text:
            before = says(old.text, correction.text, question.text)
            return not before and says(new.text, correction.text, question.text)
        return correction.fault in (Fault.OUTDATED, Fault.INCOMPLETE) and self._is_from_newer(
            new, old, correction
        )

    def _is_from_newer(self, new: Answer, old: Answer, correction: Correction) -> bool:
        """Whether a passage supports it that was not shown before, of a document read later."""
        shown = {(one.source, one.text) for one in old.passages}
        supporting = {one.passage_id for one in new.citations if one.supports}
        fresh = {
            one.source
            for one in new.passages
            if one.id in supporting and (one.source, one.text) not in shown
        }
        known = self._records.sources.find_all(fresh)
        return any(one.updated_at > correction.at for one in known.values())

    def _tell(self, person: str, question: Question, new: Answer) -> None:
        """Tells the person in a direct message, which they find also if they are away now.

        That they are told is stored before, so that they are never told twice; if Slack says that
        it posted nothing, that is taken back. Raises MessengerError.
        """
        key = new.id, person
        if not self._records.asked_again.tell(*key, datetime.now(UTC)):
            return
        try:
            self._later.tell(person, question, new, lambda words: words.answer_again)
        except MessengerRefused:
            self._records.asked_again.untold(*key)
            raise


def _key(job: Job) -> tuple[str, str]:
    answer_id, _, person = job.key.partition(":")
    return answer_id, person
