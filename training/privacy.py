"""Decides what may be trained on: only what every member may read when the night begins.

A model can repeat what it was trained on, and everyone may ask it. So the question must have been
asked where everyone could read it, and so must each earlier turn of its conversation, since an
answer may repeat an earlier one. The whole workspace must have been able to read each passage when
it was shown, and all members must still be able to: an answer from a source that has since been
removed or restricted is not trained on. If several workspaces share one installation, a question
that was asked in one of them is not trained on, since the others' members could not read it.
Nothing is trained on that was asked by somebody who does not want that, or that follows such a
question.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Protocol

from domain.questions import Question, RatedAnswer

LONGEST = 200
"""How many earlier turns are checked; a question in a longer conversation is not trained on."""


class GrantsOfToday(Protocol):
    """Who may read which source now. Every method raises DatabaseUnavailable."""

    def readable_by_all(self, wanted: Collection[str]) -> frozenset[str]:
        """Those of the ``wanted`` sources that every member of this installation may read."""
        ...

    def teams(self) -> frozenset[str]:
        """The workspaces that use this installation."""
        ...


class EarlierAnswers(Protocol):
    def earlier(self, thread: str, before: datetime, limit: int) -> Sequence[RatedAnswer]:
        """The latest ``limit`` answered questions of a thread before a time, oldest first."""
        ...


class Privacy:
    """Decides for one night; asks only once who may read each source."""

    def __init__(
        self, grants: GrantsOfToday, turns: EarlierAnswers, kept_out: Collection[str] = ()
    ) -> None:
        self._grants, self._turns, self._kept_out = grants, turns, kept_out
        self._is_one_team = len(grants.teams()) <= 1
        self._readable: dict[str, bool] = {}

    def may_train(self, rated: RatedAnswer) -> bool:
        """Whether an answer may be trained on. Raises DatabaseUnavailable."""
        question = rated.question
        if not self._is_open(rated):
            return False
        # A question without a thread comes from the terminal, which gives its history with it.
        if not question.history or not question.thread:
            return True
        earlier = self._turns.earlier(question.thread, question.asked_at, LONGEST + 1)
        is_known = len(earlier) <= LONGEST and _is_traced(
            [*(one.question for one in earlier), question], earlier
        )
        return is_known and all(map(self._is_open, earlier))

    def _is_open(self, rated: RatedAnswer) -> bool:
        if rated.question.asked_by in self._kept_out:
            return False
        is_for_all = self._is_one_team or not rated.question.id.startswith("slack:")
        return is_for_all and rated.was_open and self._are_readable(rated)

    def _are_readable(self, rated: RatedAnswer) -> bool:
        sources = {passage.source for passage in rated.answer.passages}
        if unknown := sources - self._readable.keys():
            readable = self._grants.readable_by_all(unknown)
            self._readable.update({source: source in readable for source in unknown})
        return all(self._readable[source] for source in sources)


def _is_traced(questions: Iterable[Question], answered: Sequence[RatedAnswer]) -> bool:
    """Whether each earlier turn of the questions belongs to one of the ``answered``."""
    known = {("user", one.question.text) for one in answered}
    known |= {("assistant", one.answer.text) for one in answered}
    return all((turn.role, turn.content) in known for one in questions for turn in one.history)
