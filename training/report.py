"""Writes a night's report, for people (report.md, comparison.png) and programs (report.json)."""

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from domain.adapters import (
    ChangedAnswer,
    Check,
    Evaluation,
    Example,
    NightFiles,
    Score,
    TrainingRun,
)
from domain.causes import Cause
from training import golden_report
from training.evaluation import ScoredAnswer
from training.golden import GoldenReply
from training.refusals import Limit
from training.secrets.finding import shown
from training.selection.plan import Plan

if TYPE_CHECKING:
    from training.qlora import Trained

FIGURES = ("agreement", "f1", "contained", "cited", "refused")
PICTURE = "comparison.png"
DATA = "report.json"
TEXT = "report.md"

_SHOWN = 10
"""How many held-back questions report.md shows, beginning with those that changed most."""

_DIFFER = "## Where they differ most"
_ANSWER_ID = re.compile('"answer_id": "([^"]{1,64})"')


def write(
    run: TrainingRun,
    trained: "Trained",
    plan: Plan,
    held_back: Sequence[Example],
    replies: Sequence[Sequence[ScoredAnswer]],
    golden: Sequence[GoldenReply] = (),
    limit: Limit | None = None,
) -> None:
    """Writes the files into ``run.report``. ``replies`` are the live model's and the candidate's.

    ``golden`` are those to the golden questions; ``limit`` says where the candidate refuses.

    Raises OSError.
    """
    assert run.evaluation is not None
    folder = Path(run.report)
    folder.mkdir(parents=True, exist_ok=True)
    questions = [_question(*row) for row in zip(held_back, *replies, strict=True)]
    read = {
        "run": asdict(run),
        "trained": asdict(trained) | {"tokens_per_second": trained.tokens_per_second},
        "left_out": plan.reasons,
        "causes": {cause.name.lower(): plan.causes.get(cause, 0) for cause in Cause},
        "questions": questions,
        "golden": golden_report.rows(golden),
        "refusals": asdict(limit) if limit else None,
    }
    (folder / DATA).write_text(_json(read), "utf-8")
    draw(run.evaluation, trained.losses, folder / PICTURE)
    refusals = f"\n{limit}\n" if limit else ""
    markdown = _markdown(run, trained, plan) + refusals + _ends(read)
    (folder / TEXT).write_text(markdown, "utf-8")


def read_files(run: TrainingRun) -> NightFiles:
    """What ``write`` has written; empty if it is not, or no longer, there. Raises nothing."""
    if not run.report:
        return NightFiles()
    folder = Path(run.report)
    try:
        read = json.loads((folder / DATA).read_text("utf-8"))
        found = [
            ChangedAnswer(
                str(one["answer_id"]),
                str(one["question"]),
                str(one["live"]["text"]),
                str(one["candidate"]["text"]),
            )
            for one in sorted(read["questions"], key=_change, reverse=True)
        ]
        picture = folder / PICTURE
        return NightFiles(
            picture.read_bytes() if picture.is_file() else b"",
            tuple(one for one in found if one.before != one.after),
            golden_report.summary(read.get("golden", [])),
        )
    except (OSError, ValueError, KeyError, TypeError):
        # It is on another machine, a person was forgotten meanwhile, or the disk failed.
        return NightFiles()


def forget(nights: Path, answer_ids: Collection[str], source: str = "") -> int:
    """Removes questions from the reports of all nights; returns how many reports it changed.

    Removes also what models answered to golden questions from ``source``. Raises OSError.
    """
    changed = 0
    for data in nights.glob(f"*/{DATA}"):
        written = data.read_text("utf-8", "replace")
        is_named = bool(source) and golden_report.names(written, source)
        if not is_named and not any(answer_id in written for answer_id in answer_ids):
            continue
        changed += 1
        text = data.with_name(TEXT)
        try:
            read = json.loads(written)
            others = [one for one in read["questions"] if one["answer_id"] not in answer_ids]
            golden = golden_report.without(read.get("golden", []), source)
            left = read | {"questions": others, "golden": golden}
            head, _, _ = text.read_text("utf-8").partition(_DIFFER)
            # report.json is written last: until then another call still finds the questions there.
            _replace(text, head + _ends(left))
            _replace(data, _json(left))
        except (ValueError, KeyError, TypeError, FileNotFoundError):
            # A report that a killed night left unfinished cannot be completed.
            text.unlink(missing_ok=True)
            data.unlink()
    return changed


def reported(nights: Path) -> frozenset[str]:
    """The ids of all answers in the reports."""
    found: set[str] = set()
    for data in nights.glob(f"*/{DATA}"):
        found.update(_ANSWER_ID.findall(data.read_text("utf-8", "replace")))
    return frozenset(found)


