"""Bolt's listeners: where each event goes, and what happens before it is acknowledged."""

import logging
import re
from collections.abc import Callable
from functools import partial
from uuid import uuid4

from slack_bolt import Ack, App, BoltRequest

from bot.answers import render
from bot.answers.blocks import text_message
from bot.history.changes import HistoryChanges
from bot.home.channel_form import CHANNEL_FORM, filled_channel_form
from bot.home.choosing import Choosing
from bot.home.forgetting import Forgetting
from bot.home.tab import Home
from bot.home.view import DELETION, TRAINING
from bot.ingest.collection_reports import CONFIRM_REMOVAL, TRY_AGAIN
from bot.ingest.command import Verb, parse
from bot.ingest.form import INGEST_FORM, done, filled_ingest
from bot.ingest.requests import Ingesting
from bot.jobs.workers import Workers
from bot.questions.asking import Asking
from bot.questions.edits import Edits
from bot.questions.experts import Experts
from bot.questions.stopping import stop
from bot.questions.taking import Taking
from bot.ratings.feedback import Feedback
from bot.ratings.form import FORM, filled, thanks, too_long
from bot.ratings.rating_notes import EXPLAIN, TAKE_BACK
from bot.slack import events
from bot.slack.client import Me, SlackClient
from bot.slack.events import ButtonClick, ButtonPress, IncomingMessage, Payload, Request
from bot.slack.manifest import ANSWER_SHORTCUT, COMMAND, SHORTCUT, STOPPED, THREAD_SHORTCUT
from bot.slack.message_ref import MessageRef
from bot.words import ENGLISH, words_for
from domain.errors import DatabaseUnavailable, Phi3Error, RecordsError
from domain.questions import answer_id_of

log = logging.getLogger(__name__)

_ANY = re.compile(".*", re.DOTALL)
_SETTINGS = "settings"
_INGEST = re.compile(r"ingest\b", re.IGNORECASE)
_NAMES = re.compile(r"https?://|#\S|\bthis thread\b", re.IGNORECASE)
"""What a wish to read something names; without it, a sentence is a question."""


