"""Decides which ratings count: those of people who can read the answer.

A rating is stored before anybody knows that, and waits. So none is lost while Slack does not
answer, or when the process is killed, and none counts before it is known.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from bot.ratings.readers import Readers
from bot.slack.client import Me
from bot.slack.message_ref import message_ref
from domain.errors import MessengerError, NotFound
from domain.questions import Rating
from records.answers import Answers
from records.ratings import Ratings

log = logging.getLogger(__name__)

_FIRST_PAUSE, _LONGEST_PAUSE = 2.0, 3600.0
"""Seconds between two attempts to decide; each pause is twice as long as the one before."""


@dataclass(frozen=True, slots=True)
class _Pause:
    seconds: float
    ends: float


class Counting:
    """``decided`` is called when something may count now.

    Every method raises DatabaseUnavailable.
    """

    def __init__(
        self,
        me: Me,
        readers: Readers,
        answers: Answers,
        ratings: Ratings,
        decided: Callable[[], object] = lambda: None,
    ) -> None:
        self._me = me
        self._readers = readers
        self._answers = answers
        self._ratings = ratings
        self._decided = decided
        self._pauses: dict[tuple[str, str], _Pause] = {}

    def decide(self, answer_id: str, person: str) -> Rating | None:
        """Lets what a person said count, or deletes it; returns what they say then.

        Raises NotFound, and MessengerError while Slack does not say who can read the answer.
        """
        question = self._answers.question_of(answer_id)
        channel = message_ref(question.thread or question.id).channel
        counts = self._readers.can_read(channel, person, question.asked_by)
        if not counts:
            log.info("What %s said of %s does not count: no reader", person, answer_id)
        rating = self._ratings.decide(answer_id, person, counts=counts)
        self._decided()
        return rating

    def decide_waiting(self) -> None:
        """Decides about all that waits, and that was not tried just before."""
        waiting = self._ratings.waiting()
        self._pauses = {key: pause for key, pause in self._pauses.items() if key in waiting}
        for key in waiting:
            pause = self._pauses.get(key, _Pause(_FIRST_PAUSE, 0.0))
            if pause.ends > monotonic():
                continue
            try:
                if self._is_ours(key[0]):
                    self.decide(*key)
            except NotFound:
                continue  # the answer has been deleted
            except MessengerError as error:
                log.info("What %s said of %s still waits: %s", *reversed(key), error)
                longer = min(2 * pause.seconds, _LONGEST_PAUSE)
                self._pauses[key] = _Pause(longer, monotonic() + pause.seconds)

    def _is_ours(self, answer_id: str) -> bool:
        """Whether the answer is in this bot's workspace: others have bots of their own."""
        return message_ref(self._answers.question_of(answer_id).id).team == self._me.team
