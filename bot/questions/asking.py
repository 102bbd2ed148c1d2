"""Turns each question that was taken into one answer in its thread.

The steps of an attempt, and what the next attempt finds after a crash behind each step:

    step                 in SQL                            in Slack
    claimed              question; job waiting, held       nothing
    first sign shown     + reply, if it is a message       a status, or a placeholder
    taken                job running, attempt counted      as before
    not meant            question deleted, job done        nothing
    not admitted         question deleted, job done        a message that one person sees
    audience resolved    + the question's audience         as before
    stream begun         + reply, if there was time        an unfinished stream
    answer recorded      + answer                          as before; without the database, whole
    answer shown         as before                         the whole answer, marked with its id
    done                 job done                          as before

If the question is edited or deleted (`bot.questions.edits`), the attempt ends, and another job does
the rest. If a person presses Stop, the job is done at once and nothing of the answer is kept; what
stands in Slack is not changed any more.

The next attempt continues with the message that ``reply`` names. If none is named, it looks in the
thread for a message with the answer's id, or for a stream that belongs to no question, before it
posts. A recorded answer is shown unchanged, unless the readers of the conversation may no longer
read all of its passages: then it is deleted, and the question is answered again.

A line in a thread that mentions nobody gets its first sign only once it is known to be meant
(`bot.questions.unasked`).
"""

import logging
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from bot.admission.admitting import Admitting
from bot.answers import render
from bot.answers.blocks import text_message
from bot.answers.closed import DirectMessages
from bot.answers.delivery import Delivery
from bot.answers.unrecorded import Unrecorded
from bot.cards.unasking import Unasking
from bot.core import Core
from bot.history.messages import HistoryMessage
from bot.jobs.payloads import QuestionChange, QuestionPayload, is_answered, read_question
from bot.jobs.runner import Interrupted
from bot.metrics import FAILED, NOT_ADMITTED, answer_shown, question_ended, sign_shown
from bot.private.moving import Moving
from bot.questions.earlier import NOT_KEPT, Earlier, without_lines
from bot.questions.edits import Edits, Stopped
from bot.questions.places import Places, used_sources
from bot.questions.stopping import Stop
from bot.questions.unasked import Unasked
from bot.slack.errors import is_closed, is_stopped
from bot.slack.message_ref import MessageRef, message_ref
from bot.words import words_of
from domain.answering import Answerer
from domain.errors import (
    DatabaseUnavailable,
    MessengerRefused,
    RecordsError,
)
from domain.jobs import Job, JobKind
from domain.questions import Answer, AnswerKind, Question
from knowledge.attachments import Attached
from records.jobs import LOST

log = logging.getLogger(__name__)


