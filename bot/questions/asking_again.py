"""Asks corrected questions again, and tells the person once when the answer is right now.

A question is asked again if a document was read or an adapter promoted since it was asked last, in
quiet hours, and for whoever corrected the answer. A later answer is right if passages support all
of it, and it says what the person wrote; or, without a right answer, if the person said that it is
out of date or not complete, and it is supported by a document that was read later.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.answers import render
from bot.answers.blocks import SlackMessage, rich
from bot.answers.safe import escape_mrkdwn
from bot.jobs.runner import Runner
from bot.questions.places import Places
from bot.ratings.readers import Readers
from bot.slack.client import Me, SlackClient
from bot.slack.message_ref import MessageRef, message_ref
from bot.slack.people import People
from bot.words import words_of
from domain.answering import Answerer
from domain.cards import Card
from domain.corrected import is_supported, says
from domain.errors import MessengerRefused, NotFound, Phi3Error
from domain.jobs import Job, JobKind, NewJob
from domain.questions import Answer, AnswerKind, Audience, Fault, Question, Verdict
from domain.ratings import Correction
from domain.text import truncate
from records.answers import Answers
from records.asked_again import AskedAgain
from records.cards import Cards
from records.jobs import Jobs
from records.questions import Questions
from records.ratings import Ratings
from records.sources import Sources

log = logging.getLogger(__name__)

_QUIET = timedelta(minutes=10)
"""How long nobody must have asked anything."""

_A_DAY, _AT_ONCE = 50, 5
"""The most questions that are asked again within 24 hours, and that are added to the queue at
once: so many may still run when people begin to ask."""

_PAYLOAD = '{"version": 1}'


@dataclass(frozen=True, slots=True)
class AskingAgainRecords:
    asked_again: AskedAgain
    answers: Answers
    questions: Questions
    ratings: Ratings
    sources: Sources
    cards: Cards
    jobs: Jobs


class AskingAgain:
    """The work for jobs of the kind AGAIN: the key is the answer's id and the person's."""

    def __init__(
        self,
        slack: SlackClient,
        me: Me,
        places: Places,
        people: People,
        readers: Readers,
        answerer: Answerer,
        records: AskingAgainRecords,
        runner: Runner,
    ) -> None:
        self._slack = slack
        self._me = me
        self._places = places
        self._people = people
        self._readers = readers
        self._answerer = answerer
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
        if self._ask(*key):
            self._records.asked_again.asked(*key, datetime.now(UTC))

    def is_final(self, error: Exception) -> bool:  # noqa: ARG002 - whatever it is, it may pass
        return False

    def tell_given_up(self, job: Job, error: Exception) -> None:
        """Nobody waits for it, and others are asked first."""
        log.warning("%s is not asked again: %s", job.key, error)
        self._records.asked_again.asked(*_key(job), datetime.now(UTC))

    def _ask(self, answer_id: str, person: str) -> bool:
        """Asks and tells the person if the answer is right; returns whether that is decided."""
        try:
            old = self._records.answers.get(answer_id)
            question = self._records.answers.question_of(answer_id)
        except NotFound:
            return True
        correction = self._wanted(answer_id, person)
        if correction is None or not self._can_read(question, person):
            return True
        asked = self._with_audience(question, person)
        if not asked.audience.labels:
            return True
        new = self._answerer.make(asked)
        if new.kind is AnswerKind.QUOTED:  # no model answers now
            return False
        if self._is_right(new, old, correction, question):
            self._tell(person, asked, new)
        return True

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

    def _can_read(self, question: Question, person: str) -> bool:
        channel = message_ref(question.thread).channel
        return self._readers.can_read(channel, person, question.asked_by)

    def _with_audience(self, question: Question, person: str) -> Question:
        """The question for what both the asker and the person may read in its conversation now."""
        asked = self._places.asked_there(question)
        if self._people.is_member(person):
            return asked
        channel = message_ref(question.id).channel
        audience = self._places.audience(channel, person)
        both = asked.audience.labels & audience.labels
        return replace(asked, audience=Audience(both, asked.audience.public))

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
        verified = self._records.cards.verified_of(new.supporting)
        if not self._records.asked_again.tell(*key, datetime.now(UTC)):
            return
        message = _message(question, new, self._me.url, verified)
        try:
            at = self._slack.posted(person, message.text, message.blocks)
        except MessengerRefused:
            self._records.asked_again.untold(*key)
            raise
        if person == question.asked_by:
            _logged(lambda: self._let_rate(question, new, verified, *at))

    def _let_rate(
        self, question: Question, new: Answer, verified: Sequence[Card], channel: str, ts: str
    ) -> None:
        """Records the new answer as one to a question at its message, and adds its buttons.

        Only for whoever asked it: a copy for others would stay when the asker is forgotten.
        """
        at = str(MessageRef(self._me.team, channel, ts))
        copy = replace(question, id=at, asked_at=datetime.now(UTC), thread=at, asked_in="")
        self._records.answers.ask(copy)
        told = replace(new, id=copy.answer_id, question_id=copy.id)
        self._records.answers.record(told)
        self._records.questions.set_reply(copy.id, at)
        message = _message(question, told, self._me.url, verified, can_be_rated=True)
        self._slack.update(channel, ts, message.text, message.blocks)


def _key(job: Job) -> tuple[str, str]:
    answer_id, _, person = job.key.partition(":")
    return answer_id, person


def _message(
    question: Question,
    new: Answer,
    workspace: str,
    verified: Sequence[Card],
    *,
    can_be_rated: bool = False,
) -> SlackMessage:
    """The answer as it is shown elsewhere, below the question that it is to."""
    asked = truncate(" ".join(question.text.split()), 300)
    words = words_of(question)
    why = words.answer_again.format(question=asked)
    shown = render.answer(new, workspace=workspace, words=words, verified=verified)
    # In blocks that every workspace has, since it is posted only once.
    below = (shown.simpler or shown).blocks
    if not can_be_rated:
        below = tuple(block for block in below if block["type"] != "context_actions")
    return SlackMessage(f"{escape_mrkdwn(why)}\n{shown.text}", (*rich(why), *below))


def _logged(work: Callable[[], object]) -> None:
    try:
        work()
    except Phi3Error as error:
        log.warning("The message has no buttons: %s", error)
