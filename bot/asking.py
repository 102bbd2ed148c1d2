"""A message becomes a question, and the question becomes one answer in its thread."""

import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Lock

from bot import render
from bot.blocks import SlackMessage, text_message
from bot.claims import Claims
from bot.conversations import Conversations
from bot.events import IncomingMessage
from bot.message_ref import MessageRef, message_ref
from bot.reply import Reply
from bot.slack_client import Me, SlackClient
from bot.workers import Workers
from domain.answering import Answerer
from domain.errors import (
    AlreadyAsked,
    MessengerError,
    MessengerRefused,
    RecordsError,
)
from domain.questions import Audience, Question
from records.answers import Answers
from records.questions import Questions

log = logging.getLogger(__name__)


_FOR_GOOD = {
    "cannot_reply_to_message",
    "channel_not_found",
    "is_archived",
    "messages_tab_disabled",
    "not_in_channel",
    "restricted_action",
    "thread_not_found",
    "user_is_restricted",
}
"""Refusals that will be the same tomorrow."""
_LONG_AGO = timedelta(days=1)
"""An answer that could not be delivered for so long is no longer waited for."""


class Asking:
    """Takes questions, and answers each of them once.

    A question is claimed in SQL before Slack hears that its event arrived, so from then on no
    crash loses it, and no retry asks it again. Whatever goes wrong behind that is told in the
    thread. ``quick`` shows what is going on, ``slow`` answers. For ``hold`` a question in hand is
    left alone by every other process; whoever calls ``keep_hold`` more often than that keeps it.
    """

    def __init__(
        self,
        slack: SlackClient,
        me: Me,
        conversations: Conversations,
        answerer: Answerer,
        questions: Questions,
        answers: Answers,
        quick: Workers,
        slow: Workers,
        hold: timedelta,
    ) -> None:
        self._slack = slack
        self._me = me
        self._conversations = conversations
        self._answerer = answerer
        self._questions = questions
        self._answers = answers
        self._claims = Claims(questions, hold)
        self._quick = quick
        self._slow = slow
        self._hold = hold
        self._lock = Lock()
        self._in_hand: set[str] = set()
        self._hints: dict[str, str] = {}

    @property
    def is_idle(self) -> bool:
        """Whether nothing that was taken up is still being answered."""
        with self._lock:
            return not self._in_hand

    def is_meant(self, message: IncomingMessage) -> bool:
        """Whether a message without a mention is a question: in person, or going on in a thread.

        Raises DatabaseUnavailable.
        """
        if message.is_direct:
            return True
        # A mention comes as an event of its own, and what names others is for them.
        if message.is_mention or message.is_to_others or not message.is_reply:
            return False
        root = MessageRef(self._me.team, message.channel, message.thread)
        return bool(self._questions.find(str(root)) or self._answers.history(str(root), message.at))

    def take(self, message: IncomingMessage, hint: str = "") -> None:
        """Claims the question and begins to answer it; ``hint`` is added to the answer.

        Raises DatabaseUnavailable. A message that was taken before is left alone.
        """
        thread = str(MessageRef(self._me.team, message.channel, message.thread))
        conversation = self._conversations.conversation(message.channel, shared=message.is_shared)
        question = Question(
            id=str(MessageRef(self._me.team, message.channel, message.ts)),
            text=message.text,
            asked_by=message.person,
            asked_at=message.at,
            audience=conversation.audience(message.person),
            history=self._answers.history(thread, message.at) if message.is_reply else (),
            thread=thread,
        )
        try:
            self._claims.claim(question)
        except AlreadyAsked:
            return
        if hint:
            self._hints[question.id] = hint
        self.take_up(question)

    def resume(self) -> int:
        """Takes up what a crash or an outage left unfinished; how many questions that are."""
        now = datetime.now(UTC)
        until = now + self._hold
        left = [
            question
            for question in self._questions.unfinished(now)
            if self._is_ours(question) and self._questions.hold(question.id, now, until)
        ]
        for question in left:
            self.take_up(question)
        return len(left)

    def keep_hold(self) -> None:
        """Holds on to what is in hand. Raises DatabaseUnavailable."""
        with self._lock:
            in_hand = frozenset(self._in_hand)
        if in_hand:
            self._questions.keep_hold(in_hand, datetime.now(UTC) + self._hold)

    def take_up(self, question: Question) -> None:
        """Begins to answer a claimed question, unless that is being done."""
        with self._lock:
            if question.id in self._in_hand:
                return
            self._in_hand.add(question.id)
        self._quick.submit(partial(self._begin, question), partial(self._failed, question))

    def tell_not_taken(self, message: IncomingMessage, error: Exception) -> None:
        """Says in the thread that the question could not even be kept."""
        reference = Question(
            str(MessageRef(self._me.team, message.channel, message.ts)),
            message.text,
            message.person,
            message.at,
            Audience.of(),
        ).answer_id
        log.error("Question %s was not taken", reference, exc_info=error)
        reply = render.failure(error, reference)
        self._quick.submit(
            partial(self._slack.post, message.channel, reply.text, reply.blocks, message.thread),
            _only_logged,
        )

    def _is_ours(self, question: Question) -> bool:
        return question.id.startswith(f"slack:{self._me.team}:")

    def _begin(self, question: Question) -> None:
        """Shows at once that the question was heard, and puts it in line."""
        if not question.text:
            return self._end(question, render.help_line(self._hints.pop(question.id, "")))
        if not question.audience.labels:
            return self._end(question, text_message(render.nobody_knows_who_reads()))
        at = self._ref_of(question)
        if at.ts:
            self._slack.stop_left_over(at.channel, at.ts)
        elif not self._slack.status(at.channel, at.thread, render.STATUS):
            holder = render.PLACEHOLDER
            ts = self._slack.post(at.channel, holder.text, holder.blocks, at.thread)
            self._questions.set_reply(question.id, str(at.at(ts)))
        self._slow.submit(partial(self._answer, question), partial(self._failed, question))
        return None

    def _answer(self, question: Question) -> None:
        reply = self._reply(question)
        answer = self._answerer.answer(question, reply.piece)
        hint = self._hints.pop(question.id, "")
        reply.finish(render.answer(answer, hint), render.tail(answer, hint))
        self._remember(question, reply.ref)
        self._finished(question)

    def _end(self, question: Question, message: SlackMessage) -> None:
        """Says the last word without an answer, in the message that was begun, if one was."""
        at = self._ref_of(question)
        if at.ts:
            self._slack.stop_left_over(at.channel, at.ts)
        self._reply(question).finish(message)
        self._finished(question)

    def _reply(self, question: Question) -> Reply:
        began = partial(self._remember, question)
        return Reply(self._slack, self._ref_of(question), question.asked_by, began)

    def _remember(self, question: Question, at: MessageRef) -> None:
        """Keeps which message shows the answer; a database that is away must not stop it."""
        try:
            if self._questions.reply_of(question.id) != str(at):
                self._questions.set_reply(question.id, str(at))
        except RecordsError:
            log.exception("Answer %s: its message is not kept", question.answer_id)

    def _ref_of(self, question: Question) -> MessageRef:
        """The message that shows the answer, or the thread in which there will be one."""
        thread = message_ref(question.thread)
        shown_at = self._questions.reply_of(question.id)
        ts = message_ref(shown_at).ts if shown_at else ""
        return MessageRef(thread.team, thread.channel, ts, thread.ts)

    def _failed(self, question: Question, error: Exception) -> None:
        """Tells the person; where Slack itself is the trouble, the question waits for it."""
        log.error("Answer %s failed", question.answer_id, exc_info=error)
        try:
            if isinstance(error, MessengerError):
                if _is_hopeless(question, error):
                    self._finished(question)
                else:
                    self._let_go(question)
            else:
                self._end(question, render.failure(error, question.answer_id))
        except (MessengerError, RecordsError):
            log.exception("Answer %s: nobody could be told", question.answer_id)
            self._let_go(question)

    def _finished(self, question: Question) -> None:
        try:
            self._questions.finish(question.id, datetime.now(UTC))
        except RecordsError:
            # It stands in Slack. Taken up again, it would be the same answer in the same message.
            log.exception("Answer %s is not marked as finished", question.answer_id)
        self._put_down(question)

    def _let_go(self, question: Question) -> None:
        """Leaves the question to whoever resumes next, this process or another."""
        self._put_down(question)
        with suppress(RecordsError):  # then its hold ends by itself
            self._questions.keep_hold([question.id], datetime.now(UTC))

    def _put_down(self, question: Question) -> None:
        with self._lock:
            self._in_hand.discard(question.id)


def _is_hopeless(question: Question, error: MessengerError) -> bool:
    is_refused = isinstance(error, MessengerRefused) and error.code in _FOR_GOOD
    return is_refused or datetime.now(UTC) - question.asked_at > _LONG_AGO


def _only_logged(error: Exception) -> None:
    log.error("Nobody could be told: %s", error)
