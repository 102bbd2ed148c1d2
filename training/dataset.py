"""Turns rated answers into training examples, and holds some of them back for the comparison.

People's ratings change the model, so no single person may change it much. Each person has one vote
for an answer, each question gives one example, each person's share of the examples is limited, and
an answer that the passages do not support is not used. Only what everyone may read is used, since
a model can repeat what it was trained on.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from hashlib import sha256
from math import ceil
from operator import attrgetter

from domain.adapters import Example, Origin
from domain.cards import Card
from domain.causes import Cause, cause_of
from domain.citations import content_words, supported
from domain.control_tokens import strip_control_tokens
from domain.fitting import BUDGET, fitting_rules, recent
from domain.grounding import grounded
from domain.prompt import REFUSAL, render
from domain.protocols import CUT
from domain.questions import Answer, AnswerKind, Fault, Question, RatedAnswer, Rating, Verdict
from domain.text import is_blank
from training.cards import answer_of, is_kept_out
from training.same.leaks import Trained
from training.same.meaning import group_of

SHARE = 0.25
"""The largest share of the examples that may come from one person."""

ALWAYS_ALLOWED = 50
"""A person may always give this many examples, so that a small team can begin."""

HELD_BACK = 0.25
"""The share of questions that are never trained on, but used to compare the models."""

NEWEST = 10_000
"""How many accepted answers are used at most; older ones are left out.

