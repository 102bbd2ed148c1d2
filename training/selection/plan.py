"""What a night trains on and compares on, and what it leaves out; no model is needed for that."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeVar

from domain.adapters import Example, Origin
from domain.cards import Card
from domain.causes import Cause
from domain.grounding import is_said
from domain.prompt import REFUSAL
from domain.questions import Question, RatedAnswer
from training.causes import Causes, RetrievalCase
from training.dataset import select, split
from training.selection.by_cause import by_cause
from training.selection.harmless import harm_of
from training.selection.left_out import LeftOut
from training.selection.opinions import IsExpert, nobody_is_expert
from training.selection.shares import Night, choose, choose_to_compare, shares
from training.selection.size import is_longer, tokens_of
from training.selection.telling import most_telling_first
from training.selection.weights import weighted

NIGHT_TOKENS = 2_000_000
"""Two CPU cores train SmolLM2 on them in two and a half hours."""

COMPARED = 300
"""The most questions that models are compared on: each of them answers all."""

_T = TypeVar("_T")
_Leave = Callable[[LeftOut, str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """The rows to train on and those to compare on, oldest first, and the ids of those left out.

    ``shares`` says of each person what share of the rows to train on is theirs, from 0 to 1; see
    `training.selection.shares`. ``causes`` says of how many rated answers what was at fault,
    ``cause_of`` of which, by the answer's id; ``retrieval_cases`` are questions to search again,
    and ``found_by_now`` says of those that were whether their passage was found.
    """

    train: tuple[Example, ...]
    held_back: tuple[Example, ...]
    left_out: Mapping[LeftOut, tuple[str, ...]]
    shares: Mapping[str, float]
    causes: Mapping[Cause, int]
    cause_of: Mapping[str, Cause] = field(default_factory=dict)
    retrieval_cases: tuple[RetrievalCase, ...] = ()
    found_by_now: Mapping[str, bool] = field(default_factory=dict)

    @property
    def reasons(self) -> dict[LeftOut, int]:
        """How many rated answers were left out for which reason."""
        return {reason: len(ids) for reason, ids in self.left_out.items()}


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a night may train on: ``tokens``, counted in each of the ``epochs``; see `Recipe`.

    A row of more than ``longest`` tokens is left out. ``starters`` says how many rows that are
    nobody's are added to so many of people.
    """

    longest: int
    tokens: int = NIGHT_TOKENS
    epochs: int = 1
    starters: Callable[[int], int] = lambda _: 0

    @property
    def room(self) -> int:
        """For how many tokens of different rows there is room."""
        return self.tokens // self.epochs


def plan(
    rated: Iterable[RatedAnswer],
    bounds: Bounds,
    *,
    may_train: Callable[[RatedAnswer], bool],
    budget: int,
    cards: Iterable[Card] = (),
    kept_out: Collection[str] = (),
    is_golden: Callable[[Question], bool] = lambda _: False,
    is_expert: IsExpert = nobody_is_expert,
    unread: Mapping[LeftOut, Sequence[str]] = MappingProxyType({}),
    is_current: Callable[[Example], bool] = lambda _: True,
) -> Plan:
    """Chooses a night's rows; the other arguments are those of ``select``.

    ``unread`` are the ids of answers that were left out before they were read. ``is_current`` says
    whether a row's passages still stand in their documents.
    """
    left_out = {reason: list(ids) for reason, ids in unread.items()}
    causes = Causes()

    def leave(reason: LeftOut, answer_id: str) -> None:
        left_out.setdefault(reason, []).append(answer_id)

    why_not = _once(lambda row: _why_not(row) if is_current(row) else LeftOut.OUTDATED)
    selection = select(
        rated,
        cards=cards,
        may_train=may_train,
        budget=budget,
        kept_out=kept_out,
        is_golden=is_golden,
        is_expert=is_expert,
        why_not=why_not,
        causes=causes,
        leave_out=leave,
    )
    rows = selection.examples
    found, compared = split(rows)
    sides = {row.answer_id for row in (*found, *compared)}
    for row in rows:
        if row.answer_id not in sides:
            leave(LeftOut.ALIKE, row.answer_id)
    train = most_telling_first(_short(found, bounds, leave))
    chosen = choose(
        train,
        Night(
            raters=len(selection.raters),
            room=bounds.room,
            size=_once(tokens_of),
            why_not=why_not,
            starters=bounds.starters,
        ),
    )
    for reason, row in chosen.left_out:
        leave(reason, row.answer_id)
    held_back = choose_to_compare(
        most_telling_first(_short(compared, bounds, leave)),
        len(selection.raters),
        COMPARED,
        why_not,
    )
    for reason, row in held_back.left_out:
        leave(LeftOut.NOT_COMPARED if reason is LeftOut.NO_ROOM else reason, row.answer_id)
    at = {row.answer_id: n for n, row in enumerate(rows)}

    def oldest_first(rows: Iterable[Example]) -> list[Example]:
        return sorted(rows, key=lambda row: at[row.answer_id])

    return Plan(
        tuple(weighted(oldest_first(chosen.rows))),
        tuple(oldest_first(held_back.rows)),
        by_cause(left_out, causes.of_answers()),
        shares(chosen, bounds.starters(len(chosen.rows))),
        selection.causes,
        causes.of_answers(),
        tuple(causes.retrieval_cases()),
    )


def _short(rows: Iterable[Example], bounds: Bounds, leave: _Leave) -> Iterator[Example]:
    for row in rows:
        if is_longer(row, bounds.longest):
            leave(LeftOut.TOO_LONG, row.answer_id)
        else:
            yield row


def _why_not(row: Example) -> LeftOut | None:
    """Why a row is not used: what it holds, or that the passages do not say what somebody wrote.

    Of a liked answer it is known that they do. Both take milliseconds to find out, so only the rows
    that there is room for are looked at.
    """
    if harm := harm_of(row):
        return harm
    if row.origin is not Origin.CORRECTION or row.completion == REFUSAL:
        return None
    is_right = is_said(row.completion, row.passages, row.question)
    return None if is_right else LeftOut.UNGROUNDED


def _once(find: Callable[[Example], _T]) -> Callable[[Example], _T]:
    """``find``, which is called only once for each row."""
    known: dict[str, _T] = {}

    def of(row: Example) -> _T:
        if row.answer_id not in known:
            known[row.answer_id] = find(row)
        return known[row.answer_id]

    return of