class Asking:
    """Answers each question that was taken once. Errors are shown in the thread."""

    def __init__(
        self,
        core: Core,
        places: Places,
        answerer: Answerer,
        earlier: Earlier,
        attached: Callable[[Sequence[str], Question], Attached],
        delivery: Delivery,
        direct: DirectMessages,
        edits: Edits,
        unasked: Unasked,
        admitting: Admitting,
        moving: Moving,
        unasking: Unasking,
        was_sign_lost: Callable[[str], bool],
    ) -> None:
        self._me = core.me
        self._places = places
        self._answerer = answerer
        self._questions = core.records.questions
        self._answers = core.records.answers
        self._grants = core.records.grants
        self._leases = core.leases
        self._signs = core.threads.signs
        self._earlier = earlier
        self._attached = attached
        self._delivery = delivery
        self._direct = direct
        self._edits = edits
        self._unasked = unasked
        self._admitting = admitting
        self._moving = moving
        self._unasking = unasking
        self._was_sign_lost = was_sign_lost
        self._stopped: set[int] = set()
        self._not_recorded = Unrecorded()
        core.runner.handles(JobKind.QUESTION, self)

    def do(self, job: Job) -> None:
        """One attempt to answer. Raises MessengerError, RecordsError, and errors of answering."""
        found, payload = self._questions.find(job.key), read_question(job.payload)
        if payload.change in (QuestionChange.HIDDEN, QuestionChange.SHARED):
            self._moving.do(found, job, payload)
            return
        # It was deleted because the person asked for that, or a later job is about its new text.
        if found is None or self._edits.is_overtaken(job):
            return
        if payload.change is QuestionChange.STRAYS:
            self._delivery.remove_strays(found)
            return
        if payload.change is QuestionChange.DELETED:
            self._delivery.withdraw(found)
            self._moving.forget(found)
            self._unasking.forget(found)
            self._not_recorded.drop(found.id)
            self._questions.drop(found.id)
            return
        # An earlier attempt may have posted a message that was not stored.
        may_have_begun = bool(payload.change) and not self._questions.reply_of(found.id)
        is_lost = self._was_sign_lost(job.key)
        unsure = bool(job.reason) or is_lost or may_have_begun
        found = self._revised(found, payload)
        if payload.is_by_emoji and not (found := self._unasked.read(found)).text:
            self._questions.drop(found.id)
            return
        if not found.text:
            if not self._is_refused(found, payload, unsure=unsure):
                hears = self._places.hears_follow_ups(message_ref(found.thread).channel)
                line = render.help_line(payload.hint, words_of(found), hears_follow_ups=hears)
                self._delivery.end(found, line, unsure=unsure)
            return
        try:
            self._answer(job, found, payload, unsure=unsure, is_lost=is_lost)
        except Stopped:
            self._end_stopped(job)
        except MessengerRefused as error:
            if not is_stopped(error):
                raise
            now = datetime.now(UTC)
            self._drop(self._questions.stop_one(found.id, wanted=is_answered, now=now))
            self._end_stopped(job)
        finally:
            self._forget_stopped(job)

    def _answer(
        self, job: Job, found: Question, payload: QuestionPayload, *, unsure: bool, is_lost: bool
    ) -> None:
        before = self._earlier.lines(found)
        if payload.is_unasked and not self._unasked.is_wanted(found, payload, before):
            return
        # Most of what nobody asked the bot is not answered, and does not count then.
        if self._is_refused(found, payload, unsure=unsure, counts=not payload.is_quiet):
            return
        opened = self._moving.opened(found, unsure=unsure or job.attempts > 1)
        if opened != found or (payload.is_unasked and not payload.is_quiet):
            self._delivery.first_sign(opened)
            sign_shown(job.created_at)
        found = opened
        known = self._answers.answer_to(found.id)
        old = known if known and _is_unwanted(known, job, payload) else None
        question = self._with_audience(found, payload, None if old else known)
        if not question.audience.labels and payload.is_quiet:
            self._questions.drop(question.id)
            return
        if not question.audience.labels:
            message = text_message(words_of(question).readers_unknown)
            self._delivery.end(question, message, unsure=unsure)
            return
        if known and not old:
            self._delete_if_unreadable(question, known, payload)
        question = self._with_history(question, before)
        if payload.is_quiet and not self._unasked.is_supported(question):
            self._questions.drop(question.id)
            return
        if payload.is_quiet and self._is_refused(question, payload, unsure=unsure):
            return
        again = bool(job.reason or payload.change)
        if again:
            self._delivery.begin_again(question)
        reply = self._delivery.reply(
            question,
            lambda: self._may_write(job),
            unsure=unsure,
            again=again,
            is_lost=is_lost,
            was_killed=job.reason == LOST,
        )

        is_checked = False

        def show(piece: str) -> None:
            nonlocal is_checked
            if not is_checked:
                # What this process cannot ask now is asked again before the answer is recorded.
                with suppress(DatabaseUnavailable):
                    self._edits.check(job)
                is_checked = True
            if self._may_write(job):
                reply.piece(piece)
            elif self._leases.is_lost(job.id) or self._edits.is_known_overtaken(job):
                raise Interrupted("Nobody waits for this answer any more.")

        answer = None if old else self._answers.answer_to(question.id)
        answer = answer or self._not_recorded.get(question.id)
        hint = payload.hint
        if answer is None:
            given = self._earlier.given(question, before)
            attached = self._attached(payload.files, question)
            given = replace(given, passages=attached.passages + given.passages)
            answer = self._answerer.make(question, show, given)
            hint = " ".join(filter(None, (hint, *attached.notes)))
        try:
            self._edits.check(job)
            kept = self._answers.record(without_lines(answer, question), instead_of=old)
        except DatabaseUnavailable as error:
            log.warning("Answer %s is recorded later: %s", answer.id, error)
            self._not_recorded.keep(question.id, answer)
            self._edits.check(job)
            self._delivery.show(question, reply, answer, hint, can_be_rated=False)
            raise Interrupted("The answer is shown, but not stored yet.") from error
        if kept.created_at != answer.created_at:
            answer = kept  # another process was first
        self._not_recorded.drop(question.id)
        self._edits.check(job)
        if self._leases.holds(job.id):
            self._delivery.show(question, reply, answer, hint)
            answer_shown(answer.kind, job.created_at)
            if reply.may_have_strays:
                self._edits.look_for_strays(question, job)

    def _is_refused(
        self, question: Question, payload: QuestionPayload, *, unsure: bool, counts: bool = True
    ) -> bool:
        """Whether a list or a quota lets nobody answer; then only the person who asked is told.

        Nobody is told of what they did not ask the bot, and nothing of the question is kept.
        """
        if payload.change is QuestionChange.AGAIN:
            return False  # it was answered before
        why = self._admitting.refusal(question, counts=counts)
        if not why:
            return False
        at = message_ref(question.id)
        is_denied = self._admitting.is_denied(question.asked_by, at.channel)
        if not (payload.is_quiet or (payload.is_unasked and is_denied)):
            self._admitting.tell(question, why, unsure=unsure)
        question_ended(NOT_ADMITTED)
        self._questions.drop(question.id)
        return True

    def _may_write(self, job: Job) -> bool:
        return self._leases.holds(job.id) and not self._edits.is_known_overtaken(job)

    def _revised(self, question: Question, payload: QuestionPayload) -> Question:
        """The question as it is after an edit, without an answer to its earlier text."""
        if payload.is_private and not question.is_private:
            question = self._taken_away(question)
        revised = self._edits.apply(question, payload)
        if revised != question:
            self._not_recorded.drop(question.id)
        return revised

    def _taken_away(self, question: Question) -> Question:
        """The question as one for its person alone; what others could read of the answer goes."""
        self._delivery.withdraw(question, words_of(question).taken_away)
        # A post whose response was lost may have appeared late.
        self._delivery.remove_marked(question)
        private = replace(question, asked_in=question.thread)
        self._questions.move(private)
        return private

    def stop(self, stop: Stop) -> None:
        """A person pressed Stop: nothing more is written. Raises DatabaseUnavailable."""
        thread = str(MessageRef(self._me.team, stop.channel, stop.thread)) if stop.thread else ""
        replies = [str(MessageRef(self._me.team, stop.channel, ts)) for ts in stop.streams]
        now = datetime.now(UTC)
        self._drop(self._questions.stop(thread, stop.at, replies, wanted=is_answered, now=now))
        if thread:
            self._signs.submit(partial(self._delivery.clear, stop.channel, stop.thread), _logged)

    def _drop(self, job_ids: Collection[int]) -> None:
        """From now on this process writes nothing for these jobs."""
        for job_id in job_ids:
            if not self._leases.is_lost(job_id):
                self._stopped.add(job_id)
                self._leases.drop(job_id)

    def _end_stopped(self, job: Job) -> None:
        """The attempt of this thread is over, whoever was told that a person pressed Stop."""
        self._stopped.add(job.id)
        self._leases.drop(job.id)

    def _forget_stopped(self, job: Job) -> None:
        """An answer that was recorded after its question was stopped is not kept either."""
        if job.id in self._stopped:
            self._not_recorded.drop(job.key)
            self._answers.delete(job.key, since=job.created_at)
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
        if payload.change.is_beside:
            self._moving.tell_given_up(question, error, payload.change)
            return
        is_awaited = payload.is_by_emoji or not payload.is_unasked
        if not is_awaited and not self._questions.reply_of(question.id):
            self._questions.drop(question.id)  # nobody is known to wait
            return
        try:
            if is_closed(error):
                raise error
            question = self._moving.opened(question, unsure=True)
            words = words_of(question)
            message = render.failure(error, question.answer_id, words, question.id)
            self._delivery.end(question, message, unsure=True)
            question_ended(FAILED)
        except MessengerRefused as refused:
            if not is_closed(refused):
                raise
            if question.is_private:
                self._moving.tell_given_up(question, refused)
                return
            self._direct.tell_closed(question, refused, unsure=bool(job.reason))

    def _with_history(self, question: Question, before: Sequence[HistoryMessage]) -> Question:
        """The question with what people said before it, which is not stored."""
        history = self._earlier.history(question, before)
        if history == question.history:
            return question
        self._questions.set_history(question.id, NOT_KEPT)
        return replace(question, history=history)

    def _with_audience(
        self, question: Question, payload: QuestionPayload, known: Answer | None
    ) -> Question:
        """The question with the audience and the rules of its conversation now.

        An answer that was recorded, ``known``, stays with the rules by which it was made.
        """
        asked = self._places.asked_there(question, shared=payload.is_shared)
        if known:
            asked = replace(asked, rules=question.rules)
        if (asked.audience, asked.rules) != (question.audience, question.rules):
            self._questions.set_audience(question.id, asked.audience, asked.rules)
        return asked

    def _delete_if_unreadable(
        self, question: Question, known: Answer, payload: QuestionPayload
    ) -> None:
        """Deletes a recorded answer if not all of its passages may be read now.

        The index may still contain documents that are no longer granted, so the grants are read.
        Who reads the answer can also read its thread and the files that came with the question.
        """
        sources = used_sources(question, known, payload.files)
        if sources - self._grants.readable(sources, question.audience):
            log.info("Answer %s is made again: its passages may not be read now", known.id)
            self._answers.delete(question.id)


def _is_unwanted(answer: Answer, job: Job, payload: QuestionPayload) -> bool:
    """Whether a person saw that answer, which no model wrote, and wants another one."""
    is_older = answer.created_at < job.created_at
    is_again = payload.change is QuestionChange.AGAIN
    return is_again and is_older and answer.kind is not AnswerKind.ANSWERED


def _logged(error: Exception) -> None:
    log.warning("A status is not taken back: %s", error)