With 5 passages each they take about 200 MB of memory, and one night cannot train on more."""


class LeftOut(StrEnum):
    """Why a rated answer is not trained on, as the report says it."""

    PRIVATE = "not for everyone"
    GOLDEN = "the same as a golden question, which is only asked"
    KEPT_OUT = "of somebody who does not want to be trained on"
    UNDECIDED = "rated bad as often as good or more often, without a correction"
    UNCLEAR = "rated good by whoever wrote a correction before"
    CUT = "cut off before the end"
    UNGROUNDED = "not supported by the passages shown"
    REPEATED = "the same question was asked again"
    CAPPED = "beyond one person's share"
    OLD = "too old: there are enough newer ones"
    ALIKE = "resembles a question that is trained on, so no model is compared on it"
    OUTWEIGHED = "more 👍 than there may be for the corrections"


@dataclass(frozen=True, slots=True)
class Selection:
    """The examples, oldest first, and how many rated answers were left out for which reason.

    ``causes`` says of how many of all rated answers what was at fault.
    """

    examples: tuple[Example, ...]
    left_out: Mapping[LeftOut, int]
    causes: Mapping[Cause, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """An answer that may be trained on. ``by`` are the people who rated it good or corrected it.

    ``is_verified``: an expert wrote it.
    """

    rated: RatedAnswer
    completion: str
    origin: Origin
    by: frozenset[str]
    is_verified: bool = False

    @property
    def group(self) -> str:
        return group_of(self.rated.question)


class _Distinct:
    """One candidate for each question: that of most people, or the latest of several such.

    What an expert verified comes before what people agree on.
    """

    def __init__(self) -> None:
        self._best: OrderedDict[str, _Candidate] = OrderedDict()

    def add(self, one: _Candidate) -> _Candidate | None:
        """Adds ``one``, which must be newer than all before it.

        If there was a candidate of the same question already, returns the one that is dropped.
        """
        group = one.group
        known = self._best.pop(group, None)
        is_agreed = known is not None and len(known.by) > len(one.by) and not one.is_verified
        kept, dropped = (known, one) if known and is_agreed else (one, known)
        self._best[group] = kept
        return dropped

    def shorten(self, longest: int) -> _Candidate | None:
        """Removes the oldest if there are more than ``longest``, and returns it."""
        too_many = len(self._best) > longest
        return self._best.popitem(last=False)[1] if too_many else None

    def oldest_first(self) -> list[_Candidate]:
        return list(self._best.values())


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
    leave_out: Callable[[LeftOut, str], object] = lambda _reason, _answer_id: None,
) -> Selection:
    """Chooses which of the rated answers to train on.

    ``rated`` is in order of time and may be a stream. ``cards`` are the verified ones, in order of
    time too; they count as newer than all that is rated. ``may_train`` says whether everyone may
    read an answer: the default asks whether they could when it was answered, `Privacy.may_train`
    also whether they still can. ``budget`` is the one that the prompts were served with, in tokens.
    At most ``newest`` accepted answers are in memory at a time. Nothing that the people
    ``kept_out`` asked, rated or wrote is used. ``is_golden`` says whether a question means the same
    as a golden one, which must not be trained on. ``leave_out`` is called with each answer that is
    left out.
    """
    left_out: Counter[LeftOut] = Counter()
    causes: Counter[Cause] = Counter()
    found = _Distinct()

    def leave(reason: LeftOut, one: RatedAnswer) -> None:
        left_out[reason] += 1
        leave_out(reason, one.answer.id)

    def take(one: RatedAnswer, candidate: _Candidate | LeftOut) -> None:
        if isinstance(candidate, LeftOut):
            leave(candidate, one)
            return
        if is_golden(one.question):
            leave(LeftOut.GOLDEN, one)
            return
        if repeated := found.add(candidate):
            leave(LeftOut.REPEATED, repeated.rated)
        if old := found.shorten(newest):
            leave(LeftOut.OLD, old.rated)

    for each_rated in rated:
        one = _without(each_rated, kept_out)
        if each_rated.ratings and not one.ratings:
            leave(LeftOut.KEPT_OUT, one)
            continue
        causes.update(filter(None, [cause_of(one)]))
        take(one, _candidate(one) if may_train(one) else LeftOut.PRIVATE)
    for card in cards:
        one = answer_of(card)
        if is_kept_out(card, kept_out):
            leave(LeftOut.KEPT_OUT, one)
            continue
        take(one, _verified(one, card.confirmed_by) if may_train(one) else LeftOut.PRIVATE)
    distinct = found.oldest_first()
    fair = _capped(distinct)
    kept = {one.rated.answer.id for one in fair}
    for each in distinct:
        if each.rated.answer.id not in kept:
            leave(LeftOut.CAPPED, each.rated)
    return Selection(tuple(_example(one, budget) for one in fair), left_out, causes)


def split(rows: Sequence[Example]) -> tuple[list[Example], list[Example]]:
    """Splits the examples into those to train on and those held back for the comparison.

    Only what the question means decides, so a question is on the same side every night. A held-back
    question that resembles one to train on is left out, so that no model is compared on a question
    that it was trained on.
    """
    train = [row for row in rows if not _is_held_back(row.group)]
    trained = Trained(train)
    held_back = [row for row in rows if _is_held_back(row.group) and not trained.resemble(row)]
    return train, held_back


def balanced(train: Sequence[Example], thumbs_per_correction: float) -> list[Example]:
    """``train`` with at most ``thumbs_per_correction`` answers rated 👍 for each correction.

    The newest are kept; all are kept if there is no correction. A 👍 says only that an answer was
    right, a correction says what it should have been.
    """
    corrections = sum(row.origin is Origin.CORRECTION for row in train)
    thumbs = [row.answer_id for row in train if row.origin is Origin.THUMB_UP]
    room = ceil(corrections * thumbs_per_correction) if corrections else len(thumbs)
    kept = set(thumbs[max(0, len(thumbs) - room) :])
    return [row for row in train if row.origin is Origin.CORRECTION or row.answer_id in kept]


def _without(rated: RatedAnswer, kept_out: Collection[str]) -> RatedAnswer:
    """An answer without the ratings of these people; without any, if one of them asked."""
    if rated.question.asked_by in kept_out:
        return replace(rated, ratings=())
    kept = tuple(rating for rating in rated.ratings if rating.by not in kept_out)
    return rated if len(kept) == len(rated.ratings) else replace(rated, ratings=kept)


def _candidate(rated: RatedAnswer) -> _Candidate | LeftOut:
    """Whoever wrote a correction and said later that the answer is good has no vote until then."""
    latest = {one.by: one for one in sorted(rated.ratings, key=lambda one: one.rated_at)}.values()
    ratings = [one for one in latest if not one.undecided]
    if not ratings:
        return LeftOut.UNCLEAR
    ups = frozenset(one.by for one in ratings if one.verdict is Verdict.UP and not _correction(one))
    if 2 * len(ups) > len(ratings):
        text, origin, by = _own_text(rated.answer), Origin.THUMB_UP, ups
    elif any(_correction(one) for one in ratings):
        text, by = _agreed([one for one in ratings if _correction(one)])
        origin = Origin.CORRECTION
    else:
        return LeftOut.UNDECIDED
    if origin is Origin.THUMB_UP and rated.answer.text.endswith(CUT):
        return LeftOut.CUT
    if not text or not grounded(text, rated.answer):
        return LeftOut.UNGROUNDED
    return _Candidate(rated, text, origin, by)


def _verified(rated: RatedAnswer, by: str) -> _Candidate | LeftOut:
    """What an expert wrote is as good as a correction."""
    text = _trainable(rated.answer.text)
    if not text or not grounded(text, rated.answer):
        return LeftOut.UNGROUNDED
    return _Candidate(rated, text, Origin.CORRECTION, frozenset([by]), is_verified=True)


def _correction(rating: Rating) -> str:
    """What should have been answered; empty if the person does not say it.

    If the bot should not have answered, that is the refusal, whatever else the person wrote.
    """
    if rating.verdict is Verdict.DOWN and rating.fault is Fault.UNWANTED:
        return REFUSAL
    return _trainable(rating.correction)


def _trainable(text: str) -> str:
    """``text`` without control tokens; empty if nothing visible is left."""
    plain = strip_control_tokens(text).strip()
    return "" if is_blank(plain) else plain


def _agreed(corrections: Sequence[Rating]) -> tuple[str, frozenset[str]]:
    """The correction that most people gave, and those people; the latest if several are equal."""
    votes: dict[frozenset[str], list[Rating]] = {}
    for one in corrections:
        votes.setdefault(content_words(_correction(one)), []).append(one)
    most = max(votes.values(), key=lambda given: (len(given), given[-1].rated_at))
    return _correction(most[-1]), frozenset(one.by for one in most)


def _own_text(answer: Answer) -> str:
    """The part of a liked answer to train on; empty if passages were quoted without a model.

    People may like an answer and not notice that a part of it is invented, so sentences that no
    passage supports are left out.
    """
    match answer.kind:
        case AnswerKind.ANSWERED:
            text = _trainable(answer.text)
            sentences = answer.sentences if text == answer.text else ()
            return supported(text, answer.passages, sentences)
        case AnswerKind.REFUSED:
            return REFUSAL
        case AnswerKind.QUOTED:
            return ""


def _capped(found: Sequence[_Candidate]) -> list[_Candidate]:
    """Keeps each person's newest examples, up to the limit; what two people agree on is kept."""
    alone = [next(iter(one.by)) if len(one.by) == 1 else "" for one in found]
    share = max(SHARE, 1 / max(1, len(set(alone) - {""})))
    room = Counter(dict.fromkeys(alone, max(ALWAYS_ALLOWED, ceil(share * len(found)))))
    kept = []
    for one, person in zip(reversed(found), reversed(alone), strict=True):
        if person and not room[person]:
            continue
        room[person] -= 1
        kept.append(one)
    return kept[::-1]


def _example(candidate: _Candidate, budget: int) -> Example:
    question, answer = candidate.rated.question, candidate.rated.answer
    return Example(
        answer_id=answer.id,
        question=question.text,
        prompt=render(
            question.text,
            answer.passages,
            recent(question.history, budget),
            fitting_rules(question.rules, budget),
        ),
        completion=candidate.completion,
        origin=candidate.origin,
        group=candidate.group,
        passages=answer.passages,
        by=tuple(sorted(candidate.by)),
    )


def _is_held_back(group: str) -> bool:
    return int(sha256(group.encode()).hexdigest()[:8], 16) / 16**8 < HELD_BACK
