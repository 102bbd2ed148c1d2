"""Who is asked what the documents do not say: the expert of a channel, once for each question."""

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial

from bot.answers.safe import escape_mrkdwn
from bot.history.names import Names
from bot.jobs.workers import Workers
from bot.slack.client import Me, SlackClient
from bot.slack.events import ButtonPress
from bot.slack.message_ref import message_ref
from bot.slack.people import People, Standing
from bot.words import ENGLISH, words_of
from domain.cards import Card, CardState, card_id_of, source_of
from domain.channels import ChannelSettings
from domain.errors import MessengerError
from domain.questions import Question
from records.cards import Cards
from records.questions import Questions

log = logging.getLogger(__name__)


class Experts:
    """``settings`` are those of a channel; ``soon`` does the due jobs, in a thread of its own."""

    def __init__(
        self,
        slack: SlackClient,
        me: Me,
        people: People,
        questions: Questions,
        cards: Cards,
        settings: Callable[[str], ChannelSettings],
        names: Names,
        forms: Workers,
        soon: Callable[[], object],
    ) -> None:
        self._slack = slack
        self._me = me
        self._people = people
        self._questions = questions
        self._cards = cards
        self._settings = settings
        self._names = names
        self._forms = forms
        self._soon = soon

    def name(self, channel: str, asker: str) -> str:
        """The name of whom a button asks what ``asker`` asked in a channel.

        Empty if the channel has no expert, if that is the asker or has left, or if Slack tells no
        name. Raises DatabaseUnavailable.
        """
        expert = self._settings(channel).expert
        with suppress(MessengerError):
            if expert not in ("", asker) and not self._has_left(expert):
                return self._names.of(expert)
        return ""

    def ask(self, press: ButtonPress) -> str:
        """Stores that the expert is to be asked in the question's thread, by a job.

        Returns what to say instead. Who presses again is told that the expert was asked. Raises
        DatabaseUnavailable.
        """
        question = self._questions.find(press.value)
        at = message_ref(press.value) if question else None
        if question is None or at is None:
            return ENGLISH.question_gone
        expert = self._settings(press.channel).expert
        if (at.team, at.channel) != (self._me.team, press.channel):
            return ENGLISH.question_gone
        if known := self._cards.of_question(question.id):
            self._forms.submit(
                partial(self._again, question, known, expert, press),
                partial(log.warning, "Nobody is told that the expert was asked: %s"),
            )
        elif not expert:
            return ENGLISH.question_gone
        elif self._cards.ask(card_of(question, expert)):
            self._soon()
        return ""

    def _again(self, question: Question, known: Card, expert: str, press: ButtonPress) -> None:
        """Asks the channel's new expert instead of one who has left, or tells who was asked."""
        words, name, is_asked = words_of(question), known.expert, known.state is CardState.ASKED
        said = words.expert_known
        with suppress(MessengerError):
            if is_asked and self._has_left(known.expert):
                said = words.expert_gone
            name = self._names.of(known.expert)
        if said == words.expert_gone and expert not in ("", known.expert):
            self._cards.drop(known.id)
            self._cards.ask(card_of(question, expert))
            self._soon()
            return
        text, thread = escape_mrkdwn(said.format(name=name)), message_ref(question.thread).ts
        self._slack.post_ephemeral(press.channel, press.person, text, (), thread)

    def _has_left(self, expert: str) -> bool:
        return self._people.standing(expert) is Standing.GONE


def card_of(question: Question, expert: str) -> Card:
    """The new card of a question that was asked in Slack, of which nothing is known yet."""
    return Card(
        id=card_id_of(question.id),
        source=source_of(question),
        question_id=question.id,
        thread=question.thread,
        expert=expert,
        asked_by=question.asked_by,
        asked_at=datetime.now(UTC),
    )
