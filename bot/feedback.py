"""Turns buttons, reactions and the form behind 👎 into ratings."""

import logging
from functools import partial

from bot.blocks import SlackBlock, button, rich
from bot.events import ButtonClick, Reaction
from bot.form import SubmittedForm, form
from bot.message_ref import MessageRef, message_ref
from bot.people import People, Standing
from bot.slack_client import Me, SlackClient
from bot.workers import Workers
from domain.errors import MessengerError, MessengerRefused, NotFound
from domain.questions import Answer, Rating, Verdict
from domain.ratings import REACTIONS, Correction, InputKind, RatingInput
from records.answers import Answers
from records.questions import Questions
from records.ratings import Ratings

log = logging.getLogger(__name__)

EXPLAIN = "explain"
"""The action_id of the button that opens the form later."""

TAKE_BACK = "take_back"
"""The action_id of the button that deletes what the person wrote in the form."""

_TAKEN = {
    Verdict.UP: "Thank you: noted as good. Tonight's training may learn from it.",
    Verdict.DOWN: "Thank you: noted as bad.",
}
_UNDECIDED = (
    "Noted as good. You wrote earlier what was wrong with this answer: while both stand, neither "
    "counts. Delete what you wrote, or send the form again."
)
_WRITTEN = "What you wrote about this answer is kept. You can change it with 👎, or delete it here."
_STILL = {
    None: "You have not rated the answer otherwise.",
    Verdict.UP: "Your 👍 counts.",
    Verdict.DOWN: "Your 👎 still counts.",
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
        rating = self._ratings.give(
            RatingInput(click.answer_id, click.person, InputKind.BUTTON, click.verdict, click.at)
        )
        if click.verdict is Verdict.DOWN:
            self._forms.submit(partial(self._open_form, click), _only_logged)
        elif rating:
            self._thank(rating, click.channel, click.thread)

    def explaining(self, click: ButtonClick) -> None:
        """The button below the thanks was pressed: opens the form, without a new rating."""
        if self._may_rate(click):
            self._forms.submit(partial(self._open_form, click), _only_logged)

    def filled(self, form: SubmittedForm) -> None:
        """The form was submitted. Raises NotFound and DatabaseUnavailable."""
        self._ratings.correct(
            Correction(form.answer_id, form.person, form.opened_at, form.correction, form.reason),
            complete=not form.was_filled,
        )
        if form.correction or form.reason:
            question = self._answers.question_of(form.answer_id)
            channel, thread = message_ref(question.id).channel, message_ref(question.thread).ts
            self._post_ephemeral(
                channel, form.person, _WRITTEN, thread, (_take_back_button(form.answer_id),)
            )

    def took_back(self, click: ButtonClick) -> None:
        """The button that deletes what the person wrote was pressed. Raises DatabaseUnavailable."""
        if not self._may_rate(click):
            return
        rating = self._ratings.take_back(click.answer_id, click.person, click.at)
        says = _STILL[rating.verdict if rating else None]
        text = f"What you wrote about this answer is deleted. {says}"
        self._post_ephemeral(click.channel, click.person, text, click.thread)

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
        self._thank(kept, reaction.channel, thread)

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
        known = self._ratings.correction(click.answer_id, click.person)
        try:
            self._slack.open_view(click.trigger, form(click.answer_id, click.at, known))
        except MessengerRefused as error:
            # A trigger_id is valid for three seconds.
            log.info("No form for %s: %s", click.answer_id, error)
            text, more = _TAKEN[Verdict.DOWN], (_explain_button(click.answer_id),)
            self._post_ephemeral(click.channel, click.person, text, click.thread, more)

    def _thank(self, rating: Rating, channel: str, thread: str) -> None:
        """Says how the rating is noted, with buttons for what the person may want next."""
        text, more = _TAKEN[rating.verdict], [_explain_button(rating.answer_id)]
        if rating.undecided:
            text, more = _UNDECIDED, [_take_back_button(rating.answer_id), *more]
        elif rating.verdict is Verdict.UP:
            more = []
        self._post_ephemeral(channel, rating.by, text, thread, tuple(more))

    def _post_ephemeral(
        self, channel: str, person: str, text: str, thread: str, more: tuple[SlackBlock, ...] = ()
    ) -> None:
        self._thanks.submit(partial(self._say, channel, person, text, thread, more), _only_logged)

    def _say(
        self, channel: str, person: str, text: str, thread: str, more: tuple[SlackBlock, ...] = ()
    ) -> None:
        self._slack.post_ephemeral(channel, person, text, (*rich(text), *more), thread)


def _explain_button(answer_id: str) -> SlackBlock:
    return button("Say what was wrong", EXPLAIN, f"{answer_id}:{Verdict.DOWN}")


def _take_back_button(answer_id: str) -> SlackBlock:
    return button("Delete what I wrote", TAKE_BACK, f"{answer_id}:{Verdict.DOWN}")


def _input(answer_id: str, reaction: Reaction, *, stands: bool = True) -> RatingInput:
    kind = REACTIONS[reaction.verdict]
    return RatingInput(answer_id, reaction.person, kind, reaction.verdict, reaction.at, stands)


def _only_logged(error: Exception) -> None:
    if isinstance(error, MessengerError):
        log.warning("A rating was kept but not shown: %s", error)
    else:
        log.error("A rating was kept but not shown", exc_info=error)
