"""Answers that are shown but could not be recorded, until the database takes them."""

from collections import OrderedDict
from threading import Lock

from domain.questions import Answer

_MOST = 1_000
"""How many are kept; those that are dropped, or lost with the process, are made again."""


class Unrecorded:
    """By the ids of their questions."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._answers: OrderedDict[str, Answer] = OrderedDict()

    def get(self, question_id: str) -> Answer | None:
        with self._lock:
            return self._answers.get(question_id)

    def keep(self, question_id: str, answer: Answer) -> None:
        with self._lock:
            self._answers[question_id] = answer
            if len(self._answers) > _MOST:
                self._answers.popitem(last=False)

    def drop(self, question_id: str) -> None:
        with self._lock:
            self._answers.pop(question_id, None)