class Listeners:
    """Bolt's listeners: each reads the payload, and stores what must not be lost."""

    def __init__(
        self,
        slack: SlackClient,
        me: Me,
        taking: Taking,
        asking: Asking,
        edits: Edits,
        ingesting: Ingesting,
        choosing: Choosing,
        experts: Experts,
        home: Home,
        forgetting: Forgetting,
        changes: HistoryChanges,
        feedback: Feedback,
        thanks: Workers,
    ) -> None:
        self._slack = slack
        self._me = me
        self._taking = taking
        self._asking = asking
        self._edits = edits
        self._ingesting = ingesting
        self._choosing = choosing
        self._experts = experts
        self._home = home
        self._forgetting = forgetting
        self._changes = changes
        self._feedback = feedback
        self._thanks = thanks

    def listen(self, app: App) -> None:
        app.event("app_mention")(self.mentioned)
        app.event("message")(self.messaged)
        app.event("reaction_added")(self.reacted)
        app.event("reaction_removed")(self.unreacted)
        app.event(STOPPED)(self.stopped)
        app.event("app_home_opened")(self.opened_home)
        app.command(COMMAND)(self.commanded)
        app.shortcut({"type": "message_action", "callback_id": SHORTCUT})(self.chosen)
        app.shortcut({"type": "message_action", "callback_id": THREAD_SHORTCUT})(self.chosen_thread)
        app.shortcut({"type": "message_action", "callback_id": ANSWER_SHORTCUT})(
            self.chosen_question
        )
        app.action(CONFIRM_REMOVAL)(self.confirmed)
        app.action(TRY_AGAIN)(self.tried_again)
        app.view(CHANNEL_FORM)(self.filled_channel)
        app.view(INGEST_FORM)(self.filled_ingest)
        app.action(render.RATE)(self.clicked)
        app.action(render.ANSWER_AGAIN)(self.wanted_again)
        app.action(render.ASK_EXPERT)(self.wanted_expert)
        app.action(TRAINING)(self.chose_training)
        app.action(DELETION)(self.wanted_deletion)
        app.action(EXPLAIN)(self.explaining)
        app.action(TAKE_BACK)(self.took_back)
        app.view(FORM)(self.filled)
        # Slack repeats events that are not acknowledged, so the others are acknowledged too.
        app.event(_ANY)(self.ignored)
        app.action(_ANY)(self.unused)

    def mentioned(self, body: Payload, request: BoltRequest) -> None:
        if message := events.message(body, self._me.user):
            self._receive(message, request)

    def messaged(self, body: Payload, request: BoltRequest) -> None:
        self._edits.noticed(body)
        self._notice(body, request)
        message = events.message(body, self._me.user)
        if message and self._taking.is_meant(message):
            self._receive(message, request)

    def _notice(self, body: Payload, request: BoltRequest) -> None:
        """Stores that a message was changed, deleted or replied to, if its channel is read."""
        change = events.history_change(body, self._me.user)
        try:
            if change:
                self._changes.noticed(change)
        except RecordsError as error:
            # The whole history is read again once a day.
            if not events.is_last_delivery(request.headers):
                raise
            log.warning("A change in %s is not followed: %s", change, error)

    def _receive(self, message: IncomingMessage, request: BoltRequest) -> None:
        """Stores the message's question or request. After an error Slack sends the event again.

        So no question is lost while the database is locked; only the last delivery shows an error.
        """
        wanted = Request(
            message.channel,
            message.person,
            message.markup,
            message.thread,
            message.files,
            message.is_shared,
            message.ts,
        )
        try:
            if _is_wish(message):
                if text := self._ingesting.ask(wanted):
                    self._post_ephemeral(wanted, text)
                return
            self._taking.take(message, _hint(message))
        except DatabaseUnavailable as error:
            if not events.is_last_delivery(request.headers):
                raise
            self._tell_not_taken(message, error)
        except RecordsError as error:
            self._tell_not_taken(message, error)

    def _tell_not_taken(self, message: IncomingMessage, error: RecordsError) -> None:
        """Says in the thread that the message could not be stored."""
        at = MessageRef(self._me.team, message.channel, message.ts)
        reference = answer_id_of(str(at))
        log.error("Question %s was not taken", reference, exc_info=error)
        reply = render.failure(error, reference, words_for(message.text))
        self._thanks.submit(
            # With a mark, since what has none is taken for an unfinished stream of an answer.
            partial(
                self._slack.post,
                message.channel,
                reply.text,
                reply.blocks,
                message.thread,
                mark=reference,
            ),
            partial(log.warning, "Nobody could be told: %s"),
        )

    def reacted(self, event: Payload) -> None:
        if reaction := events.reaction(event):
            self._feedback.reacted(reaction)
        elif wanted := events.emoji_on_message(event):
            self._taking.take_message(wanted)

    def unreacted(self, event: Payload) -> None:
        if reaction := events.reaction(event):
            self._feedback.unreacted(reaction)

    def stopped(self, event: Payload) -> None:
        if pressed := stop(event):
            self._asking.stop(pressed)

    def opened_home(self, event: Payload) -> None:
        if event.get("tab") == "home" and (person := event.get("user")):
            self._home.opened(person)

    def chose_training(self, ack: Ack, body: Payload) -> None:
        person, value = body["user"]["id"], str(body["actions"][0].get("value") or "")
        try:
            self._home.chose(person, value)
        except RecordsError:
            # The tab still shows what is stored, with its button.
            log.exception("A choice about training was not kept")
        ack()

    def wanted_deletion(self, ack: Ack, body: Payload) -> None:
        try:
            self._forgetting.want(body["user"]["id"])
        except RecordsError:
            # The tab still has its button.
            log.exception("A wish to be forgotten was not kept")
        ack()

    def commanded(self, ack: Ack, body: Payload) -> None:
        request = events.command(body)
        is_choice = request.text.strip().lower() == _SETTINGS
        text = self._asked(request, self._choosing.open if is_choice else self._ingesting.ask)
        if not text:
            ack()
            return
        message = text_message(text)
        ack(text=message.text, blocks=message.blocks, response_type="ephemeral")

    def chosen(self, ack: Ack, body: Payload) -> None:
        request = events.shortcut(body)
        text = self._asked(request) if request.files else "That message has no files to add."
        ack()
        self._post_ephemeral(request, text)

    def chosen_question(self, ack: Ack, body: Payload) -> None:
        """Answers a message in its thread, for the person who chose it from the message's menu."""
        message = events.chosen_message(body, self._me.user)
        to = Request(message.channel, message.person, thread=message.thread)
        ack()
        if not message.text:
            self._post_ephemeral(to, ENGLISH.no_words)
            return
        try:
            is_new = self._taking.take(message, _hint(message))
        except RecordsError as error:
            self._tell_not_taken(message, error)
            return
        if not is_new:
            self._post_ephemeral(to, words_for(message.text).asked_already)

    def chosen_thread(self, ack: Ack, body: Payload) -> None:
        request = events.thread_shortcut(body)
        text = self._asked(request)
        ack()
        self._post_ephemeral(request, text)

    def confirmed(self, ack: Ack, body: Payload) -> None:
        self._pressed_report(body, confirmed=True)
        ack()

    def tried_again(self, ack: Ack, body: Payload) -> None:
        self._pressed_report(body, confirmed=False)
        ack()

    def wanted_again(self, ack: Ack, body: Payload) -> None:
        """Answers a question again that was refused, quoted, or failed."""
        self._pressed_answer(body, self._edits.again)
        ack()

    def wanted_expert(self, ack: Ack, body: Payload) -> None:
        self._pressed_answer(body, self._experts.ask)
        ack()

    def _pressed_answer(self, body: Payload, then: Callable[[ButtonPress], str]) -> None:
        """``then`` returns what to tell the person who pressed a button under an answer."""
        press = events.button_press(body)
        if press is None:
            return
        try:
            text = then(press)
        except RecordsError as error:
            reference = _reference()
            log.exception("A press under an answer was not taken (%s)", reference)
            text = f"Not taken: {error.public} Press again in a minute ({reference})."
        if text:
            self._post_ephemeral(Request(press.channel, press.person, thread=press.thread), text)

    def _pressed_report(self, body: Payload, *, confirmed: bool) -> None:
        press = events.button_press(body)
        if press is None:
            return
        try:
            text = self._ingesting.pressed(press, confirmed=confirmed)
        except Phi3Error as error:
            reference = _reference()
            log.exception("A press on a report was not taken (%s)", reference)
            text = f"I could not take that: {error.public} Press again in a minute ({reference})."
        if text:
            self._post_ephemeral(Request(press.channel, press.person, thread=press.thread), text)

    def filled_ingest(self, ack: Ack, body: Payload) -> None:
        form = filled_ingest(body)
        try:
            text, errors = self._ingesting.submitted(form)
        except Phi3Error as error:
            reference = _reference()
            log.exception("A form about documents was not taken (%s)", reference)
            errors = form.wrong(f"Not taken: {error.public} Send again ({reference}).")
        if errors:
            ack(response_action="errors", errors=errors)
        else:
            ack(response_action="update", view=done(text or "That was taken already."))

    def filled_channel(self, ack: Ack, body: Payload) -> None:
        form = filled_channel_form(body)
        errors = dict(form.errors)
        try:
            if not errors and (why_not := self._choosing.save(form)):
                errors = form.wrong(why_not)
        except RecordsError as error:
            reference = _reference()
            log.exception("Settings of a channel were not saved (%s)", reference)
            errors = form.wrong(f"Not saved: {error.public} Send again ({reference}).")
        if errors:
            ack(response_action="errors", errors=errors)
        else:
            ack()

    def _asked(self, request: Request, ask: Callable[[Request], str] | None = None) -> str:
        try:
            return (ask or self._ingesting.ask)(request)
        except Phi3Error as error:
            reference = _reference()
            log.exception("A request to ingest was not taken (%s)", reference)
            return f"I could not take that: {error.public} Try again in a minute ({reference})."

    def clicked(self, ack: Ack, body: Payload) -> None:
        self._pressed(body, self._feedback.clicked)
        ack()

    def explaining(self, ack: Ack, body: Payload) -> None:
        self._pressed(body, self._feedback.explaining)
        ack()

    def took_back(self, ack: Ack, body: Payload) -> None:
        self._pressed(body, self._feedback.took_back)
        ack()

    def _pressed(self, body: Payload, then: Callable[[ButtonClick], None]) -> None:
        click = events.click(body)
        if not click:
            return
        try:
            then(click)
        except RecordsError as error:
            log.exception("A rating of %s was not kept", click.answer_id)
            self._post_ephemeral(
                Request(click.channel, click.person, thread=click.thread),
                self._feedback.words_of(click.answer_id).rating_not_kept.format(
                    why=error.public, reference=click.answer_id
                ),
            )

    def filled(self, ack: Ack, body: Payload) -> None:
        form = filled(body)
        if form.too_long:
            words = self._feedback.words_of(form.answer_id)
            ack(response_action="errors", errors=too_long(form, words))
            return
        try:
            self._feedback.filled(form)
        except RecordsError as error:
            reference = _reference()
            log.exception("A correction was not kept (%s)", reference)
            words = self._feedback.words_of(form.answer_id)
            why = words.correction_not_kept.format(why=error.public, reference=reference)
            ack(response_action="errors", errors={"correction": why})
        else:
            ack(response_action="update", view=thanks(self._feedback.words_of(form.answer_id)))

    def ignored(self) -> None:
        """For events that the bot gets and does not need."""

    def unused(self, ack: Ack) -> None:
        ack()

    def _post_ephemeral(self, to: Request, text: str) -> None:
        message = text_message(text)
        self._thanks.submit(
            partial(
                self._slack.post_ephemeral,
                to.channel,
                to.person,
                message.text,
                message.blocks,
                to.thread,
            ),
            partial(log.warning, "Nobody could be told: %s"),
        )


def _is_wish(message: IncomingMessage) -> bool:
    """Whether a message asks to read something, or about what was read, and asks no question."""
    if not _INGEST.match(message.text):
        return False
    has_files = bool(message.files)
    is_clear = parse(message.markup, has_files=has_files).verb is not Verb.UNKNOWN
    return is_clear or has_files or bool(_NAMES.search(message.markup))


def _hint(message: IncomingMessage) -> str:
    """What is said beside the answer about what was not read."""
    words = words_for(message.text)
    if message.files and not message.text:
        return render.not_read([file.name for file in message.files], words)
    return render.cut(events.LONGEST, words) if message.is_cut else ""


def _reference() -> str:
    """A reference with which the operator finds the error in the log."""
    return f"reference {uuid4().hex[:8]}"
