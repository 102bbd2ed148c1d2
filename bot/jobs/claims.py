"""Commits claims that come at the same moment together.

A commit waits about 3 ms for the disk, so fifty mentions at once would wait for each other. While
one thread commits, the other threads' claims are collected; the next thread commits them together.
"""

from dataclasses import dataclass
from threading import Lock

from bot.jobs.leases import Leases
from domain.errors import AlreadyAsked
from domain.jobs import NewJob
from domain.questions import Question
from records.questions import Questions


@dataclass(slots=True)
class _Claim:
    question: Question
    job: NewJob
    is_done: bool = False
    job_id: int | None = None


class Claims:
    """Claims questions for this process, which will take their jobs."""

    def __init__(self, questions: Questions, leases: Leases) -> None:
        self._questions = questions
        self._leases = leases
        self._gathering = Lock()
        self._committing = Lock()
        self._waiting: list[_Claim] = []

    def claim(self, question: Question, job: NewJob) -> int:
        """Stores the question and its job; returns the job's id.

        Raises AlreadyAsked and DatabaseUnavailable.
        """
        mine = _Claim(question, job)
        with self._gathering:
            self._waiting.append(mine)
        with self._committing:
            if not mine.is_done:
                self._commit(mine)
        if mine.job_id is None:
            raise AlreadyAsked(f"The question {question.id} was taken before.")
        return mine.job_id

    def _commit(self, mine: _Claim) -> None:
        with self._gathering:
            together, self._waiting = self._waiting, []
        try:
            wanted = [(claim.question, claim.job) for claim in together]
            taken = dict(self._questions.claim(wanted, self._leases.hold()))
        except BaseException:
            # Each of the others then tries alone, and gets its own error.
            with self._gathering:
                self._waiting += [claim for claim in together if claim is not mine]
            raise
        for claim in together:
            claim.is_done = True
            claim.job_id = taken.pop(claim.question.id, None)
