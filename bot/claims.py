"""Claims that come at the same moment share one commit.

A commit waits for the disk, about 3 ms; fifty mentions at once would wait for one another. So
while one thread commits, the others' claims gather, and the next thread commits them together.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock

from domain.errors import AlreadyAsked
from domain.questions import Question
from records.questions import Questions


@dataclass(slots=True)
class _Claim:
    question: Question
    is_done: bool = False
    is_first: bool = False


class Claims:
    """``hold`` is how long a claimed question is held for the one who claims it."""

    def __init__(self, questions: Questions, hold: timedelta) -> None:
        self._questions = questions
        self._hold = hold
        self._gathering = Lock()
        self._committing = Lock()
        self._waiting: list[_Claim] = []

    def claim(self, question: Question) -> None:
        """Returns once the question is kept. Raises AlreadyAsked and DatabaseUnavailable."""
        mine = _Claim(question)
        with self._gathering:
            self._waiting.append(mine)
        with self._committing:
            if not mine.is_done:
                self._commit(mine)
        if not mine.is_first:
            raise AlreadyAsked(f"The question {question.id} was taken before.")

    def _commit(self, mine: _Claim) -> None:
        with self._gathering:
            together, self._waiting = self._waiting, []
        try:
            wanted = [claim.question for claim in together]
            taken = set(self._questions.claim(wanted, datetime.now(UTC) + self._hold))
        except BaseException:
            # Each of the others tries for itself, and hears for itself what is wrong.
            with self._gathering:
                self._waiting += [claim for claim in together if claim is not mine]
            raise
        for claim in together:
            claim.is_done = True
            claim.is_first = claim.question.id in taken
            taken.discard(claim.question.id)
