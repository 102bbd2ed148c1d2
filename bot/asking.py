"""Turns a message into a question, and the question into one answer in its thread.

The steps of an attempt, and what the next attempt finds after a crash behind each step:

    step                 in SQL                            in Slack
    claimed              question; job waiting, held       nothing
    first sign shown     + reply, if it is a message       a status, or a placeholder
    taken                job running, attempt counted      as before
    not meant            question deleted, job done        nothing
    audience resolved    + the question's audience         as before
    stream begun         + reply, if there was time        an unfinished stream
    answer recorded      + answer                          as before; without the database, whole
    answer shown         as before                         the whole answer, marked with its id
    done                 job done                          as before

If the question is edited or deleted (`bot.edits`), the attempt ends, and another job does the rest.
If a person presses Stop, the job is done at once and nothing of the answer is kept; what stands in
Slack is not changed any more.

The next attempt continues with the message that ``reply`` names. If none is named, it looks in the
thread for a message with the answer's id, or for a stream that belongs to no question, before it
posts. A recorded answer is shown unchanged, unless the readers of the conversation may no longer
read all of its passages: then it is deleted, and the question is answered again.

A line in a thread that mentions nobody gets its first sign only once it is known to be meant.
"""

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from bot import render
from bot.blocks import text_message
from bot.claims import Claims
from bot.closed import DirectMessages
from bot.conversations import Conversations
from bot.delivery import Delivery
from bot.earlier import NOT_KEPT, Earlier, thread_of
from bot.edits import Edits
from bot.events import LONGEST, EmojiOnMessage, IncomingMessage
from bot.history.messages import HistoryMessage
from bot.leases import Leases
from bot.manners import Manner, asks, folded, manner
from bot.message_ref import MessageRef, message_ref
from bot.payloads import QuestionChange, QuestionPayload, read_question, write_question
from bot.people import People, Standing
from bot.runner import Interrupted, Runner
from bot.safe import plain_text
from bot.slack_client import Me, SlackClient
from bot.slack_errors import is_closed, is_stopped
from bot.stopping import Stop
from bot.unrecorded import Unrecorded
from bot.words import words_for
from bot.workers import Workers
from domain.answering import Answerer
from domain.channels import ChannelSettings, When
from domain.errors import (
    AlreadyAsked,
    DatabaseUnavailable,
    MessengerError,
    MessengerRefused,
    MessengerUnavailable,
    RecordsError,
)
from domain.jobs import Job, JobKind, NewJob
from domain.questions import AnswerKind, Audience, Question
from knowledge.attachments import Attached
from records.answers import Answers
from records.grants import Grants
from records.questions import Questions
from records.sources import Sources

log = logging.getLogger(__name__)


