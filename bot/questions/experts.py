"""Asks a channel's expert what the documents do not say, once for each question."""

import logging
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from bot.answers.blocks import Element, SlackMessage, rich_text, section, word
from bot.answers.safe import escape_mrkdwn
from bot.history.names import Names
from bot.jobs.workers import Workers
from bot.slack.client import Me, SlackClient
from bot.slack.events import ButtonPress
from bot.slack.message_ref import message_ref
from bot.words import ENGLISH, Words, words_for
from domain.channels import ChannelSettings
from domain.errors import MessengerError, MessengerUnavailable
from domain.questions import Question
from domain.text import truncate
from records.questions import Questions

log = logging.getLogger(__name__)

_QUESTION = 1_000
"""Characters of a question that the expert is shown."""


class Experts:
    """``settings`` are those of a channel; the expert is asked by a thread of ``forms``."""

    def __init__(
        self,
        slack: SlackClient,
        me: Me,
        questions: Questions,
        settings: Callable[[str], ChannelSettings],
        names: Names,
        forms: Workers,
    ) -> None:
        self._slack = slack
        self._me = me
        self._questions = questions
        self._settings = settings
        self._names = names
        self._forms = forms

    def name(self, channel: str) -> str:
        """The name of the channel's expert; empty if there is none, or Slack does not tell it.

        Raises DatabaseUnavailable.
        """
        with suppress(MessengerError):
            return self._names.of(self._settings(channel).expert)
        return ""

    def ask(self, press: ButtonPress) -> str:
        """Asks in the question's thread; returns what to say instead. Raises DatabaseUnavailable.

        Who presses again is told that the expert was asked.
        """
        question = self._questions.find(press.value)
        at = message_ref(press.value) if question else None
        if question is None or at is None:
            return ENGLISH.question_gone
        expert = self._settings(press.channel).expert
        if (at.team, at.channel) != (self._me.team, press.channel) or not expert:
            return ENGLISH.question_gone
        self._forms.submit(
            partial(self._ask, question, expert, press),
            partial(log.warning, "The expert is not asked: %s"),
        )
        return ""

    def _ask(self, question: Question, expert: str, press: ButtonPress) -> None:
        channel, thread = press.channel, message_ref(question.thread).ts
        words, name = words_for(question.text), self._names.of(expert)
        mark = f"{question.answer_id}:expert"
        if self._is_asked(channel, thread, mark):
            text = words.expert_known.format(name=name)
            self._slack.post_ephemeral(channel, press.person, escape_mrkdwn(text), (), thread)
            return
        message = _asking(question, expert, self._names.of(question.asked_by), words)
        try:
            self._slack.post(channel, message.text, message.blocks, thread, mark=mark)
        except MessengerUnavailable:
            if not self._is_asked(channel, thread, mark):
                raise

    def _is_asked(self, channel: str, thread: str, mark: str) -> bool:
        return any(one.mark == mark for one in self._slack.messages(channel, thread, thread))


def _asking(question: Question, expert: str, asker: str, words: Words) -> SlackMessage:
    """The one message of the bot that mentions somebody."""
    asked = truncate(" ".join(question.text.split()), _QUESTION)
    text = words.expert_asked.format(asker=asker, question=asked)
    mention: Element = {"type": "user", "user_id": expert}
    blocks = (rich_text(section(mention, *word(f", {text}"))),)
    return SlackMessage(f"<@{expert}>, {escape_mrkdwn(text)}", blocks)
