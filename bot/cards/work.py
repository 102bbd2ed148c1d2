"""Does what the state of a card needs, in Slack and in the index.

    state       in Slack                                         in the index
    asked       the expert is asked in the thread                nothing
    draft       the expert is offered to keep what they wrote    nothing
    verified    the offer says so; whoever asked is told once    the card
    withdrawn   the offer says so                                nothing

Each step may be done again after a crash: what was posted is found by its mark.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

from bot.answers.blocks import SlackMessage
from bot.answers.safe import escape_mrkdwn
from bot.cards import messages
from bot.cards.indexing import CardIndex
from bot.cards.lines import Lines
from bot.history.names import Names
from bot.jobs.runner import Runner
from bot.slack.client import SlackClient
from bot.slack.conversations import Conversations
from bot.slack.errors import may_pass
from bot.slack.message_ref import message_ref
from bot.slack.people import People, Standing
from bot.words import Words, words_of
from bot.words.failures import what_failed
from domain.cards import Card, CardState
from domain.errors import MessengerRefused, MessengerUnavailable, UnreadableSource
from domain.jobs import Job, JobKind
from domain.questions import Audience, Question
from records.cards import Cards
from records.questions import Questions

log = logging.getLogger(__name__)


class CardWork:
    """The work for jobs of the kind CARD."""

    def __init__(
        self,
        slack: SlackClient,
        names: Names,
        people: People,
        cards: Cards,
        questions: Questions,
        conversations: Conversations,
        lines: Lines,
        index: CardIndex,
        runner: Runner,
    ) -> None:
        self._slack = slack
        self._names = names
        self._people = people
        self._cards = cards
        self._questions = questions
        self._conversations = conversations
        self._lines = lines
        self._index = index
        self._steps: dict[CardState, Callable[[Card], None]] = {
            CardState.ASKED: self._ask,
            CardState.DRAFT: self._offer,
            CardState.VERIFIED: self._publish,
            CardState.WITHDRAWN: self._take_back,
        }
        runner.handles(JobKind.CARD, self)

    def do(self, job: Job) -> None:
        """Raises MessengerError, RetrievalError, IngestError and RecordsError."""
        if card := self._cards.find(job.key):
            self._steps[card.state](card)

    def is_final(self, error: Exception) -> bool:  # noqa: ARG002 - whatever it is, it may pass
        return False

    def tell_given_up(self, job: Job, error: Exception) -> None:
        """An expert who was not asked can be asked again; who confirmed something is told."""
        card = self._cards.find(job.key)
        if card is None:
            return
        log.warning("Card %s: %s", card.id, error)
        if card.state is CardState.ASKED and not card.asking:
            self._cards.drop(card.id)
        elif card.state is CardState.VERIFIED:
            words = self._words(card)
            said = words.card_failed.format(why=what_failed(error, words), change=words.card_change)
            self._whisper(card, card.confirmed_by, said)

    def _ask(self, card: Card) -> None:
        question = self._questions.find(card.question_id)
        if question is None or question.is_private:
            self._cards.drop(card.id)
        elif not card.asking and self._people.standing(card.expert) is Standing.GONE:
            self._cards.drop(card.id)
            words, name = words_of(question), self._names.of(card.expert)
            self._whisper(card, question.asked_by, words.expert_gone.format(name=name))
        elif not card.asking:
            asker, words = self._names.of(question.asked_by), words_of(question)
            message = messages.asking(question, card.expert, asker, words)
            mark = messages.asking_mark(question, card.expert)
            self._keep(card, asking=self._posted(card, mark, message))

    def _offer(self, card: Card) -> None:
        question = self._questions.find(card.question_id)
        if question is None:
            self._cards.drop(card.id)
        elif not card.offer:
            self._keep(card, offer=self._offered(card, question))
        elif not self._has_lines(card):
            self._slack.delete(message_ref(card.thread).channel, card.offer)
            self._cards.set_back(card.id)

    def _offered(self, card: Card, question: Question) -> str:
        name, words = self._names.of(card.expert), words_of(question)
        return self._posted(
            card, messages.offer_mark(card), messages.offered(card, question.text, name, words)
        )

    def _keep(self, card: Card, **shown: str) -> None:
        """Stores where a message stands; deletes it if the question was deleted meanwhile."""
        if not self._cards.note(card.id, **shown):
            for ts in shown.values():
                self._slack.delete(message_ref(card.thread).channel, ts)

    def _has_lines(self, card: Card) -> bool:
        """Whether anything is left of what the expert wrote, as far as Slack shows it."""
        try:
            return bool(self._lines.of(card, steady=True))
        except MessengerRefused as error:
            if may_pass(error):
                raise
            return True

    def _publish(self, card: Card) -> None:
        readers, name = self._readers(card), card.name or self._names.of(card.confirmed_by)
        card = replace(card, audience=readers, name=name)
        self._cards.note(card.id, audience=readers, name=name)
        self._index.add(card)
        words = self._words(card)
        self._show(card, messages.kept(card, words))
        self._tell(card, words)

    def _readers(self, card: Card) -> Audience:
        """Those whom the form named, as far as they can read the channel now."""
        channel = message_ref(card.thread).channel
        # Whoever asked in a direct message is the one who reads it.
        now = self._conversations.as_it_is_now(channel).readers(card.asked_by)
        readers = Audience(card.audience.labels & now.labels)
        if not readers.labels:
            raise UnreadableSource("Slack does not say who can read this channel.")
        return readers

    def _take_back(self, card: Card) -> None:
        self._index.remove(card)
        self._show(card, messages.withdrawn(card, self._words(card)))

    def _words(self, card: Card) -> Words:
        return messages.words_about(card, self._questions.find(card.question_id))

    def _show(self, card: Card, message: SlackMessage) -> None:
        """Shows the state of a card in the message that offered it, or a new one in its thread.

        Not in direct messages: whoever asked there cannot change the card.
        """
        channel, mark = message_ref(card.thread).channel, messages.offer_mark(card)
        try:
            if card.offer:
                self._slack.update(channel, card.offer, message.text, message.blocks, mark=mark)
            elif not channel.startswith("D"):
                self._cards.note(card.id, offer=self._posted(card, mark, message))
        except MessengerRefused as error:
            if may_pass(error):
                raise
            log.warning("Card %s is not shown: %s", card.id, error)

    def _tell(self, card: Card, words: Words) -> None:
        """Tells whoever asked, once, unless they confirmed it, or deleted their question."""
        is_known = bool(card.told_at) or card.asked_by in ("", card.confirmed_by)
        if is_known or self._questions.find(card.question_id) is None:
            return
        self._posted(card, f"{card.id}:told", messages.told(card, words))
        self._cards.note(card.id, told_at=datetime.now(UTC))

    def _whisper(self, card: Card, person: str, said: str) -> None:
        """Tells one person in the thread; it is no loss if Slack refuses that."""
        at = message_ref(card.thread)
        with suppress(MessengerRefused):
            self._slack.post_ephemeral(at.channel, person, escape_mrkdwn(said), (), at.ts)

    def _posted(self, card: Card, mark: str, message: SlackMessage) -> str:
        """Posts a message in the thread, unless that was done; returns its ts."""
        at = message_ref(card.thread)
        if known := self._find(card, mark):
            return known
        try:
            return self._slack.post(at.channel, message.text, message.blocks, at.ts, mark=mark)
        except MessengerUnavailable:
            if known := self._find(card, mark):
                return known
            raise

    def _find(self, card: Card, mark: str) -> str:
        at = message_ref(card.thread)
        posted = self._slack.messages(at.channel, at.ts, at.ts)
        return next((one.ts for one in posted if one.is_own and one.mark == mark), "")
