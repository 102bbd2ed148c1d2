"""Searches again for what was not found: whether today's documents and search find it by now."""

from collections.abc import Callable, Iterable, Sequence

from domain.questions import Passage
from domain.said import Said, said_by
from training.causes import RetrievalCase

NEWEST = 50
"""How many cases are searched again at most, the newest; a search takes some 30 ms."""

_FIRST = 5
"""Among so many passages the right one counts as found."""


Search = Callable[[str], Sequence[Passage]]
"""Finds the passages for a question, best first. Raises RetrievalError."""


def found_by_now(cases: Iterable[RetrievalCase], search: Search) -> dict[str, bool]:
    """Whether the right passage is found now, by the answer's id; the cases are oldest first.

    Those whose words are private are not searched, nor those of which nobody said what is right.
    Raises RetrievalError.
    """
    known = [one for one in cases if one.question and (one.wanted or one.source)]
    return {one.answer_id: _is_found(one, search) for one in known[-NEWEST:]}


def _is_found(case: RetrievalCase, search: Search) -> bool:
    shown = tuple(search(case.question)[:_FIRST])
    if any(case.source and case.source in _addresses(one) for one in shown):
        return True
    return bool(case.wanted) and said_by(case.wanted, shown, case.question) is Said.SAID


def _addresses(passage: Passage) -> set[str]:
    return {passage.source, passage.title, *passage.also}
