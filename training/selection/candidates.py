"""The answers that a night may train on: one for each question, and not too many in memory."""

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from domain.adapters import Example, Origin
from domain.fitting import fitting_rules, recent
from domain.grounding import grounded
from domain.prompt import render
from domain.questions import AnswerKind, RatedAnswer
from domain.word_for_word import stands_in
from training.selection.by_cause import not_of_the_model
from training.selection.harmless import harmful
from training.selection.left_out import LeftOut
from training.selection.opinions import IsExpert, Opinion, nobody_is_expert, opinion, trainable

_SLACK = 1.1
"""How much more candidates than wanted are in memory before the least wanted are dropped."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An answer that may be trained on. ``by`` are the people who rated it good or corrected it.

    ``is_verified``: an expert wrote a card. ``is_certain``: as in `Opinion`. Questions of one
    ``group`` are the same.
    """

    rated: RatedAnswer
    completion: str
    origin: Origin
    by: frozenset[str]
    group: str
    is_certain: bool = False
    is_verified: bool = False

    @property
    def alone(self) -> str:
        """The only person who says so; empty if several do."""
        return next(iter(self.by)) if len(self.by) == 1 else ""

    def example(self, budget: int) -> Example:
        """The training row. ``budget`` is the one that the prompt was served with, in tokens."""
        question, answer = self.rated.question, self.rated.answer
        return Example(
            answer_id=answer.id,
            question=question.text,
            prompt=render(
                question.text,
                answer.passages,
                recent(question.history, budget),
                fitting_rules(question.rules, budget),
            ),
            completion=self.completion,
            origin=self.origin,
            group=self.group,
            passages=answer.passages,
            by=tuple(sorted(self.by)),
            rejected=self._rejected(),
        )

    def _rejected(self) -> str:
        """The model's answer that people corrected; of a refusal it is not known what it wrote."""
        answer = self.rated.answer
        is_models = answer.kind is AnswerKind.ANSWERED and not self.is_verified
        return trainable(answer.text) if is_models and self.origin is not Origin.THUMB_UP else ""


def candidate_of(
    rated: RatedAnswer, group: str, is_expert: IsExpert = nobody_is_expert
) -> Candidate | LeftOut:
    """What people say of an answer, or why it is not trained on.

    Whether the passages say it is only looked at roughly: to compare it takes long.
    """
    found = opinion(rated, is_expert)
    if isinstance(found, LeftOut):
        return found
    why_not = harmful(rated, found) or not_of_the_model(rated, found)
    return why_not or _grounded(rated, found, group)


def verified(rated: RatedAnswer, by: str, group: str) -> Candidate | LeftOut:
    """What an expert wrote, from the passage that it is."""
    text = trainable(rated.answer.text)
    shown = [one.text for one in rated.answer.passages]
    origin = Origin.QUOTE if stands_in(text, shown) else Origin.CORRECTION
    found = _grounded(rated, Opinion(text, origin, frozenset([by])), group)
    if isinstance(found, LeftOut):
        return found
    return replace(found, is_certain=True, is_verified=True)


class Candidates:
    """One candidate for each question: that of most people, or the latest of several such.

    What is certain comes before what people agreed on earlier. One that ``why_not`` gives a reason
    against gives its place to another; that is only asked where there are two, since it takes long.
    At most ``most`` are kept: of those who gave most alone, the oldest are dropped, so that nobody
    fills the memory alone.
    """

    def __init__(
        self, most: int, why_not: Callable[[Candidate], LeftOut | None] = lambda _: None
    ) -> None:
        self._most = most
        self._why_not = why_not
        self._best: OrderedDict[str, Candidate] = OrderedDict()

    def add(self, one: Candidate) -> Iterator[tuple[LeftOut, Candidate]]:
        """Adds ``one``, which must be newer than all before it; yields what is dropped for it."""
        known = self._best.get(one.group)
        if known and _waits_for_another(one, known):
            yield LeftOut.WAITING, one
            return
        self._best.pop(one.group, None)
        self._best[one.group] = one
        if known:
            first, second = (known, one) if _stays(known, one) else (one, known)
            reason = self._why_not(first)
            kept, dropped = (second, first) if reason else (first, second)
            self._best[one.group] = kept
            yield reason or LeftOut.REPEATED, dropped
        if len(self._best) > _SLACK * self._most + 1:
            yield from self.shorten()

    def shorten(self) -> Iterator[tuple[LeftOut, Candidate]]:
        """Drops what is beyond the most, and yields it."""
        if len(self._best) <= self._most:
            return
        given = Counter(one.alone for one in self._best.values())
        room = _room(given, self._most)
        for group, one in list(self._best.items()):
            if given[one.alone] > room[one.alone]:
                given[one.alone] -= 1
                yield LeftOut.OLD, self._best.pop(group)

    def oldest_first(self) -> list[Candidate]:
        return list(self._best.values())


def _grounded(rated: RatedAnswer, found: Opinion, group: str) -> Candidate | LeftOut:
    is_worded = found.origin is Origin.CORRECTION
    if not found.text or (is_worded and not grounded(found.text, rated.answer)):
        return LeftOut.UNGROUNDED
    return Candidate(rated, found.text, found.origin, found.by, group, found.is_certain)


def _waits_for_another(one: Candidate, known: Candidate) -> bool:
    """Whether one person corrects what others liked when the same was asked, and shown, before."""
    return (
        one.origin is Origin.CORRECTION
        and bool(one.alone)
        and not (one.is_certain or one.is_verified)
        and known.origin is Origin.THUMB_UP
        and one.by.isdisjoint(known.by)
        and _shown(one) == _shown(known)
    )


def _stays(known: Candidate, one: Candidate) -> bool:
    """Whether what is known comes before ``one``, which is newer."""
    if one.is_certain or len(known.by) < len(one.by):
        return False
    return len(known.by) > len(one.by) or (known.is_certain and _shown(known) == _shown(one))


def _shown(one: Candidate) -> list[str]:
    return [passage.text for passage in one.rated.answer.passages]


def _room(given: Counter[str], most: int) -> dict[str, int]:
    """How many each may give so that they are ``most`` in all: as many for each as is possible.

    What several agree on, under the empty name, stays whole if there is room for it.
    """
    room = {"": min(given[""], most)}
    left = most - room[""]
    people = sorted((n, person) for person, n in given.items() if person)
    for at, (n, person) in enumerate(people):
        room[person] = min(n, -(-left // (len(people) - at)))
        left -= room[person]
    return room
