"""Finds how probable a refusal must be for an adapter to refuse: the limit of its refusals.

A model that was taught to refuse (`training.unanswered`) often finds the refusal probable without
choosing it. How probable it must be is set each night on questions that were held back.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from math import ceil

from domain.adapters import Example
from domain.prompt import REFUSAL
from serving.refusing import LikelyGenerator, score_of
from training.golden import GoldenReply
from training.patient import patiently
from training.unanswered import unanswered

SHARE = 0.05
"""The share of answerable questions that may be refused."""

MOST = 200
"""The most questions of each of the two kinds whose scores are asked for."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What was found. ``above`` is None if the adapter's answers stay as they are.

    ``answered`` is the number of answerable questions, ``unanswered`` that of the same questions
    with passages that do not answer them. ``refused`` are those that the model refuses by itself,
    and ``more`` those that it refuses besides because of the limit: of the first and the second.
    """

    above: float | None
    answered: int
    unanswered: int
    refused: tuple[int, int]
    more: tuple[int, int]

    def __str__(self) -> str:
        if self.above is None:
            return "Its answers stay as they are: no probability of a refusal tells them apart."
        return (
            f"It refuses where the probability of a refusal is above {self.above:.2g}: so "
            f"{self.refused[0] + self.more[0]} of {self.answered} answerable questions, "
            f"{self.refused[0]} without this, and {self.refused[1] + self.more[1]} of "
            f"{self.unanswered} whose passages hold no answer, {self.refused[1]} without this."
        )


def limit_of(answered: Sequence[float], unanswered: Sequence[float]) -> Limit:
    """The limit by the scores of questions; those that the model refuses by itself have 1.

    With a limit, an answerable question is refused with a probability of at most 5%, by itself or
    because of the limit, if it is like the others. This is split conformal prediction (Vovk et
    al., 2005; Angelopoulos and Bates, 2021, arXiv:2107.07511, section 1): of n scores it takes the
    one of rank ceil(0.95 (n + 1)), which the next score exceeds with at most 5%. For fewer than 19
    there is no such score, so no limit. Nor is there one if the model refuses more by itself, or if
    it would not refuse more than 5% of what is not answered besides.
    """
    above = _quantile(answered)
    refused = (_above(answered, 1.0), _above(unanswered, 1.0))
    if above is not None and above < 1.0:
        more = tuple(sum(above < one < 1.0 for one in scores) for scores in (answered, unanswered))
        if more[1] > SHARE * len(unanswered):
            return Limit(above, len(answered), len(unanswered), refused, (more[0], more[1]))
    return Limit(None, len(answered), len(unanswered), refused, (0, 0))


def _quantile(scores: Sequence[float]) -> float | None:
    rank = ceil((1 - SHARE) * (len(scores) + 1))
    return sorted(scores)[rank - 1] if rank <= len(scores) else None


def _above(scores: Iterable[float], least: float) -> int:
    return sum(one >= least for one in scores)


def find_limit(
    generator: LikelyGenerator,
    held_back: Sequence[Example],
    adapter: str,
    *,
    at_once: int,
) -> Limit | None:
    """The limit of an adapter, from questions that it was not trained on.

    None if the server gives no probabilities. Raises GenerationError.
    """
    answerable = [row for row in held_back if row.completion != REFUSAL][:MOST]
    with ThreadPoolExecutor(at_once) as threads:
        scores = [
            list(threads.map(lambda row: _score(generator, row, adapter), rows))
            for rows in (answerable, unanswered(answerable))
        ]
    answered, others = ([one for one in some if one is not None] for some in scores)
    return limit_of(answered, others) if answered else None


def _score(generator: LikelyGenerator, row: Example, adapter: str) -> float | None:
    return patiently(lambda: score_of(generator, row.prompt, adapter))


def with_golden(
    keep: Callable[[float | None], None],
    limit: Limit | None,
    ask: Callable[[], Sequence[GoldenReply]],
) -> tuple[Limit | None, Sequence[GoldenReply]]:
    """Lets ``keep`` store the limit of an adapter, and asks the golden questions with it.

    If the adapter then refuses one that the live model answers right, it gets no limit, and they
    are asked again. Raises what ``keep`` and ``ask`` raise.
    """
    if limit is None or limit.above is None:
        return limit, ask()
    keep(limit.above)
    replies = ask()
    if any(one.is_unlearned and one.after.startswith(REFUSAL) for one in replies):
        keep(None)
        return replace(limit, above=None, more=(0, 0)), ask()
    return limit, replies
