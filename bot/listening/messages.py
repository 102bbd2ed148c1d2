"""What people write, and their reactions: questions, requests to read, changes of messages."""

import logging
import re
from collections.abc import Callable
from functools import partial

from slack_bolt import Ack, App, BoltRequest

from bot.answers import render
from bot.cards.keeping import Keeping
from bot.history.changes import HistoryChanges
from bot.ingest.command import Verb, parse
from bot.ingest.requests import Ingesting
from bot.jobs.workers import Workers
from bot.listening.telling import Telling
from bot.questions.asking import Asking
from bot.questions.edits import Edits
from bot.questions.stopping import stop
from bot.questions.taking import Taking
from bot.ratings.feedback import Feedback, NotStoredYet
from bot.slack import events
from bot.slack.client import Me, SlackClient
from bot.slack.events import IncomingMessage, Payload, Request
from bot.slack.manifest import ANSWER_SHORTCUT, STOPPED
from bot.slack.message_ref import MessageRef
from bot.words import ENGLISH, Words, words_for, words_in
from domain.errors import DatabaseUnavailable, RecordsError
from domain.questions import answer_id_of

log = logging.getLogger(__name__)

_INGEST = re.compile(r"ingest\b", re.IGNORECASE)
_NAMES = re.compile(r"https?://|#\S|\bthis thread\b", re.IGNORECASE)
"""What a wish to read something names; without it, a sentence is a question."""


class MessageListeners:
    """``telling`` tells one person; a thread of ``thanks`` posts what the thread sees."""

    def __init__(
        self,
        slack: SlackClient,
        me: Me,
        taking: Taking,
        asking: Asking,
        edits: Edits,
        keeping: Keeping,
        ingesting: Ingesting,
        changes: HistoryChanges,
        feedback: Feedback,
        telling: Telling,
        thanks: Workers,
    ) -> None:
        self._slack = slack
        self._me = me
        self._taking = taking
        self._asking = asking
        self._edits = edits
        self._keeping = keeping
        self._ingesting = ingesting
        self._changes = changes
        self._feedback = feedback
        self._telling = telling
        self._thanks = thanks

    def listen(self, app: App) -> None:
        app.event("app_mention")(self.mentioned)
        app.event("message")(self.messaged)
        app.event("reaction_added")(self.reacted)
        app.event("reaction_removed")(self.unreacted)
        app.event(STOPPED)(self.stopped)
        app.shortcut({"type": "message_action", "callback_id": ANSWER_SHORTCUT})(
            self.chosen_question
        )

    def mentioned(self, body: Payload, request: BoltRequest) -> None:
        if message := events.message(body, self._me.user):
            self._receive(message, request)

    def messaged(self, body: Payload, request: BoltRequest) -> None:
        self._edits.noticed(body)
        _as_long_as_sent(partial(self._keeping.noticed, body), request)
        _as_long_as_sent(partial(self._notice, body), request)
        message = events.message(body, self._me.user)
        if message and self._taking.is_meant(message):
            self._receive(message, request)

    def _notice(self, body: Payload) -> None:
        """Stores that a message was changed, deleted or replied to, if its channel is read."""
        if change := events.history_change(body, self._me.user):
            self._changes.noticed(change)

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
            has_replies=message.is_reply,
        )
        try:
            if _is_wish(message):
                if text := self._ingesting.ask(wanted):
                    self._telling.privately(wanted, text)
                return
            self._taking.take(message, self._hint(message))
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

    def reacted(self, body: Payload, request: BoltRequest) -> None:
        if reaction := events.reaction(body["event"]):
            _or_later(partial(self._feedback.reacted, reaction), request)
        elif wanted := events.emoji_on_message(body):
            self._taking.take_message(wanted)

    def unreacted(self, event: Payload, request: BoltRequest) -> None:
        if reaction := events.reaction(event):
            _or_later(partial(self._feedback.unreacted, reaction), request)

    def stopped(self, event: Payload) -> None:
        if pressed := stop(event):
            self._asking.stop(pressed)

    def chosen_question(self, ack: Ack, body: Payload) -> None:
        """Answers a message in its thread, for the person who chose it from the message's menu."""
        message = events.chosen_message(body, self._me.user)
        to = Request(
            message.channel,
            message.person,
            thread=message.thread,
            has_replies=message.is_reply,
        )
        ack()
        if not message.text:
            self._telling.privately(to, ENGLISH.no_words)
            return
        try:
            wish = f"{message.person}:{body.get('action_ts') or body.get('trigger_id')}"
            is_new = self._taking.take(message, self._hint(message), wish)
        except RecordsError as error:
            self._tell_not_taken(message, error)
            return
        if not is_new:
            self._telling.privately(to, self._words(message).asked_already)

    def _words(self, message: IncomingMessage) -> Words:
        """The words of the message's channel. Raises DatabaseUnavailable."""
        return words_in(self._taking.language(message.channel), message.text)

    def _hint(self, message: IncomingMessage) -> str:
        """What is said beside the answer about what was not read. Raises DatabaseUnavailable."""
        if message.files and not message.text:
            return render.not_read([file.name for file in message.files], self._words(message))
        return render.cut(events.LONGEST, self._words(message)) if message.is_cut else ""


def _or_later(rate: Callable[[], None], request: BoltRequest) -> None:
    """Lets Slack send a thumb again while it is not stored which answer it is for."""
    try:
        rate()
    except NotStoredYet:
        if not events.is_last_delivery(request.headers):
            raise


def _as_long_as_sent(notice: Callable[[], None], request: BoltRequest) -> None:
    """Lets Slack send a message again that is not noticed; but whoever sent it is heard at last.

    The whole history of a channel is read again once a day.
    """
    try:
        notice()
    except RecordsError as error:
        if not events.is_last_delivery(request.headers):
            raise
        log.warning("What a message says of others is not noticed: %s", error)


def _is_wish(message: IncomingMessage) -> bool:
    """Whether a message asks to read something, or about what was read, and asks no question."""
    if not _INGEST.match(message.text):
        return False
    has_files = bool(message.files)
    is_clear = parse(message.markup, has_files=has_files).verb is not Verb.UNKNOWN
    return is_clear or has_files or bool(_NAMES.search(message.markup))
