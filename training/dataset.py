"""Turns rated answers into training examples, and holds some of them back for the comparison.

People's ratings change the model, so no single person may change it much: `training.selection` has
the rules. Only what everyone may read is used, since a model can repeat what it was trained on.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from operator import attrgetter

from domain.adapters import Example
from domain.cards import Card
from domain.causes import Cause
from domain.fitting import BUDGET
from domain.questions import Question, RatedAnswer
from training.cards import answer_of, is_kept_out
from training.causes import Causes
from training.same.leaks import Trained
from training.same.meaning import group_of
from training.selection.candidates import Candidate, Candidates, candidate_of, verified
from training.selection.left_out import LeftOut
from training.selection.opinions import IsExpert, counting, nobody_is_expert

HELD_BACK = 0.25
"""The share of questions that are never trained on, but used to compare the models."""

NEWEST = 10_000
"""How many accepted answers are used at most; older ones are left out.

With 5 passages each they take about 200 MB of memory, and one night cannot train on more."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The examples, oldest first, and how many rated answers were left out for which reason.

    ``causes`` says of how many of all rated answers what was at fault. ``raters`` are the people
    whose ratings count, also those of answers that are left out.
    """

    examples: tuple[Example, ...]
    left_out: Mapping[LeftOut, int]
    causes: Mapping[Cause, int] = field(default_factory=dict)
    raters: frozenset[str] = frozenset()


def examples(rated: Iterable[RatedAnswer], *, budget: int = BUDGET) -> list[Example]:
    """The examples of ``select``."""
    return list(select(rated, budget=budget).examples)


def select(
    rated: Iterable[RatedAnswer],
    *,
    cards: Iterable[Card] = (),
    may_train: Callable[[RatedAnswer], bool] = attrgetter("was_open"),
    budget: int = BUDGET,
    newest: int = NEWEST,
    kept_out: Collection[str] = (),
    is_golden: Callable[[Question], bool] = lambda _: False,
    is_expert: IsExpert = nobody_is_expert,
    why_not: Callable[[Example], LeftOut | None] = lambda _: None,
    causes: Causes | None = None,
    leave_out: Callable[[LeftOut, str], object] = lambda _reason, _answer_id: None,
) -> Selection:
    """Chooses which of the rated answers may be trained on.

    ``rated`` is in order of time and may be a stream. ``cards`` are the verified ones, in order of
    time too; they count as newer than all that is rated. ``may_train`` says whether everyone may
    read an answer: the default asks whether they could when it was answered, `Privacy.may_train`
    also whether they still can. ``budget`` is the one that the prompts were served with, in tokens.
    About ``newest`` accepted answers are in memory at a time. Nothing that the people
    ``kept_out`` asked, rated or wrote is used. ``is_golden`` says whether a question means the same
    as a golden one, which must not be trained on. Of the answers to the same question one is
    chosen that ``why_not`` gives no reason against, if there is one. ``causes`` gets what was at
    fault in each. ``leave_out`` is called with each answer that is left out.
    """
    left_out: Counter[LeftOut] = Counter()
    causes = causes or Causes()
    raters: set[str] = set()
    found = Candidates(newest, lambda one: why_not(one.example(budget)))

    def leave(reason: LeftOut, one: RatedAnswer) -> None:
        left_out[reason] += 1
        leave_out(reason, one.answer.id)

    def take(one: RatedAnswer, candidate: Candidate | LeftOut) -> None:
        if isinstance(candidate, LeftOut):
            leave(candidate, one)
            return
        if is_golden(one.question):
            leave(LeftOut.GOLDEN, one)
            return
        for reason, dropped in found.add(candidate):
            leave(reason, dropped.rated)

    for each_rated in rated:
        one = _without(each_rated, kept_out)
        if each_rated.ratings and not one.ratings:
            leave(LeftOut.KEPT_OUT, one)
            continue
        causes.add(one)
        if not may_train(one):
            leave(LeftOut.PRIVATE, one)
            continue
        raters.update(rating.by for rating in counting(one))
        take(one, candidate_of(one, group_of(one.question), is_expert))
    for card in cards:
        one = answer_of(card)
        if is_kept_out(card, kept_out):
            leave(LeftOut.KEPT_OUT, one)
            continue
        if not may_train(one):
            leave(LeftOut.PRIVATE, one)
            continue
        raters.add(card.confirmed_by)
        take(one, verified(one, card.confirmed_by, group_of(one.question)))
    for reason, dropped in found.shorten():
        leave(reason, dropped.rated)
    rows = tuple(one.example(budget) for one in found.oldest_first())
    return Selection(rows, left_out, causes.counts(), frozenset(raters))


def split(rows: Sequence[Example]) -> tuple[list[Example], list[Example]]:
    """Splits the examples into those to train on and those held back for the comparison.

    Only what the question means decides, so a question is on the same side every night. A held-back
    question that resembles one to train on is left out, so that no model is compared on a question
    that it was trained on.
    """
    train = [row for row in rows if not is_held_back(row.group)]
    trained = Trained(train)
    held_back = [row for row in rows if is_held_back(row.group) and not trained.resemble(row)]
    return train, held_back


def _without(rated: RatedAnswer, kept_out: Collection[str]) -> RatedAnswer:
    """An answer without the ratings of these people; without any, if one of them asked."""
    if rated.question.asked_by in kept_out:
        return replace(rated, ratings=())
    kept = tuple(rating for rating in rated.ratings if rating.by not in kept_out)
    return rated if len(kept) == len(rated.ratings) else replace(rated, ratings=kept)


def is_held_back(group: str) -> bool:
    """Whether questions of this group are held back, every night."""
    return int(sha256(group.encode()).hexdigest()[:8], 16) / 16**8 < HELD_BACK
