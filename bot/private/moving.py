"""Moves an answer to where only its person sees it, or to where everybody does who reads there.

The answer stands in one place. What an attempt does, in this order, and what the next one finds
after a crash behind each step:

    step                       in SQL                        in Slack
    pressed                    a job                         the answer in its old place
    posted in the new place    as before                     the answer in both, found by its mark
    moved                      the new place                 as before
    old place cleared          as before                     the answer in the new place
"""

import logging
from dataclasses import replace

from bot.answers.blocks import text_message
from bot.answers.delivery import Delivery
from bot.jobs.payloads import QuestionChange, QuestionPayload
from bot.private.messages import about
from bot.questions.earlier import NOT_KEPT
from bot.questions.places import Places, used_sources
from bot.slack.client import Me, SlackClient
from bot.slack.errors import may_pass
from bot.slack.message_ref import MessageRef, message_ref
from bot.words import words_of
from bot.words.failures import what_failed
from domain.errors import MessengerError, MessengerRefused
from domain.jobs import Job
from domain.questions import Answer, Question
from records.answers import Answers
from records.grants import Grants
from records.questions import Questions

log = logging.getLogger(__name__)


class Moving:
    """Every method raises MessengerError and DatabaseUnavailable."""

    def __init__(
        self,
        slack: SlackClient,
        me: Me,
        places: Places,
        questions: Questions,
        answers: Answers,
        grants: Grants,
        delivery: Delivery,
    ) -> None:
        self._slack = slack
        self._me = me
        self._places = places
        self._questions = questions
        self._answers = answers
        self._grants = grants
        self._delivery = delivery

    def opened(self, question: Question, *, unsure: bool) -> Question:
        """The question with a thread in which only its person reads, if it was asked for that.

        ``unsure``: an earlier attempt may have begun the thread.
        """
        if not question.is_private or question.thread != question.asked_in:
            return question
        private = replace(question, thread=self._begin_thread(question, unsure=unsure))
        self._questions.move(private)
        self._tell(private, words_of(question).private_now)
        return private

    def do(self, question: Question | None, job: Job, payload: QuestionPayload) -> None:
        """What a person wanted with a button under the answer to a question, if that still is."""
        unsure = job.attempts > 1 or bool(job.reason)
        hides = payload.change is QuestionChange.HIDDEN
        before = message_ref(payload.text)
        answer = self._answers.answer_to(question.id) if question else None
        if question is None or answer is None:
            # An earlier attempt may have moved it, and others deleted it in its new place alone.
            if question is None or question.is_private == hides:
                self._delivery.remove(before)
            return
        if hides:
            self._hide(question, answer, payload.hint, unsure=unsure)
            self._delivery.remove(before, words_of(question).taken_away)
            # A post whose response was lost may have appeared late.
            self._delivery.remove_marked(replace(question, thread=question.place, asked_in=""))
            self._tell(question, words_of(question).private_now)
        elif not question.is_private or self._share(question, answer, payload):
            self._say_shared(question, before)

    def forget(self, question: Question) -> None:
        """Deletes what stands above a private answer, which has the question's words."""
        thread = message_ref(question.thread)
        if question.is_private and question.thread != question.asked_in:
            self._delivery.remove(thread)

    def tell_given_up(
        self, question: Question, error: Exception, change: QuestionChange = QuestionChange.NONE
    ) -> None:
        """Tells the person why nothing was written or moved: where they asked.

        Who wanted to share an answer is told where they read it, since the other place is closed.
        """
        words = words_of(question)
        at = question.thread if change is QuestionChange.SHARED else question.place
        self._tell(question, words.not_moved.format(why=what_failed(error, words)), at)

    def _hide(self, question: Question, answer: Answer, hint: str, *, unsure: bool) -> None:
        if question.is_private:
            return
        thread = self._begin_thread(question, unsure=unsure)
        audience = self._places.for_one(question.audience, question.asked_by)
        private = replace(question, thread=thread, asked_in=question.thread, audience=audience)
        at = self._delivery.place(private, answer, hint)
        self._questions.move(private, str(at))

    def _share(self, question: Question, answer: Answer, payload: QuestionPayload) -> bool:
        """Returns whether it was shared: everybody there must be able to read all its sources."""
        there = message_ref(question.asked_in).channel
        audience = self._places.audience(there, question.asked_by, fresh=True)
        used = used_sources(question, answer, payload.files)
        if used - self._grants.readable(used, audience):
            why = text_message(words_of(question).not_shared)
            at = message_ref(question.thread)
            try:
                self._slack.post_ephemeral(
                    at.channel, question.asked_by, why.text, why.blocks, at.ts
                )
            except MessengerRefused as error:
                if may_pass(error):
                    raise
                log.warning("Nobody is told that %s is not shared: %s", answer.id, error)
            return False
        public = replace(question, thread=question.asked_in, asked_in="", audience=audience)
        at = self._delivery.place(public, answer, payload.hint)
        # What followed it here quotes it, and is not found here any more when it is forgotten.
        self._questions.set_histories_beside(question, NOT_KEPT)
        self._questions.move(public, str(at))
        return True

    def _begin_thread(self, question: Question, *, unsure: bool) -> str:
        """The thread with the person, under a message that names the question."""
        mark = f"{question.answer_id}:private"
        at = self._find(question, mark) if unsure else None
        if at is None:
            message = about(question, self._me.url)
            channel, ts = self._slack.posted(
                question.asked_by, message.text, message.blocks, mark=mark
            )
            at = MessageRef(self._me.team, channel, ts)
        return str(at)

    def _find(self, question: Question, mark: str) -> MessageRef | None:
        channel = self._slack.direct_channel(question.asked_by)
        if not channel:
            return None
        posted = self._slack.messages(channel, "", message_ref(question.id).ts)
        found = [one.ts for one in posted if one.is_own and one.mark == mark]
        return MessageRef(self._me.team, channel, found[0]) if found else None

    def _say_shared(self, question: Question, at: MessageRef) -> None:
        """The private message does not say twice what everybody can read now."""
        message = text_message(words_of(question).shared_now)
        mark = f"{question.answer_id}:shared"
        try:
            self._slack.update(at.channel, at.ts, message.text, message.blocks, mark=mark)
        except MessengerRefused as error:
            if may_pass(error):
                raise
            log.warning("The message %s still shows a shared answer: %s", at, error)

    def _tell(self, question: Question, text: str, place: str = "") -> None:
        """Tells the person, where they asked or at ``place``; it is no loss if Slack does not."""
        message, at = text_message(text), message_ref(place or question.place)
        # Slack shows such a message only in a thread that has replies.
        thread = at.ts if at.ts != message_ref(question.id).ts else ""
        try:
            self._slack.post_ephemeral(
                at.channel, question.asked_by, message.text, message.blocks, thread
            )
        except MessengerError as error:
            log.info("Nobody is told what became of an answer: %s", error)
