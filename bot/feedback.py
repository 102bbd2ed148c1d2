"""Turns buttons, reactions and the form behind 👎 into ratings."""

import logging
from datetime import UTC, datetime
from functools import partial

from bot.blocks import SlackBlock, button, rich
from bot.events import ButtonClick, Reaction
from bot.form import SubmittedForm, form
from bot.message_ref import MessageRef, message_ref
from bot.people import People, Standing
from bot.slack_client import Me, SlackClient
from bot.workers import Workers
from domain.errors import MessengerError, MessengerRefused, NotFound
from domain.questions import Answer, Verdict
from domain.ratings import REACTIONS, Correction, InputKind, RatingInput
from records.answers import Answers
from records.questions import Questions
from records.ratings import Ratings

log = logging.getLogger(__name__)

EXPLAIN = "explain"
"""The action_id of the button that opens the form later."""

_TAKEN = {
    Verdict.UP: "Thank you: noted as good. Tonight's training may learn from it.",
    Verdict.DOWN: "Thank you: noted as bad.",
}
_UNKNOWN = "I no longer know that answer, so it cannot be rated. Ask again for a new one."
_NOT_HERE = "That answer is in another conversation; rate it there."


class Feedback:
    """Stores what people say of answers: each input by itself, and what they write.

    It is stored before the click is acknowledged to Slack, and shown after that. ``forms``
    must be opened within three seconds, so they do not wait for ``thanks``.
    """

    def __init__(
        self,
        slack: SlackClient,
        me: Me,
        people: People,
        questions: Questions,
        answers: Answers,
        ratings: Ratings,
        forms: Workers,
        thanks: Workers,
    ) -> None:
        self._slack = slack
        self._me = me
        self._people = people
        self._questions = questions
        self._answers = answers
        self._ratings = ratings
        self._forms = forms
        self._thanks = thanks

    def clicked(self, click: ButtonClick) -> None:
        """A thumb was pressed. Raises DatabaseUnavailable."""
        if not self._may_rate(click):
            return
        self._ratings.give(
            RatingInput(click.answer_id, click.person, InputKind.BUTTON, click.verdict, click.at)
        )
        if click.verdict is Verdict.DOWN:
            self._forms.submit(partial(self._open_form, click), _only_logged)
        else:
            self._post_ephemeral(click.channel, click.person, _TAKEN[click.verdict], click.thread)

    def explaining(self, click: ButtonClick) -> None:
        """The button below the thanks was pressed: opens the form, without a new rating."""
        if self._may_rate(click):
            self._forms.submit(partial(self._open_form, click), _only_logged)

    def filled(self, form: SubmittedForm) -> None:
        """The form was submitted. Raises NotFound and DatabaseUnavailable."""
        self._ratings.correct(
            Correction(
                form.answer_id, form.person, datetime.now(UTC), form.correction, form.reason
            ),
            complete=True,
        )

    def reacted(self, reaction: Reaction) -> None:
        """A thumb was added to a message, perhaps not to an answer. A bot has no vote.

        Raises DatabaseUnavailable, and MessengerError if Slack does not say who reacted.
        """
        answer = self._answer_at(reaction)
        if not answer or self._people.standing(reaction.person) is Standing.BOT:
            return
        kept = self._ratings.give(_input(answer.id, reaction))
        if not kept or (kept.verdict, kept.rated_at) != (reaction.verdict, reaction.at):
            return  # The event came late: the person has rated again or taken it back since.
        thread = message_ref(self._answers.question_of(answer.id).thread).ts
        more = (button("Say what was wrong", EXPLAIN, f"{answer.id}:{Verdict.DOWN}"),)
        self._post_ephemeral(
            reaction.channel,
            reaction.person,
            _TAKEN[reaction.verdict],
            thread,
            more if reaction.verdict is Verdict.DOWN else (),
        )

    def unreacted(self, reaction: Reaction) -> None:
        """A thumb was removed: what else the person said counts again.

        Raises DatabaseUnavailable.
        """
        if answer := self._answer_at(reaction):
            self._ratings.give(_input(answer.id, reaction, stands=False))

    def _answer_at(self, reaction: Reaction) -> Answer | None:
        at = MessageRef(self._me.team, reaction.channel, reaction.ts)
        return self._questions.answer_at(str(at))

    def _may_rate(self, click: ButtonClick) -> bool:
        """Whether the click came from the answer's conversation; if not, tells the person."""
        try:
            asked_at = message_ref(self._answers.question_of(click.answer_id).id)
        except NotFound:
            self._post_ephemeral(click.channel, click.person, _UNKNOWN, click.thread)
            return False
        if (asked_at.team, asked_at.channel) == (self._me.team, click.channel):
            return True
        self._post_ephemeral(click.channel, click.person, _NOT_HERE, click.thread)
        return False

    def _open_form(self, click: ButtonClick) -> None:
        try:
            self._slack.open_view(click.trigger, form(click.answer_id))
        except MessengerRefused as error:
            # A trigger_id is valid for three seconds.
            log.info("No form for %s: %s", click.answer_id, error)
            self._post_ephemeral(click.channel, click.person, _TAKEN[Verdict.DOWN], click.thread)

    def _post_ephemeral(
        self, channel: str, person: str, text: str, thread: str, more: tuple[SlackBlock, ...] = ()
    ) -> None:
        self._thanks.submit(partial(self._say, channel, person, text, thread, more), _only_logged)

    def _say(
        self, channel: str, person: str, text: str, thread: str, more: tuple[SlackBlock, ...] = ()
    ) -> None:
        self._slack.post_ephemeral(channel, person, text, (*rich(text), *more), thread)


def _input(answer_id: str, reaction: Reaction, *, stands: bool = True) -> RatingInput:
    kind = REACTIONS[reaction.verdict]
    return RatingInput(answer_id, reaction.person, kind, reaction.verdict, reaction.at, stands)


def _only_logged(error: Exception) -> None:
    if isinstance(error, MessengerError):
        log.warning("A rating was kept but not shown: %s", error)
    else:
        log.error("A rating was kept but not shown", exc_info=error)
