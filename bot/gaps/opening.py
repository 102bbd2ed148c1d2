"""Opens gaps for admins, and does what they choose in the form."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from bot.answers.safe import escape_mrkdwn
from bot.gaps.card_plans import CardPlans, card_for, in_words
from bot.gaps.closing import GapClosing
from bot.gaps.form import FilledGap, GapChoice, closed_view, done_view, gap_form
from bot.gaps.overview import Overview
from bot.gaps.viewers import Viewers
from bot.jobs.workers import Workers
from bot.slack.client import SlackClient
from bot.slack.events import ButtonPress
from domain.cards import Card
from domain.errors import AlreadyChanged, Phi3Error
from domain.gaps import Closing, GapState
from records.gaps import Gaps
from records.questions import Questions

log = logging.getLogger(__name__)

_SECONDS = 1.5
"""How long Slack is asked what the admin may read: it lets a form be opened for three seconds."""

_NOT_YOURS = "Only admins open what the documents do not answer."
_GONE = "That gap is gone: nothing of it is unanswered any more."
_ENDED = "Somebody else closed this gap a moment ago."
_ANSWERED = (
    "{why} Copy what you wrote, close this form and open the gap again: it shows what is left."
)
_NO_READERS = "Slack does not tell who can read the places where it was asked."
_FAILED = "I could not open that. Press again in a minute."
_WRITTEN = (
    "Thank you. I keep the answer, ask the questions again, and tell each person once what is "
    "answered now."
)
_ASKED = (
    "I ask the questions again, and tell each person once what is answered now, if the documents "
    "support the whole answer."
)
_WAITS = (
    "Write now, where those who asked can read it: /phi3-ingest {address}\nWhen it is read, I ask "
    "the questions again, and tell each person once what is answered."
)
_PUT_AWAY = "It is put away. It is back when it is asked much more."


class GapForms:
    """``soon`` does the due jobs."""

    def __init__(
        self,
        slack: SlackClient,
        viewers: Viewers,
        places: CardPlans,
        overview: Overview,
        closing: GapClosing,
        gaps: Gaps,
        questions: Questions,
        forms: Workers,
        soon: Callable[[], object],
    ) -> None:
        self._slack = slack
        self._viewers = viewers
        self._places = places
        self._overview = overview
        self._closing = closing
        self._gaps = gaps
        self._questions = questions
        self._forms = forms
        self._soon = soon

    def open(self, press: ButtonPress, trigger: str) -> None:
        """Opens the form, by a thread of ``forms``."""
        self._forms.submit(partial(self._open, press, trigger), partial(self._not_opened, press))

    def save(self, form: FilledGap) -> tuple[str, dict[str, str]]:
        """Does what was chosen; returns what to say, or a message for each wrong field.

        Raises MessengerError and DatabaseUnavailable.
        """
        if form.errors:
            return "", dict(form.errors)
        if not self._viewers.people.is_admin(form.person):
            return "", form.wrong(_NOT_YOURS)
        gap = self._gaps.find(form.gap_id)
        if gap is None or gap.team != self._viewers.team:
            return "", form.wrong(_GONE)
        if form.choice is GapChoice.ANSWER and not self._cards(form):
            return "", form.wrong(_NO_READERS)
        try:
            is_done, said = self._do(form)
        except AlreadyChanged as error:
            return "", form.wrong(_ANSWERED.format(why=error))
        if not is_done:
            return "", form.wrong(_ENDED)
        self._soon()
        return said, {}

    def _do(self, form: FilledGap) -> tuple[bool, str]:
        match form.choice:
            case GapChoice.ANSWER:
                cards = self._cards(form)
                return self._closing.close(
                    form.gap_id, Closing.ANSWER, form.person, cards
                ), _WRITTEN
            case GapChoice.ANSWERED:
                return self._closing.close(form.gap_id, Closing.ANSWERED, form.person), _ASKED
            case GapChoice.DOCUMENT:
                now = datetime.now(UTC)
                is_open = self._gaps.wait_for(form.gap_id, form.document, form.person, now)
                return is_open, _WAITS.format(address=_as_written(form.document))
        return self._gaps.dismiss(form.gap_id, form.person, datetime.now(UTC)), _PUT_AWAY

    def _cards(self, form: FilledGap) -> list[Card]:
        now = datetime.now(UTC)
        return [
            card_for(place, question, form.answer, form.person, now)
            for place in form.places
            if (question := self._questions.find(place.question_id))
        ]

    def _open(self, press: ButtonPress, trigger: str) -> None:
        if not self._viewers.people.is_admin(press.person):
            self._tell(press, _NOT_YOURS)
            return
        gap = self._gaps.find(press.value)
        if gap is None or gap.team != self._viewers.team:
            self._tell(press, _GONE)
            return
        if gap.state is not GapState.OPEN:
            told = self._gaps.told_since(gap.id, gap.closed_at) if gap.closed_at else 0
            self._slack.open_view(trigger, closed_view(gap, told))
            return
        view = self._overview.one(gap.id, self._viewers.person(press.person, _SECONDS))
        if view is None:
            self._slack.open_view(trigger, done_view(_GONE))
            return
        places = self._places.of(view.readable)
        self._slack.open_view(trigger, gap_form(view, places, in_words(places)))

    def _not_opened(self, press: ButtonPress, error: Exception) -> None:
        log.warning("A gap is not opened: %s", error)
        if isinstance(error, Phi3Error):
            self._forms.submit(
                partial(self._tell, press, _FAILED), partial(log.warning, "Nobody told: %s")
            )

    def _tell(self, press: ButtonPress, text: str) -> None:
        thread = press.thread
        self._slack.post_ephemeral(press.channel, press.person, escape_mrkdwn(text), (), thread)


def _as_written(document: str) -> str:
    """How a document's address is written behind /phi3-ingest."""
    return f"git {document.removeprefix('git+')}" if document.startswith("git+") else document
