"""The Bolt app: which of Slack's events goes where, and what is done before it is acknowledged."""

import logging
import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from threading import Lock
from time import monotonic
from uuid import uuid4

from slack_bolt import Ack, App
from slack_bolt.error import BoltError

from bot import events, render
from bot.asking import Asking
from bot.blocks import text_message
from bot.conversations import Conversations
from bot.events import ButtonClick, IncomingMessage, Payload, Request
from bot.feedback import EXPLAIN, Feedback
from bot.form import FORM, filled, thanks
from bot.ingesting import Ingesting
from bot.manifest import COMMAND, SHORTCUT
from bot.slack_client import Me, SlackClient
from bot.workers import Workers
from domain.answering import Answerer
from domain.documents import Source
from domain.errors import ConfigError, Phi3Error, RecordsError
from records.answers import Answers
from records.questions import Questions
from records.ratings import Ratings
from records.sources import Sources

log = logging.getLogger(__name__)

HOLD = timedelta(seconds=30)
"""So long after a bot died, another one, or itself, takes up what it was answering."""

_ANY = re.compile(".*", re.DOTALL)
_INGEST = re.compile(r"ingest\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Bot:
    """The app with all that it runs; it is run by `bot.http` or `bot.socket_mode`."""

    app: App
    asking: Asking
    ingesting: Ingesting
    workers: tuple[Workers, ...]
    hold: timedelta

    def resume(self) -> int:
        """Holds on to what is in hand, and takes up what a crash or an outage left unfinished.

        To be called more often than every ``hold``. Raises DatabaseUnavailable.
        """
        self.asking.keep_hold()
        return self.asking.resume() + self.ingesting.resume()

    def close(self, grace: float) -> bool:
        """Whether all that was begun ended within ``grace`` seconds; the rest waits in SQL."""
        ends = monotonic() + grace
        done = [workers.close(max(ends - monotonic(), 0.0)) for workers in self.workers]
        return all(done)


def build_bot(
    slack: SlackClient,
    *,
    signing_secret: str,
    answerer: Answerer,
    questions: Questions,
    answers: Answers,
    ratings: Ratings,
    sources: Sources,
    ingest: Callable[[Source], Source],
    ingest_allowed: frozenset[str],
    answers_at_once: int = 8,
    hold: timedelta = HOLD,
) -> Bot:
    """Everything of the bot, ready to run. Asks Slack who it is.

    ``ingest`` reads one requested source and returns it as it is then. Raises ConfigError for a
    wrong token, and MessengerUnavailable.
    """
    me = slack.me()
    app = _bolt(slack, signing_secret)
    conversations = Conversations(slack.conversation)
    slow = Workers("answer", answers_at_once)
    quick = Workers("quick", 8)
    reading = Workers("ingest", 2)
    asking = Asking(slack, me, conversations, answerer, questions, answers, quick, slow, hold)
    ingesting = Ingesting(slack, me, conversations, sources, ingest, reading, ingest_allowed)
    feedback = Feedback(slack, me, questions, answers, ratings, quick)
    Listeners(slack, me, asking, ingesting, feedback, quick).listen(app)
    # Closed in this order: what is quick hands over to what is slow.
    return Bot(app, asking, ingesting, (quick, slow, reading), hold)


def _bolt(slack: SlackClient, signing_secret: str) -> App:
    try:
        # A listener runs before its event is acknowledged: what must not be lost is in SQL then.
        app = App(
            client=slack.client(),
            signing_secret=signing_secret,
            process_before_response=True,
            attaching_conversation_kwargs_enabled=False,
        )
    except BoltError as error:
        raise ConfigError("Slack does not accept SLACK_BOT_TOKEN.", str(error)) from error
    if app.oauth_flow is not None:
        # Bolt does so for these two in the environment, whatever it is given.
        raise ConfigError(
            "SLACK_CLIENT_ID and SLACK_CLIENT_SECRET are set and would switch OAuth on; unset "
            "them, the bot needs only its tokens."
        )
    return app


class Listeners:
    """Bolt's listeners: each reads the payload, keeps what must be kept, and is done."""

    def __init__(
        self,
        slack: SlackClient,
        me: Me,
        asking: Asking,
        ingesting: Ingesting,
        feedback: Feedback,
        quick: Workers,
    ) -> None:
        self._slack = slack
        self._me = me
        self._asking = asking
        self._ingesting = ingesting
        self._feedback = feedback
        self._quick = quick
        self._recent = RecentIds()

    def listen(self, app: App) -> None:
        app.event("app_mention")(self.mentioned)
        app.event("message")(self.messaged)
        app.event("reaction_added")(self.reacted)
        app.event("reaction_removed")(self.unreacted)
        app.command(COMMAND)(self.commanded)
        app.shortcut({"type": "message_action", "callback_id": SHORTCUT})(self.chosen)
        app.action(render.RATE)(self.clicked)
        app.action(EXPLAIN)(self.explaining)
        app.view(FORM)(self.filled)
        # Slack sends again what nobody acknowledges, so the rest is acknowledged too.
        app.event(_ANY)(self.ignored)
        app.action(_ANY)(self.unused)

    def mentioned(self, body: Payload) -> None:
        if message := events.message(body, self._me.user):
            self._receive(message)

    def messaged(self, body: Payload) -> None:
        message = events.message(body, self._me.user)
        if message and self._asking.is_meant(message):
            self._receive(message)

    def _receive(self, message: IncomingMessage) -> None:
        wanted = Request(
            message.channel,
            message.person,
            message.text,
            message.thread,
            message.files,
            message.is_shared,
        )
        try:
            if _INGEST.match(message.text) and events.has_sources(wanted):
                if self._recent.first(f"{message.channel}:{message.ts}"):
                    self._post_ephemeral(wanted, self._ingesting.ask(wanted))
                return
            names = [file.name for file in message.files]
            hints = [render.not_read(names)] if names else []
            hints += [render.cut(events.LONGEST)] if message.is_cut else []
            self._asking.take(message, " ".join(hints))
        except RecordsError as error:
            self._asking.tell_not_taken(message, error)

    def reacted(self, event: Payload) -> None:
        if reaction := events.reaction(event):
            self._feedback.reacted(reaction)

    def unreacted(self, event: Payload) -> None:
        if reaction := events.reaction(event):
            self._feedback.unreacted(reaction)

    def commanded(self, ack: Ack, body: Payload) -> None:
        message = text_message(self._asked(events.command(body)))
        ack(text=message.text, blocks=message.blocks, response_type="ephemeral")

    def chosen(self, ack: Ack, body: Payload) -> None:
        request = events.shortcut(body)
        text = self._asked(request) if request.files else "That message has no files to add."
        ack()
        self._post_ephemeral(request, text)

    def _asked(self, request: Request) -> str:
        try:
            return self._ingesting.ask(request)
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
                f"Your rating is not kept: {error.public} Press again in a minute "
                f"(reference {click.answer_id}).",
            )

    def filled(self, ack: Ack, body: Payload) -> None:
        form = filled(body)
        if form.too_long:
            ack(response_action="errors", errors=dict(form.too_long))
            return
        try:
            self._feedback.filled(form)
        except RecordsError as error:
            reference = _reference()
            log.exception("A correction was not kept (%s)", reference)
            why = f"Not kept: {error.public} Send again ({reference})."
            ack(response_action="errors", errors={"correction": why})
        else:
            ack(response_action="update", view=thanks())

    def ignored(self) -> None:
        """Events that the bot is sent and has no use for."""

    def unused(self, ack: Ack) -> None:
        ack()

    def _post_ephemeral(self, to: Request, text: str) -> None:
        message = text_message(text)
        self._quick.submit(
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


def _reference() -> str:
    """What a person can name to whoever runs the bot, to find an error in the log."""
    return f"reference {uuid4().hex[:8]}"


class RecentIds:
    """Remembers the last thousand events, for those that leave no row of their own in SQL."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._seen: OrderedDict[str, None] = OrderedDict()

    def first(self, name: str) -> bool:
        with self._lock:
            is_new = name not in self._seen
            self._seen[name] = None
            if len(self._seen) > 1000:
                self._seen.popitem(last=False)
        return is_new
