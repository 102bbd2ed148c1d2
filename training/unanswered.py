"""Makes refusals of a night's own rows: the question with passages that do not answer it.

This is how RAFT (Zhang et al., 2024) leaves the right passage out. Only a model of a billion
parameters or more tells such questions from answerable ones: on 150 XQuAD rows, a third of them
made so, SmolLM2 then refused 67 of 80 unanswerable questions and also 42 of 80 answerable ones.
"""

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

from domain.adapters import Example, Origin
from domain.content_words import content_words
from domain.prompt import REFUSAL, render
from domain.support.check import Checker
from training.replay import night_of, sample

SHARE = 0.1
"""The share of a night's answered rows that are trained on without their passages as well."""

MOST_REFUSALS = 0.2
"""The largest share of refusals among all rows: with more, answerable questions are refused."""

_LOOKED_AT = 20
"""How many other rows are looked at to find passages that are near the question."""


def with_refusals(rows: Sequence[Example]) -> list[Example]:
    """``rows``, and refusals of some of their questions; the starter rows are left as they are."""
    own = [row for row in rows if row.origin is not Origin.STARTER and row.completion != REFUSAL]
    refused = sum(row.completion == REFUSAL for row in rows)
    room = int((MOST_REFUSALS * len(rows) - refused) / (1 - MOST_REFUSALS))
    count = max(0, min(room, int(SHARE * len(own))))
    night = night_of(rows)
    made = (_unanswered(row, _others(row, own, night)) for row in sample(own, count, night))
    return [*rows, *(row for row in made if row)]


def unanswered(rows: Sequence[Example]) -> list[Example]:
    """Each of the answered ``rows`` with another one's passages; without those that have none."""
    night = night_of(rows)
    return [made for row in rows if (made := _unanswered(row, _others(row, rows, night)))]


def _others(row: Example, rows: Sequence[Example], night: str) -> list[Example]:
    """Some other rows, beginning with that whose passages have most of the question's words."""
    first = int(sha256(f"{night} {row.answer_id}".encode()).hexdigest()[:8], 16)
    some = [rows[(first + n) % len(rows)] for n in range(min(_LOOKED_AT, len(rows)))]
    asked = content_words(row.question)
    return sorted(some, key=lambda other: -len(asked & _shown_words(other)))


def _unanswered(row: Example, others: Sequence[Example]) -> Example | None:
    """The row with another one's passages; None if all of those might hold its answer."""
    if not _is_shown(row):
        return None
    own = {passage.text for passage in row.passages}
    for other in others:
        texts = {passage.text for passage in other.passages}
        if texts and own.isdisjoint(texts) and not _may_answer(other, row):
            asked = render(row.question, other.passages)[-1]
            return replace(
                row,
                prompt=(*row.prompt[:-1], asked),
                completion=REFUSAL,
                origin=Origin.LEFT_OUT,
                passages=other.passages,
                by=(),
            )
    return None


def _is_shown(row: Example) -> bool:
    """Whether the prompt's last turn is the question with its passages, and nothing else."""
    return row.prompt[-1] == render(row.question, row.passages)[-1]


def _may_answer(other: Example, row: Example) -> bool:
    """Whether the other row's passages support a sentence of the answer, or nearly do."""
    checker = Checker(other.passages, row.question)
    checked = checker.check(row.completion)
    return not checked or any(one.supported or checker.is_near(one) for one in checked)


def _shown_words(row: Example) -> frozenset[str]:
    return frozenset().union(*(content_words(passage.text) for passage in row.passages))
