"""Decides whether a candidate may go live: by this night's answers, and by all nights before.

Each condition is a small function that returns a `Check`; a candidate passes if all hold. The main
one asks for a probability of at least 91% that the candidate is better than the live model, given
all nights (`training.evidence`). So a gain of 0.05 mostly passes within three nights, and one of
0.003 a night after a few more, while a candidate that is only lucky seldom does. The other figures
may not fall by more than a margin. ``python -m bench gate`` simulates 60 nights of it;
docs/training.md shows what came out.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from statistics import fmean

from domain.adapters import Check, ComparedNight, Evaluation, Gain
from training.evaluation import ScoredAnswer, score
from training.evidence import TOLERATED, Evidence

SURE = 0.91
"""How probable it must be that the candidate is better."""

SAFE = 0.975
"""How probable it must be that the candidate is not worse by more than 0.02. With few questions,
or while they stay the same, this is the stricter condition."""

FEWEST = 5
"""With fewer held-back questions the models are not compared."""

MARGIN = 0.05
"""By how much the share of answers that contain the accepted one, or that a passage supports, may
fall: one answer in 20, but always one."""

REFUSALS = 0.01
"""By how much the share of wrong refusals may rise, but always by one."""


@dataclass(frozen=True, slots=True)
class Marks:
    """One model's marks for its answers to the night's questions, in their order.

    ``agreement`` is from 0 to 1; the others are 0 or 1.
    """

    agreement: Sequence[float]
    contained: Sequence[float]
    cited: Sequence[float]
    wrongly_refused: Sequence[float]


def marks(replies: Sequence[ScoredAnswer]) -> Marks:
    return Marks(
        [one.agreement for one in replies],
        [one.contains for one in replies],
        [one.cited for one in replies],
        [one.wrongly_refused for one in replies],
    )


def compare(
    live: Sequence[ScoredAnswer],
    candidate: Sequence[ScoredAnswer],
    night: ComparedNight,
    before: Sequence[ComparedNight] = (),
    *,
    rolled_back: Collection[str] = (),
) -> Evaluation:
    """Compares two models' replies to the same questions, given in the same order.

    ``night`` says the same in numbers, ``before`` what earlier nights saw, oldest first.
    ``rolled_back`` are adapters that were live and were taken back. `training.golden` adds its own
    condition.
    """
    evidence = Evidence()
    for one in (*before, night):
        evidence.add(one)
    checks = [_enough(len(live)), _other_answers(live, candidate), _says_something(candidate)]
    gain = Gain(0.0, 0.0, 0.0, 0.0, 0.0)
    if live:
        gain = evidence.difference(night.candidate, night.live)
        checks += decide(evidence, night, marks(live), marks(candidate), rolled_back=rolled_back)
    failed = [one.says for one in checks if not one.passed]
    return Evaluation(
        questions=len(live),
        live=score(live),
        candidate=score(candidate),
        low=gain.low,
        high=gain.high,
        sure=gain.sure,
        passed=not failed,
        reason=failed[0] if failed else f"its answers agree better: {_in_words(gain)}",
        gain=gain.mean,
        nights=len(before),
        checks=tuple(checks),
        safe=gain.safe,
    )


def decide(
    evidence: Evidence,
    night: ComparedNight,
    live: Marks,
    candidate: Marks,
    *,
    rolled_back: Collection[str] = (),
) -> list[Check]:
    """The conditions that need only the marks. ``evidence`` already contains ``night``."""
    gain = evidence.difference(night.candidate, night.live)
    known = [name for name in rolled_back if name in evidence and name != night.live]
    return [
        _agrees_tonight(live.agreement, candidate.agreement),
        _better(gain),
        _safe(gain),
        *(_beats(evidence.difference(night.candidate, name), name) for name in known),
        _refuses_no_more(live.wrongly_refused, candidate.wrongly_refused),
        _keeps("contained", live.contained, candidate.contained, "contain the accepted one"),
        _keeps("cited", live.cited, candidate.cited, "are supported by the passages"),
    ]


def _enough(questions: int) -> Check:
    few = f"{questions} held-back questions are too few to compare ({FEWEST} are needed)"
    return Check("enough questions", questions >= FEWEST, few)


def _other_answers(live: Sequence[ScoredAnswer], candidate: Sequence[ScoredAnswer]) -> Check:
    same = all(new.text == old.text for new, old in zip(candidate, live, strict=True))
    return Check(
        "other answers", not same, "it answers every question exactly as the live model does"
    )


def _says_something(candidate: Sequence[ScoredAnswer]) -> Check:
    return Check("an answer", any(new.text for new in candidate), "all of its answers are empty")


def _agrees_tonight(live: Sequence[float], candidate: Sequence[float]) -> Check:
    """Earlier nights may promise much of a candidate that went wrong itself."""
    rise = fmean(candidate) - fmean(live)
    says = f"its answers to tonight's questions agree less with the accepted ones ({rise:+.3f})"
    return Check("agreement tonight", rise >= 0, says)


def _better(gain: Gain) -> Check:
    return Check(
        "better than the live model",
        gain.sure >= SURE,
        f"it is better with a probability of only {gain.sure:.0%} ({SURE:.0%} is needed): "
        f"{_in_words(gain)}",
    )


def _safe(gain: Gain) -> Check:
    return Check(
        "not worse than the live model",
        gain.safe >= SAFE,
        f"it may be worse by more than {TOLERATED}: it is not with a probability of only "
        f"{gain.safe:.1%} ({SAFE:.1%} is needed); the gain is {_in_words(gain)}",
    )


def _beats(gain: Gain, name: str) -> Check:
    """What was taken back must not come again under another name."""
    says = f"it is no better than {name}, which was rolled back ({gain.sure:.0%} sure)"
    return Check(f"better than {name}", gain.sure >= SURE, says)


def _keeps(name: str, live: Sequence[float], candidate: Sequence[float], what: str) -> Check:
    before, after = sum(live), sum(candidate)
    says = f"fewer of its answers {what} ({after:.0f} of {len(live)}, not {before:.0f})"
    return Check(name, before - after <= max(1, MARGIN * len(live)), says)


def _refuses_no_more(live: Sequence[float], candidate: Sequence[float]) -> Check:
    before, after = sum(live), sum(candidate)
    says = f"it wrongly refuses {after:.0f} questions, the live model {before:.0f}"
    return Check("wrong refusals", after - before <= max(1, REFUSALS * len(live)), says)


def _in_words(gain: Gain) -> str:
    return f"{gain.mean:+.3f}, with 80% between {gain.low:+.3f} and {gain.high:+.3f}"
