"""What a night's report says, as JSON."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from domain.adapters import Adapter, ComparedNight, Example, TrainingRun
from domain.came_in import CameIn
from domain.causes import Cause
from training.evidence import TOLERATED, Evidence
from training.gate import SAFE, SURE
from training.report import golden
from training.report.nights import PastNight
from training.secrets.finding import shown

if TYPE_CHECKING:
    from training.evaluation import ScoredAnswer
    from training.golden import GoldenReply
    from training.qlora import Trained
    from training.refusals import Limit
    from training.selection.plan import Plan

Json = dict[str, Any]

_LOOKED_BACK = 6
"""How many candidates of earlier nights are compared with what tonight's had to beat."""


@dataclass(slots=True)
class Findings:
    """What a night has found up to now; what it has not got to is None or empty.

    ``replies`` are those of the live model and of the candidate to the rows held back. ``before``
    are the nights before, as the gate saw them, ``compared`` is this one. ``limit`` says where the
    candidate refuses. ``memory`` says what the night and the model server need.
    """

    plan: "Plan | None" = None
    trained: "Trained | None" = None
    replies: "Sequence[Sequence[ScoredAnswer]]" = ()
    golden: "Sequence[GoldenReply]" = ()
    before: Sequence[ComparedNight] = ()
    compared: ComparedNight | None = None
    candidate: Adapter | None = None
    limit: "Limit | None" = None
    memory: str = ""


def data(
    run: TrainingRun, found: Findings, nights: Sequence[PastNight], came_in: CameIn | None
) -> Json:
    """There is nobody's id in it. Texts hold no secrets; see `training.secrets`."""
    chosen, trained = found.plan, found.trained
    return {
        "run": asdict(run),
        "candidate": found.candidate.name if found.candidate else None,
        "state": found.candidate.state if found.candidate else None,
        "came_in": asdict(came_in) if came_in else None,
        "trained": asdict(trained) | {"tokens_per_second": trained.tokens_per_second}
        if trained
        else None,
        "memory": found.memory,
        "train": len(chosen.train) if chosen else 0,
        "held_back": len(chosen.held_back) if chosen else 0,
        "people": len(chosen.shares) if chosen else 0,
        "largest_share": max(chosen.shares.values(), default=0.0) if chosen else 0.0,
        "left_out": chosen.reasons if chosen else {},
        "causes": {cause.name.lower(): chosen.causes.get(cause, 0) for cause in Cause}
        if chosen
        else {},
        "searched_again": len(chosen.found_by_now) if chosen else 0,
        "found_by_now": sum(chosen.found_by_now.values()) if chosen else 0,
        "bounds": {"sure": SURE, "safe": SAFE, "tolerated": TOLERATED},
        "to_beat": found.compared.live if found.compared else None,
        "before": _before(found.before, found.compared),
        "nights": [asdict(one) for one in nights],
        "questions": _questions(found),
        "golden": golden.rows(found.golden),
        "refusals": asdict(found.limit) | {"says": str(found.limit)} if found.limit else None,
    }


def _before(before: Sequence[ComparedNight], tonight: ComparedNight | None) -> list[Json]:
    """What all nights say of earlier candidates, against the model that tonight's had to beat."""
    if tonight is None or not tonight.differences:
        return []
    evidence = Evidence()
    for one in (*before, tonight):
        evidence.add(one)
    return [
        {"run": one.run, **asdict(evidence.difference(one.candidate, tonight.live))}
        for one in before[-_LOOKED_BACK:]
        if one.differences and one.candidate != tonight.live
    ]


def _questions(found: Findings) -> list[Json]:
    if found.plan is None or len(found.replies) != 2:
        return []
    return [_question(*row) for row in zip(found.plan.held_back, *found.replies, strict=True)]


def _question(example: Example, live: "ScoredAnswer", candidate: "ScoredAnswer") -> Json:
    """A model may also say what a passage or another row holds, so each text is looked at."""
    asked = example.question
    return {
        "answer_id": example.answer_id,
        "question": shown(asked),
        "accepted": shown(example.completion, asked),
        "live": {"text": shown(live.text, asked), "agreement": live.agreement},
        "candidate": {"text": shown(candidate.text, asked), "agreement": candidate.agreement},
    }


def change(question: Json) -> float:
    """By how much the agreement with the accepted answer changed."""
    return abs(float(question["candidate"]["agreement"]) - float(question["live"]["agreement"]))