class Asking:
    """Takes questions, and answers each of them once.

    A question is stored before its event is acknowledged to Slack, so that it is not lost in a
    crash, and not asked again by a retry. Later errors are shown in the thread. The threads
    ``signs`` only show at once that a question has arrived.
    """

    def __init__(
        self,
        slack: SlackClient,
        me: Me,
        conversations: Conversations,
        people: People,
        answerer: Answerer,
        questions: Questions,
        answers: Answers,
        earlier: Earlier,
        attached: Callable[[Sequence[str], Question], Attached],
        settings: Callable[[str], ChannelSettings],
        grants: Grants,
        sources: Sources,
        edits: Edits,
        runner: Runner,
        leases: Leases,
        signs: Workers,
    ) -> None:
        self._me = me
        self._conversations = conversations
        self._people = people
        self._answerer = answerer
        self._questions = questions
        self._answers = answers
        self._earlier = earlier
        self._attached = attached
        self._settings = settings
        self._grants = grants
        self._claims = Claims(questions, leases)
        self._delivery = Delivery(slack, me, questions, sources)
        self._direct = DirectMessages(slack)
        self._edits = edits
        self._runner = runner
        self._leases = leases
        self._signs = signs
        self._unsure: set[str] = set()
        self._stopped: set[int] = set()
        self._not_recorded = Unrecorded()
        runner.handles(JobKind.QUESTION, self)

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
        if manner(message.text) is not Manner.OTHER:
            return False
        when = self._settings(message.channel).when
        if not message.is_reply:
            return when is When.QUESTIONS and asks(folded(message.text))
        thread = MessageRef(self._me.team, message.channel, message.thread)
        return when is not When.MENTIONS and self._questions.is_thread(str(thread))

    def take(self, message: IncomingMessage, hint: str = "") -> bool:
        """Claims the question and begins to answer it; ``hint`` is added to the answer.

        Slack is not called before the event is acknowledged; who reads the channel is asked when
        the job is done. Thanks get a thumb, and a greeting the line of help. Returns False if the
        message was claimed before. Raises DatabaseUnavailable.
        """
        how = Manner.OTHER if message.files else manner(message.text)
        if how is Manner.THANKS:
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
            text=message.text if how is Manner.OTHER else "",
            asked_by=message.person,
            asked_at=message.at,
            audience=Audience.of(),
            history=self._answers.history(thread, message.at) if message.is_reply else (),
            thread=thread,
        )
        return self._begin(question, payload)

    def take_message(self, wanted: EmojiOnMessage) -> None:
        """Claims the message to which a person reacted, if its channel chose that emoji for that.

        What the message says is asked when the job is done. Raises DatabaseUnavailable.
        """
        if wanted.emoji != self._settings(wanted.channel).emoji:
            return
        name = str(MessageRef(self._me.team, wanted.channel, wanted.ts))
        question = Question(name, "", wanted.person, wanted.at, Audience.of(), thread=name)
        self._begin(question, QuestionPayload(is_unasked=True, is_by_emoji=True))

    def _begin(self, question: Question, payload: QuestionPayload) -> bool:
        job = NewJob(
            kind=JobKind.QUESTION,
            key=question.id,
            request=question.thread,
            team=self._me.team,
            person=question.asked_by,
            report=question.thread,
            payload=write_question(payload),
            created_at=datetime.now(UTC),
        )
        try:
            job_id = self._claims.claim(question, job)
        except AlreadyAsked:
            return False
        self._runner.reserve(job_id)
        if payload.is_unasked:
            self._runner.submit(JobKind.QUESTION, job_id)
            return True
        self._signs.submit(
            partial(self._show_first_sign, question, job_id),
            partial(self._without_first_sign, question, job_id),
        )
        return True

    def do(self, job: Job) -> None:
        """One attempt to answer. Raises MessengerError, RecordsError, and errors of answering."""
        found = self._questions.find(job.key)
        # It was deleted because the person asked for that, or a later job is about its new text.
        if found is None or self._edits.is_overtaken(job):
            return
        payload = read_question(job.payload)
        if payload.change is QuestionChange.STRAYS:
            self._delivery.remove_strays(found)
            return
        if payload.change is QuestionChange.DELETED:
            self._delivery.withdraw(found)
            self._not_recorded.drop(found.id)
            self._questions.drop(found.id)
            return
        # An earlier attempt may have posted a message that was not stored.
        may_have_begun = bool(payload.change) and not self._questions.reply_of(found.id)
        is_lost = job.key in self._unsure
        unsure = bool(job.reason) or is_lost or may_have_begun
        self._unsure.discard(job.key)
        found = self._revised(found, payload)
        if payload.is_by_emoji and not (found := self._read(found)).text:
            self._questions.drop(found.id)
            return
        if not found.text:
            self._delivery.end(found, render.help_line(payload.hint), unsure=unsure)
            return
        try:
            self._answer(job, found, payload, unsure=unsure, is_lost=is_lost)
        except MessengerRefused as error:
            if not is_stopped(error):
                raise
            self._drop(self._questions.stop_one(found.id, now=datetime.now(UTC)))
        finally:
            self._forget_stopped(job)

    def _answer(
        self, job: Job, found: Question, payload: QuestionPayload, *, unsure: bool, is_lost: bool
    ) -> None:
        before = self._earlier.lines(found)
        if payload.is_by_emoji:
            self._delivery.first_sign(found)
        elif payload.is_unasked and not payload.is_quiet and not self._is_for_me(found, before):
            return
        question = self._with_audience(found, payload)
        if not question.audience.labels and payload.is_quiet:
            self._questions.drop(question.id)
            return
        if not question.audience.labels:
            message = text_message(words_for(question.text).readers_unknown)
            self._delivery.end(question, message, unsure=unsure)
            return
        self._delete_unreadable_answer(question, payload)
        question = self._with_history(question, before)
        again = bool(job.reason or payload.change)
        if again:
            self._delivery.begin_again(question)
        if payload.is_quiet and not self._is_supported(question):
            self._questions.drop(question.id)
            return
        reply = self._delivery.reply(
            question,
            lambda: self._may_write(job),
            unsure=unsure,
            again=again,
            is_lost=is_lost,
        )

        def show(piece: str) -> None:
            if self._may_write(job):
                reply.piece(piece)
            elif self._leases.is_lost(job.id) or self._edits.is_known_overtaken(job):
                raise Interrupted("Nobody waits for this answer any more.")

        answer = self._answers.answer_to(question.id) or self._not_recorded.get(question.id)
        hint = payload.hint
        if answer is None:
            given = self._earlier.given(question, before)
            attached = self._attached(payload.files, question)
            given = replace(given, passages=attached.passages + given.passages)
            answer = self._answerer.make(question, show, given)
            hint = " ".join(filter(None, (hint, *attached.notes)))
        try:
            answer = self._answers.record(answer)
        except DatabaseUnavailable as error:
            log.warning("Answer %s is recorded later: %s", answer.id, error)
            self._not_recorded.keep(question.id, answer)
            self._check_overtaken(job)
            self._delivery.show(question, reply, answer, hint, can_be_rated=False)
            raise Interrupted("The answer is shown, but not stored yet.") from error
        self._not_recorded.drop(question.id)
        self._check_overtaken(job)
        if self._leases.holds(job.id):
            self._delivery.show(question, reply, answer, hint)
            if reply.may_have_strays:
                self._edits.look_for_strays(question, job)

    def _may_write(self, job: Job) -> bool:
        return self._leases.holds(job.id) and not self._edits.is_known_overtaken(job)

    def _check_overtaken(self, job: Job) -> None:
        if self._edits.is_overtaken(job):
            raise Interrupted("The question was changed, and is answered anew.")

    def _revised(self, question: Question, payload: QuestionPayload) -> Question:
        """The question as it is after an edit, without an answer to its earlier text."""
        revised = self._edits.apply(question, payload)
        if revised != question:
            self._not_recorded.drop(question.id)
        return revised

    def stop(self, stop: Stop) -> None:
        """A person pressed Stop: nothing more is written. Raises DatabaseUnavailable."""
        thread = str(MessageRef(self._me.team, stop.channel, stop.thread)) if stop.thread else ""
        replies = [str(MessageRef(self._me.team, stop.channel, ts)) for ts in stop.streams]
        self._drop(self._questions.stop(thread, stop.at, replies, now=datetime.now(UTC)))
        if thread:
            self._signs.submit(partial(self._delivery.clear, stop.channel, stop.thread), _logged)

    def _drop(self, job_ids: Collection[int]) -> None:
        """From now on this process writes nothing for these jobs."""
        for job_id in job_ids:
            if not self._leases.is_lost(job_id):
                self._stopped.add(job_id)
                self._leases.drop(job_id)

    def _forget_stopped(self, job: Job) -> None:
        """An answer that was recorded after its question was stopped is not kept either."""
        if job.id in self._stopped:
            self._not_recorded.drop(job.key)
            self._answers.delete(job.key)
            self._stopped.discard(job.id)

    def is_final(self, error: Exception) -> bool:
        """The person is waiting, so every error is final except those of the database."""
        return not isinstance(error, RecordsError)

    def tell_given_up(self, job: Job, error: Exception) -> None:
        question = self._questions.find(job.key)
        if question is None or self._not_recorded.get(question.id):  # it is shown already
            return
        payload = read_question(job.payload)
        if payload.change in (QuestionChange.DELETED, QuestionChange.STRAYS):
            return  # nobody waits for that
        if payload.is_unasked and not self._questions.reply_of(question.id):
            self._questions.drop(question.id)  # nobody is known to wait
            return
        try:
            if is_closed(error):
                raise error
            words = words_for(question.text)
            message = render.failure(error, question.answer_id, words)
            self._delivery.end(question, message, unsure=True)
        except MessengerRefused as refused:
            if not is_closed(refused):
                raise
            self._direct.tell_closed(question, refused, unsure=bool(job.reason))

    def _read(self, question: Question) -> Question:
        """The question with the text and the thread of the message to which a person reacted.

        Without text if a program reacted, or if the message is of this bot or cannot be read.
        """
        if question.text or self._people.standing(question.asked_by) is Standing.BOT:
            return question
        message = self._earlier.message(question)
        if message is None:
            return question
        text = plain_text(message.text, self._me.user)[:LONGEST]
        thread = str(replace(message_ref(question.id), ts=message.thread))
        self._questions.set_asked(question.id, text, thread)
        return replace(question, text=text, thread=thread)

    def _is_supported(self, question: Question) -> bool:
        """Whether the documents support the whole answer to a question that nobody asked the bot.

        Then it is stored, so that it is the one that is shown.
        """
        if self._answers.answer_to(question.id):
            return True
        answer = self._answerer.make(question)
        claims = [sentence.supported for sentence in answer.sentences]
        if answer.kind is not AnswerKind.ANSWERED or not claims or not all(claims):
            return False
        self._answers.record(answer)
        return True

    def _is_for_me(self, question: Question, before: Sequence[HistoryMessage]) -> bool:
        """Whether a line without a mention is meant for the bot; if not, nothing of it is kept."""
        if self._answers.answer_to(question.id) or self._earlier.is_meant(question, before):
            self._delivery.first_sign(question)
            return True
        self._questions.drop(question.id)
        return False

    def _with_history(self, question: Question, before: Sequence[HistoryMessage]) -> Question:
        """The question with what people said before it, which is not stored."""
        history = self._earlier.history(question, before)
        if history == question.history:
            return question
        self._questions.set_history(question.id, NOT_KEPT)
        return replace(question, history=history)

    def _with_audience(self, question: Question, payload: QuestionPayload) -> Question:
        """The question with the audience of its conversation.

        Slack is asked again at each attempt: the channel may have been shared since the last one.
        Raises MessengerError if Slack does not answer and nothing recent is known.
        """
        channel = message_ref(question.id).channel
        conversation = self._conversations.conversation(channel, shared=payload.is_shared)
        is_guest = not self._people.is_member(question.asked_by)
        audience = conversation.audience(question.asked_by, is_guest=is_guest)
        if audience != question.audience:
            self._questions.set_audience(question.id, audience)
        return replace(question, audience=audience)

    def _delete_unreadable_answer(self, question: Question, payload: QuestionPayload) -> None:
        """Deletes a recorded answer if not all of its passages may be read now.

        The index may still contain documents that are no longer granted, so the grants are read.
        Who reads the answer can also read its thread and the files that came with the question.
        """
        known = self._answers.answer_to(question.id)
        if known is None:
            return
        sources = {passage.source for passage in known.passages}
        sources |= {passage.newer.source for passage in known.passages if passage.newer}
        sources -= {thread_of(question), *payload.files}
        if sources - self._grants.readable(sources, question.audience):
            log.info("Answer %s is made again: its passages may not be read now", known.id)
            self._answers.delete(question.id)

    def _show_first_sign(self, question: Question, job_id: int) -> None:
        if question.text and self._leases.holds(job_id):
            self._delivery.first_sign(question)
        self._runner.submit(JobKind.QUESTION, job_id)

    def _without_first_sign(self, question: Question, job_id: int, error: Exception) -> None:
        if not isinstance(error, MessengerError):
            log.error("Answer %s: no first sign", question.answer_id, exc_info=error)
        if isinstance(error, MessengerUnavailable):
            self._unsure.add(question.id)
        self._runner.submit(JobKind.QUESTION, job_id)


def _logged(error: Exception) -> None:
    log.warning("A status is not taken back: %s", error)