def draw(evaluation: Evaluation, losses: Sequence[float], path: Path) -> None:
    """Draws both models' figures, and the training's loss for each step, as a PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.6), layout="constrained")
    FigureCanvasAgg(figure)
    bars, loss = figure.subplots(1, 2)
    for offset, name, score in (
        (-0.2, "before", evaluation.live),
        (0.2, "after", evaluation.candidate),
    ):
        heights = [getattr(score, each) for each in FIGURES]
        drawn = bars.bar([n + offset for n in range(len(FIGURES))], heights, 0.4, label=name)
        bars.bar_label(drawn, fmt="%.2f", fontsize=8)
    bars.set_xticks(range(len(FIGURES)), FIGURES)
    bars.set_ylim(0, 1.1)
    bars.set_title(f"{evaluation.questions} held-back questions")
    bars.legend()
    loss.plot(range(1, len(losses) + 1), losses)
    loss.set_xlabel("step")
    loss.set_title("loss")
    figure.savefig(path, dpi=120)


def _markdown(run: TrainingRun, trained: "Trained", plan: Plan) -> str:
    evaluation = run.evaluation
    assert evaluation is not None
    left_out = [f"- {n} {why}" for why, n in plan.reasons.items()]
    causes = [f"- {n}: {cause.in_words}" for cause, n in plan.causes.items()]
    return "\n".join(
        [
            f"# {run.id}: {run.outcome}",
            "",
            f"{run.reason[:1].upper()}{run.reason[1:]}.",
            "",
            f"![Both models' figures, and the loss]({PICTURE})",
            "",
            "| | live | candidate |",
            "|---|---|---|",
            *(_line(name, evaluation.live, evaluation.candidate) for name in FIGURES),
            f"| characters | {evaluation.live.characters:.0f} "
            f"| {evaluation.candidate.characters:.0f} |",
            "",
            f"The best guess of the gain in agreement is {evaluation.gain:+.3f}, with 80% between "
            f"{evaluation.low:+.3f} and {evaluation.high:+.3f}; the candidate is better with a "
            f"probability of {evaluation.sure:.0%}. This follows from {evaluation.questions} "
            f"questions tonight and from {evaluation.nights} nights before, and expects that a "
            "part of what was seen is luck.",
            "",
            *(f"- {'✓' if one.passed else '✗'} {_of_check(one)}" for one in evaluation.checks),
            "",
            f"Trained on {trained.rows} rows in {trained.seconds:.0f} s "
            f"({trained.tokens_per_second:.0f} tokens/s); {trained.dropped} were too long.",
            *(
                [f"Went on from step {trained.resumed_at}, which a killed night had got to."]
                if trained.resumed_at
                else []
            ),
            *([f"{trained.preferences}."] if trained.preferences else []),
            *(["", "Rated answers that were left out:", "", *left_out] if left_out else []),
            *(["", "What was at fault in bad answers:", "", *causes] if causes else []),
            "",
            "",
        ]
    )


def _ends(read: dict[str, Any]) -> str:
    """The part of report.md that quotes answers: `forget` writes it anew."""
    return _cases(read["questions"]) + golden_report.markdown(read["golden"])


def _cases(questions: Sequence[dict[str, Any]]) -> str:
    most = sorted(questions, key=_change, reverse=True)[:_SHOWN]
    return "\n".join([_DIFFER, *(line for one in most for line in _case(one)), ""])


def _change(question: dict[str, Any]) -> float:
    """By how much the agreement with the accepted answer changed."""
    return abs(float(question["candidate"]["agreement"]) - float(question["live"]["agreement"]))


def _of_check(check: Check) -> str:
    return check.name if check.passed else f"{check.name}: {check.says}"


def _line(name: str, live: Score, candidate: Score) -> str:
    return f"| {name} | {getattr(live, name):.3f} | {getattr(candidate, name):.3f} |"


def _case(question: dict[str, Any]) -> list[str]:
    live, candidate = question["live"], question["candidate"]
    return [
        "",
        f"**{_one_line(question['question'])}**",
        "",
        f"- accepted: {_one_line(question['accepted'])}",
        f"- live ({live['agreement']:.2f}): {_one_line(live['text'])}",
        f"- candidate ({candidate['agreement']:.2f}): {_one_line(candidate['text'])}",
    ]


def _question(example: Example, live: ScoredAnswer, candidate: ScoredAnswer) -> dict[str, Any]:
    """A model may also say what a passage or another row holds, so each text is looked at."""
    asked = example.question
    return {
        "answer_id": example.answer_id,
        "question": shown(asked),
        "accepted": shown(example.completion, asked),
        "live": {"text": shown(live.text, asked), "agreement": live.agreement},
        "candidate": {"text": shown(candidate.text, asked), "agreement": candidate.agreement},
    }


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _json(read: dict[str, Any]) -> str:
    return json.dumps(read, indent=2, default=str, ensure_ascii=False) + "\n"


def _replace(file: Path, text: str) -> None:
    """Replaces the file in one step: readers see the old text or the new, also after a crash."""
    half = file.with_name(f".half-{file.name}")
    half.write_text(text, "utf-8")
    half.replace(file)
