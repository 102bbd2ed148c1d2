"""Thumbs become ratings: the buttons under an answer, reactions, and the form behind a bad one."""

import logging
from datetime import UTC, datetime
from functools import partial

from bot.blocks import Block, button, rich
from bot.door import Me, Slack
from bot.events import Click, Thumb
from bot.form import Filled, form
from bot.spots import Spot, spot
from bot.workers import Workers
from domain.errors import MessengerError, MessengerRefused, NotFound
from domain.questions import Rating, Verdict
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
_NOT_HERE = "That answer stands in another conversation; rate it there."


class Feedback:
    """One rating for each person and answer, the last one counts.

    A rating is in SQL before Slack hears that the click arrived; what shows it comes right after.
    """

    def __init__(
        self,
        slack: Slack,
        me: Me,
        questions: Questions,
        answers: Answers,
        ratings: Ratings,
        quick: Workers,
    ) -> None:
        self._slack = slack
        self._me = me
        self._questions = questions
        self._answers = answers
        self._ratings = ratings
        self._quick = quick

    def clicked(self, click: Click) -> None:
        """A thumb was pressed. Raises DatabaseUnavailable."""
        if not self._may_rate(click):
            return
        self._rate(click.answer_id, click.person, click.verdict)
        if click.verdict is Verdict.DOWN:
            self._later(partial(self._open_form, click))
        else:
            self._whisper(click.channel, click.person, _TAKEN[click.verdict], click.thread)

    def explaining(self, click: Click) -> None:
        """The button below a whispered thank-you was pressed: the form, without a new rating."""
        if self._may_rate(click):
            self._later(partial(self._open_form, click))

    def filled(self, form: Filled) -> None:
        """The form came in. Raises NotFound and DatabaseUnavailable."""
        self._rate(form.answer_id, form.person, Verdict.DOWN, form.reason, form.correction)

    def reacted(self, thumb: Thumb) -> None:
        """A thumb as a reaction to a message, which may be no answer. DatabaseUnavailable."""
        answer = self._questions.answer_at(str(Spot(self._me.team, thumb.channel, thumb.ts)))
        if not answer:
            return
        self._rate(answer.id, thumb.person, thumb.verdict)
        thread = spot(self._answers.question_of(answer.id).thread).ts
        more = (button("Say what was wrong", EXPLAIN, f"{answer.id}:{Verdict.DOWN}"),)
        self._whisper(
            thumb.channel,
            thumb.person,
            _TAKEN[thumb.verdict],
            thread,
            more if thumb.verdict is Verdict.DOWN else (),
        )

    def unreacted(self, thumb: Thumb) -> None:
        """A thumb was taken away: it counts no more, unless another was given since."""
        answer = self._questions.answer_at(str(Spot(self._me.team, thumb.channel, thumb.ts)))
        if answer and any(
            rating.by == thumb.person and rating.verdict is thumb.verdict
            for rating in self._ratings.of(answer.id)
        ):
            self._ratings.withdraw(answer.id, thumb.person)

    def _may_rate(self, click: Click) -> bool:
        """Whether the press came from where the answer stands; tells the person where not."""
        try:
            place = spot(self._answers.question_of(click.answer_id).id)
        except NotFound:
            self._whisper(click.channel, click.person, _UNKNOWN, click.thread)
            return False
        if (place.team, place.channel) == (self._me.team, click.channel):
            return True
        self._whisper(click.channel, click.person, _NOT_HERE, click.thread)
        return False

    def _rate(
        self, answer_id: str, by: str, verdict: Verdict, reason: str = "", correction: str = ""
    ) -> None:
        now = datetime.now(UTC)
        self._ratings.rate(Rating(answer_id, by, verdict, now, reason, correction))

    def _open_form(self, click: Click) -> None:
        try:
            self._slack.open_view(click.trigger, form(click.answer_id))
        except MessengerRefused as error:
            # trigger_id lives for three seconds.
            log.info("No form for %s: %s", click.answer_id, error)
            self._say(click.channel, click.person, _TAKEN[Verdict.DOWN], click.thread)

    def _whisper(
        self, channel: str, person: str, text: str, thread: str, more: tuple[Block, ...] = ()
    ) -> None:
        self._later(partial(self._say, channel, person, text, thread, more))

    def _say(
        self, channel: str, person: str, text: str, thread: str, more: tuple[Block, ...] = ()
    ) -> None:
        self._slack.whisper(channel, person, text, (*rich(text), *more), thread)

    def _later(self, work: partial[None]) -> None:
        self._quick.submit(work, _only_logged)


def _only_logged(error: Exception) -> None:
    if isinstance(error, MessengerError):
        log.warning("A rating was kept but not shown: %s", error)
    else:
        log.error("A rating was kept but not shown", exc_info=error)
