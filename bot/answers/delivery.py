"""Shows an answer, or an error, in its thread: one message for each question."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from bot.answers import render
from bot.answers.blocks import SlackBlock, SlackMessage, text_message
from bot.answers.reply import Reply
from bot.slack.client import Me, SlackClient
from bot.slack.errors import is_stopped, is_too_much, may_pass
from bot.slack.lookups import Posted
from bot.slack.message_ref import MessageRef, message_ref
from bot.words import Words, words_of
from domain.cards import Card, is_card
from domain.errors import MessengerError, MessengerRefused, RecordsError
from domain.questions import Answer, Question
from domain.spans import span
from records.cards import Cards
from records.questions import Questions
from records.sources import Sources

log = logging.getLogger(__name__)

_THUMB = "+1"


def _always() -> bool:
    return True


def _thread_of(question: Question) -> MessageRef:
    """The thread in which the answer is shown, without a message."""
    root = message_ref(question.thread)
    return MessageRef(root.team, root.channel, thread=root.ts)


def _without_thumbs(blocks: Sequence[SlackBlock]) -> tuple[SlackBlock, ...]:
    return tuple(block for block in blocks if block["type"] != "context_actions")


def _without_thumbs_in(message: SlackMessage) -> SlackMessage:
    return replace(
        message,
        blocks=_without_thumbs(message.blocks),
        simpler=message.simpler and _without_thumbs_in(message.simpler),
    )


class Delivery:
    """Every method raises MessengerError and DatabaseUnavailable.

    ``unsure`` says that an earlier attempt may have posted a message that was not stored. It is
    found by its mark, the answer's id. An unfinished stream has no mark: it is the bot's message
    in the thread that belongs to no question.
    """

    def __init__(
        self,
        slack: SlackClient,
        me: Me,
        questions: Questions,
        sources: Sources,
        cards: Cards,
        expert: Callable[[str, str], str],
    ) -> None:
        """``expert`` names whom a button asks, by the channel and who asked; or nobody."""
        self._slack = slack
        self._me = me
        self._questions = questions
        self._sources = sources
        self._cards = cards
        self._expert = expert

    def first_sign(self, question: Question, *, is_new: bool = False) -> None:
        """Shows that the question has arrived: as a status, or else in a message.

        ``is_new``: no message shows its answer, so that nothing has to be looked up.
        """
        at = _thread_of(question) if is_new else self._ref_of(question)
        words = words_of(question)
        if at.ts or self._slack.status(at.channel, at.thread, words.status):
            return
        holder = SlackMessage(words.placeholder)
        ts = self._slack.post(
            at.channel,
            holder.text,
            holder.blocks,
            at.thread,
            mark=question.answer_id,
            steady=False,
        )
        self._remember(question, at.at(ts))

    def thumb(self, channel: str, ts: str) -> None:
        """Answers thanks, as a colleague would."""
        self._slack.react(channel, ts, _THUMB)

    def begin_again(self, question: Question) -> None:
        """Ends the stream of an earlier attempt, and shows that the question is answered again."""
        at = self._ref_of(question)
        if not at.ts:
            self._slack.status(at.channel, at.thread, words_of(question).status)
            return
        try:
            self._slack.end_stream(at.channel, at.ts, steady=False)
        except MessengerError as error:
            if is_stopped(error):
                raise
            log.info("A stream is ended later: %s", error)

    def reply(
        self,
        question: Question,
        may_write: Callable[[], bool] = _always,
        *,
        unsure: bool,
        again: bool = True,
        is_lost: bool = False,
        was_killed: bool = False,
    ) -> Reply:
        """The message that will show the answer; ``again``: it may show a part of it already.

        ``is_lost``: Slack has not answered to the first sign. ``was_killed``: the process of an
        earlier attempt was killed.
        """
        return Reply(
            self._slack,
            self._ref_of(question),
            question.asked_by,
            question.answer_id,
            lambda ref: self._remember(question, ref),
            lambda: self._find(question),
            may_write,
            unsure=unsure,
            may_run=again,
            is_lost=is_lost,
            was_killed=was_killed,
        )

    @span("send")
    def show(
        self,
        question: Question,
        reply: Reply,
        answer: Answer,
        hint: str,
        *,
        can_be_rated: bool = True,
    ) -> None:
        """Shows the whole answer in the reply, with its sources and rating buttons."""
        shown = self._shown(question, answer, hint, can_be_moved=can_be_rated)
        message, tail = render.answer(*shown), render.tail(*shown)
        if not can_be_rated:
            message = _without_thumbs_in(message)
            tail = _without_thumbs(tail)
        reply.finish(message, tail)
        # What could not be kept when the message began.
        self._remember(question, reply.ref)

    def place(self, question: Question, answer: Answer, hint: str) -> MessageRef:
        """Posts the whole answer in the question's thread, unless it stands there already.

        Where it is shown is not stored.
        """
        at = _thread_of(question)
        if found := self._find_marked(question):
            return at.at(found[0])
        message = render.answer(*self._shown(question, answer, hint))
        try:
            return at.at(self._post(question, message))
        except MessengerRefused as error:
            if not (is_too_much(error) and message.simpler):
                raise
            return at.at(self._post(question, message.simpler))

    def remove(self, at: MessageRef, instead: str = "") -> None:
        """Deletes a message of the bot; raises only if that may work later.

        If Slack refuses that, the message says ``instead``.
        """
        try:
            self._slack.end_stream(at.channel, at.ts)
            self._slack.delete(at.channel, at.ts)
        except MessengerRefused as error:
            if may_pass(error):
                raise
            log.warning("The message %s is not deleted: %s", at, error)
            if instead:
                self._say_instead(at, instead)

    def remove_marked(self, question: Question) -> None:
        """Deletes all messages in the question's thread that show its answer."""
        for ts in self._find_marked(question):
            self.remove(_thread_of(question).at(ts))

    def end(self, question: Question, message: SlackMessage, *, unsure: bool) -> None:
        """Shows the final message instead of an answer, in the existing message if there is one."""
        self.reply(question, unsure=unsure).finish(message)

    def remove_strays(self, question: Question) -> None:
        """Deletes what Slack has posted late besides the message that shows the answer."""
        at = self._ref_of(question)
        for ts in self._find(question) if at.ts else ():
            if ts != at.ts:
                self._slack.end_stream(at.channel, ts)
                self._slack.delete(at.channel, ts)

    def withdraw(self, question: Question, instead: str = "") -> None:
        """Deletes the messages that show the answer, or a part of it; see ``remove``."""
        at = self._ref_of(question)
        # Another question in the thread may just begin a stream, so no other one is guessed.
        for ts in [at.ts] if at.ts else self._find(question):
            self.remove(at.at(ts), instead)

    def clear(self, channel: str, thread: str) -> None:
        """Takes back what says that the bot works in a thread; no message changes."""
        self._slack.status(channel, thread, "")
        self._slack.end_session(channel, thread)

    def _shown(
        self, question: Question, answer: Answer, hint: str, *, can_be_moved: bool = True
    ) -> tuple[Answer, str, str, Words, date | None, str, Sequence[Card], str]:
        """What an answer is rendered from."""
        channel = message_ref(question.thread).channel
        is_direct = channel.startswith("D")
        asks_expert = answer.is_open and not is_direct
        moving = render.SHARE_HERE if question.is_private else render.ONLY_FOR_ME
        if not can_be_moved or (is_direct and not question.is_private):
            moving = ""
        return (
            answer,
            hint,
            self._me.url,
            words_of(question),
            self._newest_source_of(answer),
            self._expert(channel, question.asked_by) if asks_expert else "",
            self._verified(answer),
            moving,
        )

    def _say_instead(self, at: MessageRef, text: str) -> None:
        message = text_message(text)
        try:
            self._slack.update(at.channel, at.ts, message.text, message.blocks)
        except MessengerRefused as error:
            if may_pass(error):
                raise
            log.warning("The message %s stays as it is: %s", at, error)

    def _post(self, question: Question, message: SlackMessage) -> str:
        at = _thread_of(question)
        return self._slack.post(
            at.channel, message.text, message.blocks, at.thread, mark=question.answer_id
        )

    def _newest_source_of(self, answer: Answer) -> date | None:
        """When the newest of the supporting sources was changed last; None if none says that."""
        try:
            known = self._sources.find_all(answer.supporting)
        except RecordsError:
            log.exception("Answer %s: the dates of its sources are not known", answer.id)
            return None
        return max((one.modified.date() for one in known.values() if one.modified), default=None)

    def _verified(self, answer: Answer) -> list[Card]:
        """The answers of experts that support this one."""
        try:
            return self._cards.verified_of(filter(is_card, answer.supporting))
        except RecordsError:
            log.exception("Answer %s: who confirmed its sources is not known", answer.id)
            return []

    def _remember(self, question: Question, at: MessageRef) -> None:
        """Stores which message shows the answer; an error of the database is only logged."""
        try:
            if self._questions.reply_of(question.id) != str(at):
                self._questions.set_reply(question.id, str(at))
        except RecordsError:
            log.exception("Answer %s: its message is not kept", question.answer_id)

    def _ref_of(self, question: Question) -> MessageRef:
        """The message that shows the answer, or the thread in which there will be one."""
        shown_at = self._questions.reply_of(question.id)
        return replace(_thread_of(question), ts=message_ref(shown_at).ts if shown_at else "")

    def _find(self, question: Question) -> list[str]:
        """The ts of the messages that were posted for the question, the best first."""
        own = self._own(question)
        marked = [message.ts for message in own if message.mark == question.answer_id]
        begun = [
            message.ts
            for message in own
            if not message.mark and self._is_nobodys(message.ts, question)
        ]
        return marked + begun

    def _find_marked(self, question: Question) -> list[str]:
        return [one.ts for one in self._own(question) if one.mark == question.answer_id]

    def _own(self, question: Question) -> list[Posted]:
        """The bot's messages in the question's thread since it was asked."""
        at = _thread_of(question)
        try:
            posted = self._slack.messages(at.channel, at.thread, message_ref(question.id).ts)
        except MessengerRefused as error:
            if may_pass(error):
                raise
            log.warning("Answer %s: Slack does not let me look for it: %s", question.id, error)
            return []
        return [message for message in posted if message.is_own]

    def _is_nobodys(self, ts: str, question: Question) -> bool:
        # The first message of a thread with one person belongs to no question.
        at = _thread_of(question)
        return ts != at.thread and not self._questions.is_reply(str(at.at(ts)))
