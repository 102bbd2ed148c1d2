"""What people are told, each by themselves, about what they said of an answer."""

import logging
from functools import partial

from bot.blocks import SlackBlock, button, rich
from bot.slack_client import SlackClient
from bot.workers import Workers
from domain.errors import MessengerError
from domain.questions import Rating, Verdict

log = logging.getLogger(__name__)

EXPLAIN = "explain"
"""The action_id of the button that opens the form later."""

TAKE_BACK = "take_back"
"""The action_id of the button that deletes what the person wrote in the form."""

_NOTED = {
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


class RatingNotes:
    """Posts messages that only one person sees, in the threads ``workers``."""

    def __init__(self, slack: SlackClient, workers: Workers) -> None:
        self._slack = slack
        self._workers = workers

    def rated(self, rating: Rating, channel: str, thread: str) -> None:
        """How the rating is noted, with buttons for what the person may want next."""
        text, more = _NOTED[rating.verdict], [_explain(rating.answer_id)]
        if rating.undecided:
            text, more = _UNDECIDED, [_take_back(rating.answer_id), *more]
        elif rating.verdict is Verdict.UP:
            more = []
        self._post(channel, rating.by, text, thread, *more)

    def no_form(self, answer_id: str, channel: str, person: str, thread: str) -> None:
        """The form did not open."""
        self._post(channel, person, _NOTED[Verdict.DOWN], thread, _explain(answer_id))

    def written(self, answer_id: str, channel: str, person: str, thread: str) -> None:
        self._post(channel, person, _WRITTEN, thread, _take_back(answer_id))

    def taken_back(self, rating: Rating | None, channel: str, person: str, thread: str) -> None:
        """What the person wrote is deleted; ``rating`` is what they say now."""
        says = _STILL[rating.verdict if rating else None]
        self._post(channel, person, f"What you wrote about this answer is deleted. {says}", thread)

    def unknown(self, channel: str, person: str, thread: str) -> None:
        self._post(channel, person, _UNKNOWN, thread)

    def not_here(self, channel: str, person: str, thread: str) -> None:
        self._post(channel, person, _NOT_HERE, thread)

    def _post(
        self, channel: str, person: str, text: str, thread: str, *buttons: SlackBlock
    ) -> None:
        say = partial(
            self._slack.post_ephemeral, channel, person, text, (*rich(text), *buttons), thread
        )
        self._workers.submit(say, _only_logged)


def _explain(answer_id: str) -> SlackBlock:
    return button("Say what was wrong", EXPLAIN, f"{answer_id}:{Verdict.DOWN}")


def _take_back(answer_id: str) -> SlackBlock:
    return button("Delete what I wrote", TAKE_BACK, f"{answer_id}:{Verdict.DOWN}")


def _only_logged(error: Exception) -> None:
    if isinstance(error, MessengerError):
        log.warning("A rating was kept but not shown: %s", error)
    else:
        log.error("A rating was kept but not shown", exc_info=error)
