"""What people are told, each by themselves, about what they said of an answer."""

import logging
from functools import partial

from bot.answers.blocks import SlackBlock, button, rich
from bot.jobs.workers import Workers
from bot.slack.client import SlackClient
from bot.words import ENGLISH, Words
from domain.errors import MessengerError
from domain.questions import Rating, Verdict

log = logging.getLogger(__name__)

EXPLAIN = "explain"
"""The action_id of the button that opens the form later."""

TAKE_BACK = "take_back"
"""The action_id of the button that deletes what the person wrote in the form."""


class RatingNotes:
    """Posts messages that only one person sees, in the threads ``workers``."""

    def __init__(self, slack: SlackClient, workers: Workers) -> None:
        self._slack = slack
        self._workers = workers

    def rated(
        self, rating: Rating, channel: str, thread: str, words: Words, *, may_learn: bool
    ) -> None:
        """How the rating is noted, with buttons for what the person may want next.

        ``may_learn``: a night may learn from it.
        """
        good = words.noted_good if may_learn else words.noted_only
        text = good if rating.verdict is Verdict.UP else words.noted_bad
        more = [_explain(rating.answer_id, words)]
        if rating.undecided:
            text, more = words.undecided, [_take_back(rating.answer_id, words), *more]
        elif rating.verdict is Verdict.UP:
            more = []
        self._post(channel, rating.by, text, thread, *more)

    def no_form(self, answer_id: str, channel: str, person: str, thread: str, words: Words) -> None:
        """The form did not open."""
        self._post(channel, person, words.noted_bad, thread, _explain(answer_id, words))

    def written(self, answer_id: str, channel: str, person: str, thread: str, words: Words) -> None:
        self._post(channel, person, words.written, thread, _take_back(answer_id, words))

    def taken_back(
        self, rating: Rating | None, channel: str, person: str, thread: str, words: Words
    ) -> None:
        """What the person wrote is deleted; ``rating`` is what they say now."""
        is_good = rating and rating.verdict is Verdict.UP
        counts = words.good_counts if is_good else words.bad_counts
        says = counts if rating else words.not_rated
        self._post(channel, person, f"{words.deleted} {says}", thread)

    def unknown(self, channel: str, person: str, thread: str) -> None:
        self._post(channel, person, ENGLISH.unknown_answer, thread)

    def not_here(self, channel: str, person: str, thread: str, words: Words) -> None:
        self._post(channel, person, words.other_conversation, thread)

    def _post(
        self, channel: str, person: str, text: str, thread: str, *buttons: SlackBlock
    ) -> None:
        say = partial(
            self._slack.post_ephemeral, channel, person, text, (*rich(text), *buttons), thread
        )
        self._workers.submit(say, _only_logged)


def _explain(answer_id: str, words: Words) -> SlackBlock:
    return button(words.say_what_was_wrong, EXPLAIN, f"{answer_id}:{Verdict.DOWN}")


def _take_back(answer_id: str, words: Words) -> SlackBlock:
    return button(words.delete_what_i_wrote, TAKE_BACK, f"{answer_id}:{Verdict.DOWN}")


def _only_logged(error: Exception) -> None:
    if isinstance(error, MessengerError):
        log.warning("A rating was kept but not shown: %s", error)
    else:
        log.error("A rating was kept but not shown", exc_info=error)
