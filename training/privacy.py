"""What may train: only what every member of the installation may read when the night begins.

Weights leak, and nobody is kept from asking them. So the question must have been asked where
everyone could read it, and so must each earlier turn of its conversation, since an answer may
repeat what stood there. Each passage that was shown must have been given to a whole workspace then,
and must be given to all members now: a source that was removed, or is narrower by now, trains
nothing. Where several workspaces share one installation, nothing that one of them asked trains.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Protocol

from domain.questions import Question, RatedAnswer

LONGEST = 200
"""Earlier turns of a conversation that are looked at; a longer conversation trains nothing."""


class GrantsOfToday(Protocol):
    """Who may read which source now. Every method raises DatabaseUnavailable."""

    def readable_by_all(self, wanted: Collection[str]) -> frozenset[str]:
        """Those of the sources that every member of this installation may read."""
        ...

    def teams(self) -> frozenset[str]:
        """The workspaces that use this installation."""
        ...


class EarlierAnswers(Protocol):
    def earlier(self, thread: str, before: datetime, limit: int) -> Sequence[RatedAnswer]:
        """The latest ``limit`` answered questions of a conversation before then, oldest first."""
        ...


class Privacy:
    """Decides for one night; what it learnt of a source holds for all of it."""

    def __init__(self, grants: GrantsOfToday, turns: EarlierAnswers) -> None:
        self._grants, self._turns = grants, turns
        self._is_one_team = len(grants.teams()) <= 1
        self._readable: dict[str, bool] = {}

    def may_train(self, rated: RatedAnswer) -> bool:
        """Raises DatabaseUnavailable."""
        question = rated.question
        if not self._is_open(rated):
            return False
        # What has no thread was given its history together with the question, in the terminal.
        if not question.history or not question.thread:
            return True
        earlier = self._turns.earlier(question.thread, question.asked_at, LONGEST + 1)
        is_known = len(earlier) <= LONGEST and _is_traced(
            [*(one.question for one in earlier), question], earlier
        )
        return is_known and all(map(self._is_open, earlier))

    def _is_open(self, rated: RatedAnswer) -> bool:
        is_for_all = self._is_one_team or not rated.question.id.startswith("slack:")
        return is_for_all and was_open(rated) and self._are_readable(rated)

    def _are_readable(self, rated: RatedAnswer) -> bool:
        sources = {passage.source for passage in rated.answer.passages}
        if unknown := sources - self._readable.keys():
            readable = self._grants.readable_by_all(unknown)
            self._readable.update({source: source in readable for source in unknown})
        return all(self._readable[source] for source in sources)


def was_open(rated: RatedAnswer) -> bool:
    """Whether everyone could read the question and its passages when it was answered."""
    return rated.question.audience.is_everyone and all(
        passage.audience.reaches_everyone for passage in rated.answer.passages
    )


def _is_traced(questions: Iterable[Question], answered: Sequence[RatedAnswer]) -> bool:
    """Whether each turn that any of the questions had before it is one of those ``answered``."""
    known = {("user", one.question.text) for one in answered}
    known |= {("assistant", one.answer.text) for one in answered}
    return all((turn.role, turn.content) in known for one in questions for turn in one.history)
