"""Takes questions: decides which messages are some, stores them, and shows that they arrived.

A question is stored before its event is acknowledged to Slack, so that it is not lost in a crash,
and not asked again by a retry.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from bot.admission.admitting import Admitting
from bot.answers.delivery import Delivery
from bot.home.choosing import Choosing
from bot.jobs.claims import Claims
from bot.jobs.leases import Leases
from bot.jobs.payloads import QuestionPayload, write_question
from bot.jobs.runner import Runner
from bot.jobs.workers import Workers
from bot.metrics import sign_shown
from bot.questions.manners import Manner, asks, folded, manner
from bot.questions.said import said
from bot.slack.client import Me
from bot.slack.events import EmojiOnMessage, IncomingMessage
from bot.slack.message_ref import MessageRef
from domain.channels import When
from domain.errors import AlreadyAsked, MessengerError, MessengerUnavailable
from domain.jobs import JobKind, NewJob
from domain.questions import Audience, Question
from domain.spans import span, taken
from records.answers import Answers
from records.questions import Questions

log = logging.getLogger(__name__)


class Taking:
    """The threads ``signs`` only show at once that a question has arrived."""

    def __init__(
        self,
        me: Me,
        questions: Questions,
        answers: Answers,
        choosing: Choosing,
        admitting: Admitting,
        delivery: Delivery,
        runner: Runner,
        leases: Leases,
        signs: Workers,
        arriving: Callable[[], int],
    ) -> None:
        """``arriving`` says how many events are being handled at this moment."""
        self._me = me
        self._questions = questions
        self._answers = answers
        self._settings = choosing.settings
        self._admitting = admitting
        self._claims = Claims(questions, leases, choosing.chosen, arriving)
        self._delivery = delivery
        self._runner = runner
        self._leases = leases
        self._signs = signs
        self._lost: set[str] = set()

    def was_sign_lost(self, question_id: str) -> bool:
        """Whether nobody knows if the first sign of a question is shown; told once."""
        is_lost = question_id in self._lost
        self._lost.discard(question_id)
        return is_lost

    def is_meant(self, message: IncomingMessage) -> bool:
        """Whether a message without a mention may be a question: a direct one, or in its threads.

        In a channel that wants that, it is every message that reads like a question. What was said
        before it in the thread is read when its job is done, and decides. Raises
        DatabaseUnavailable.
        """
        if message.is_direct:
            return True
        # A mention comes as a separate event, and a message that mentions others is for them.
        if message.is_mention or message.is_to_others:
            return False
        if self._admitting.is_denied(message.person, message.channel):
            return False
        if manner(message.text) is not Manner.OTHER:
            return False
        # Most messages are for nobody here, so the database is asked last.
        if not message.is_reply:
            is_question = asks(folded(message.text))
            return is_question and self._settings(message.channel).when is When.QUESTIONS
        thread = MessageRef(self._me.team, message.channel, message.thread)
        is_mine = self._questions.is_thread(str(thread))
        return is_mine and self._settings(message.channel).when is not When.MENTIONS

    def language(self, channel: str) -> str:
        """The language of a channel's answers, or empty. Raises DatabaseUnavailable."""
        return self._settings(channel).language

    def take(self, message: IncomingMessage, hint: str = "", wish: str = "") -> bool:
        """Claims the question and begins to answer it; ``hint`` is added to the answer.

        ``wish`` names what a person did to have a message answered that they may not have written:
        one of which nothing was kept before, since nobody was to be answered then, is taken again.

        Slack is not called before the event is acknowledged; who reads the channel is asked when
        the job is done. Thanks get a thumb, and a greeting the line of help. Returns False if the
        message was claimed before. Raises DatabaseUnavailable.
        """
        asked = said(
            message.text,
            has_files=bool(message.files),
            may_wish=message.is_mention and not message.is_direct,
        )
        is_denied = self._admitting.is_denied(message.person, message.channel)
        if asked.manner is Manner.THANKS and not is_denied:
            self._signs.submit(partial(self._delivery.thumb, message.channel, message.ts), _logged)
            return True
        thread = str(MessageRef(self._me.team, message.channel, message.thread))
        is_unasked = not (message.is_mention or message.is_direct)
        payload = QuestionPayload(
            hint,
            message.is_shared,
            is_unasked=is_unasked,
            is_quiet=is_unasked and not message.is_reply,
            files=tuple(file.uri for file in message.files),
        )
        question = Question(
            id=str(MessageRef(self._me.team, message.channel, message.ts)),
            text=asked.text,
            asked_by=message.person,
            asked_at=message.asked_at,
            audience=Audience.of(),
            history=self._answers.history(thread, message.at) if message.is_reply else (),
            thread=thread,
            asked_in=thread if asked.is_private else "",
        )
        return self._begin(question, payload, wish)

    def take_message(self, wanted: EmojiOnMessage) -> None:
        """Claims the message to which a person reacted, if its channel chose that emoji for that.

        What the message says is asked when the job is done. Raises DatabaseUnavailable.
        """
        if wanted.emoji != self._settings(wanted.channel).emoji:
            return
        if self._admitting.is_denied(wanted.person, wanted.channel):
            return
        name = str(MessageRef(self._me.team, wanted.channel, wanted.ts))
        question = Question(name, "", wanted.person, wanted.at, Audience.of(), thread=name)
        payload = QuestionPayload(is_shared=wanted.is_shared, is_unasked=True, is_by_emoji=True)
        self._begin(question, payload, f"{wanted.person}:{wanted.at.timestamp():.6f}")

    def _begin(self, question: Question, payload: QuestionPayload, wish: str = "") -> bool:
        job = NewJob(
            kind=JobKind.QUESTION,
            key=question.id,
            request=f"{question.thread} {wish}".strip(),
            team=self._me.team,
            person=question.asked_by,
            report=question.thread,
            payload=write_question(payload),
            created_at=datetime.now(UTC),
        )
        try:
            question, job_id = self._claims.claim(question, job)
        except AlreadyAsked:
            return False
        self._runner.reserve(job_id)
        taken(question.answer_id, job.created_at)
        if payload.is_unasked or question.is_private:
            self._runner.submit(JobKind.QUESTION, job_id)
            return True
        self._signs.submit(
            partial(self._show_first_sign, question, job_id, job.created_at),
            partial(self._without_first_sign, question, job_id),
        )
        return True

    def _show_first_sign(self, question: Question, job_id: int, since: datetime) -> None:
        is_mine = question.text and self._leases.holds(job_id)
        if is_mine and not self._admitting.refusal(question):
            with span("sign", question.answer_id):
                self._delivery.first_sign(question, is_new=True)
            sign_shown(since)
        self._runner.submit(JobKind.QUESTION, job_id)

    def _without_first_sign(self, question: Question, job_id: int, error: Exception) -> None:
        if not isinstance(error, MessengerError):
            log.error("Answer %s: no first sign", question.answer_id, exc_info=error)
        if isinstance(error, MessengerUnavailable):
            self._lost.add(question.id)
        self._runner.submit(JobKind.QUESTION, job_id)


def _logged(error: Exception) -> None:
    log.warning("Thanks have no thumb: %s", error)
