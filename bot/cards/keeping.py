"""Lets a person who knows confirm what was written in a thread, change it, and take it back."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from bot.answers.safe import escape_mrkdwn
from bot.cards.form import Draft, FilledCard, card_form
from bot.cards.lines import Lines, is_answer, thread_line
from bot.cards.messages import words_about
from bot.history.names import Names
from bot.jobs.workers import Workers
from bot.questions.edits import changed
from bot.slack.client import Me, SlackClient
from bot.slack.conversations import ChannelKind, Conversations
from bot.slack.events import ButtonPress, Payload
from bot.slack.message_ref import MessageRef, message_ref
from bot.slack.people import People
from bot.words import ENGLISH, Words
from domain.cards import Card, CardState
from domain.errors import AlreadyChanged, MessengerError, NotFound, Phi3Error
from domain.questions import Audience
from records.cards import Cards
from records.questions import Questions

log = logging.getLogger(__name__)


class Keeping:
    """The expert who was asked may do it, and admins; ``soon`` does the due jobs."""

    def __init__(
        self,
        slack: SlackClient,
        me: Me,
        conversations: Conversations,
        people: People,
        names: Names,
        cards: Cards,
        questions: Questions,
        lines: Lines,
        forms: Workers,
        soon: Callable[[], object],
    ) -> None:
        self._slack = slack
        self._me = me
        self._conversations = conversations
        self._people = people
        self._names = names
        self._cards = cards
        self._questions = questions
        self._lines = lines
        self._forms = forms
        self._soon = soon

    def noticed(self, body: Payload) -> None:
        """Stores what an event says of an expert's lines. Raises DatabaseUnavailable."""
        now = datetime.now(UTC)
        change = changed(body, self._me.user)
        if change and change.is_deleted:
            place = MessageRef(self._me.team, change.channel)
            before = body["event"].get("previous_message") or {}
            thread = str(place.at(str(before.get("thread_ts") or "")))
            is_new = self._cards.unwrote(str(place), change.ts, thread, now)
        else:
            line = thread_line(body, self._me.user)
            if line is None or not is_answer(line.text):
                return
            thread = str(MessageRef(self._me.team, line.channel, line.thread))
            is_new = self._cards.wrote(thread, line.person, now)
        if is_new:
            self._soon()

    def open(self, press: ButtonPress, trigger: str) -> str:
        """Opens the form, or says why not; Slack is only asked once the press is acknowledged.

        Returns what to say at once. Raises DatabaseUnavailable.
        """
        card = self._card(press)
        if card is None:
            return ENGLISH.card_gone
        self._forms.submit(
            partial(self._open, card, press, trigger),
            partial(self._not_opened, card, press),
        )
        return ""

    def save(self, form: FilledCard) -> dict[str, str]:
        """Stores what was confirmed; returns a message for each field that is wrong.

        Raises MessengerError and DatabaseUnavailable.
        """
        card = self._cards.find(form.card_id)
        if card is None:
            return form.wrong(ENGLISH.card_gone)
        if why_not := self._why_not(card, form.person):
            return form.wrong(why_not)
        if errors := form.errors(self._words(card)):
            return errors
        wanted = replace(
            card,
            question=form.question,
            answer=form.answer,
            link=form.link,
            lines=form.lines,
            audience=form.readers,
            confirmed_by=form.person,
        )
        seen = card.version if form.version is None else form.version
        try:
            if self._cards.verify(wanted, datetime.now(UTC), seen):
                self._soon()
        except NotFound:
            return form.wrong(ENGLISH.card_gone)
        except AlreadyChanged:
            return form.wrong(self._what_changed(card.id))
        return {}

    def withdraw(self, press: ButtonPress) -> str:
        """Stores that a card is taken back; returns what to say instead.

        Raises MessengerError and DatabaseUnavailable.
        """
        card = self._card(press)
        if card is None:
            return ENGLISH.card_gone
        if why_not := self._why_not(card, press.person):
            return why_not
        if self._cards.withdraw(card.id, datetime.now(UTC)):
            self._soon()
        return ""

    def _what_changed(self, card_id: str) -> str:
        """What became of a card while a form with it was open."""
        card = self._cards.find(card_id)
        if card is None:
            return ENGLISH.card_gone
        words = self._words(card)
        if card.state is not CardState.VERIFIED:
            return f"{words.card_withdrawn} {words.form_is_older}"
        name = card.name or self._names.of(card.confirmed_by)
        return f"{words.card_confirmed.format(name=name)} {words.form_is_older}"

    def _card(self, press: ButtonPress) -> Card | None:
        """The card of a button; None if it is gone, or was asked elsewhere."""
        card = self._cards.find(press.value)
        at = message_ref(card.thread) if card else None
        is_here = at is not None and (at.team, at.channel) == (self._me.team, press.channel)
        return card if is_here else None

    def _why_not(self, card: Card, person: str) -> str:
        if person == card.expert or self._people.is_admin(person):
            return ""
        return self._words(card).card_not_yours.format(name=self._names.of(card.expert))

    def _words(self, card: Card) -> Words:
        return words_about(card, self._questions.find(card.question_id))

    def _open(self, card: Card, press: ButtonPress, trigger: str) -> None:
        """Raises MessengerError and DatabaseUnavailable."""
        words = self._words(card)
        question = self._questions.find(card.question_id)
        conversation = self._conversations.as_it_is_now(press.channel)
        readers = conversation.readers(press.person)
        if why_not := self._why_not(card, press.person):
            self._say(card, press, why_not)
        elif question is None and card.state is not CardState.VERIFIED:
            self._say(card, press, words.card_gone)
        elif not readers.labels:
            self._say(card, press, words.readers_unknown)
        else:
            draft = self._draft(card, question.text if question else "", readers)
            is_public = conversation.kind is ChannelKind.PUBLIC
            in_words = words.readers_all if is_public else words.readers_here
            self._slack.open_view(trigger, card_form(draft, in_words, words))

    def _not_opened(self, card: Card, press: ButtonPress, error: Exception) -> None:
        log.warning("The form of card %s is not shown: %s", card.id, error)
        try:
            self._say(card, press, self._words(card).something_failed)
        except Phi3Error as away:
            log.warning("Nobody could be told: %s", away)

    def _say(self, card: Card, press: ButtonPress, text: str) -> None:
        thread = message_ref(card.thread).ts
        shown = escape_mrkdwn(text)
        self._slack.post_ephemeral(press.channel, press.person, shown, (), thread)

    def _draft(self, card: Card, asked: str, readers: Audience) -> Draft:
        """What a verified card says, or else what the expert wrote, as far as Slack shows it."""
        if card.state is CardState.VERIFIED:
            lines = tuple(card.lines.split())
            return Draft(
                *(card.id, card.version, card.question, card.answer, card.link, lines, readers)
            )
        draft = Draft(card.id, card.version, " ".join(asked.split()), "", "", (), readers)
        try:
            written = self._lines.of(card, steady=False)
            answer = self._lines.text(written)
        except MessengerError as error:
            log.warning("What the expert wrote is not read: %s", error)
            return draft
        return replace(draft, answer=answer, lines=tuple(one.ts for one in written))
