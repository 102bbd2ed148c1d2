"""What a night did, for people (report.md, comparison.png) and for programs (report.json)."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from domain.adapters import Evaluation, Example, Score, TrainingRun
from training.dataset import Selection
from training.evaluation import ScoredAnswer

if TYPE_CHECKING:
    from training.qlora import Trained

FIGURES = ("agreement", "f1", "contained", "cited", "refused")
PICTURE = "comparison.png"

_SHOWN = 10
"""How many held-back questions report.md shows, those that changed most first."""


def write(
    run: TrainingRun,
    trained: "Trained",
    selection: Selection,
    held_back: Sequence[Example],
    replies: Sequence[Sequence[ScoredAnswer]],
) -> None:
    """Fills the folder ``run.report``; ``replies`` are those of the live model and the candidate.

    Raises OSError where the disk refuses.
    """
    assert run.evaluation is not None
    folder = Path(run.report)
    folder.mkdir(parents=True, exist_ok=True)
    rows = list(zip(held_back, *replies, strict=True))
    read = {
        "run": asdict(run),
        "trained": asdict(trained) | {"tokens_per_second": trained.tokens_per_second},
        "left_out": dict(selection.left_out),
        "questions": [_question(*row) for row in rows],
    }
    (folder / "report.json").write_text(
        json.dumps(read, indent=2, default=str, ensure_ascii=False) + "\n", "utf-8"
    )
    draw(run.evaluation, trained.losses, folder / PICTURE)
    (folder / "report.md").write_text(_markdown(run, trained, selection, rows), "utf-8")


def draw(evaluation: Evaluation, losses: Sequence[float], path: Path) -> None:
    """The figures of both models side by side, and the training's loss step by step, as a PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.6), layout="constrained")
    FigureCanvasAgg(figure)
    bars, loss = figure.subplots(1, 2)
    for offset, name, score in (
        (-0.2, "live", evaluation.live),
        (0.2, "candidate", evaluation.candidate),
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


def _markdown(
    run: TrainingRun,
    trained: "Trained",
    selection: Selection,
    rows: Sequence[tuple[Example, ScoredAnswer, ScoredAnswer]],
) -> str:
    evaluation = run.evaluation
    assert evaluation is not None
    changed = sorted(rows, key=lambda row: -abs(row[2].agreement - row[1].agreement))[:_SHOWN]
    left_out = [f"- {n} {why}" for why, n in selection.left_out.items()]
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
            f"Agreement changes by between {evaluation.low:+.3f} and {evaluation.high:+.3f} "
            f"(80%, {evaluation.questions} questions); that the candidate is better is "
            f"{evaluation.sure:.0%} likely.",
            "",
            f"Trained on {trained.rows} rows in {trained.seconds:.0f} s "
            f"({trained.tokens_per_second:.0f} tokens/s); {trained.dropped} did not fit.",
            *(["", "Rated answers that were left out:", "", *left_out] if left_out else []),
            "",
            "## Where they differ most",
            *(line for row in changed for line in _case(*row)),
            "",
        ]
    )


def _line(name: str, live: Score, candidate: Score) -> str:
    return f"| {name} | {getattr(live, name):.3f} | {getattr(candidate, name):.3f} |"


def _case(example: Example, live: ScoredAnswer, candidate: ScoredAnswer) -> list[str]:
    return [
        "",
        f"**{_one_line(example.question)}**",
        "",
        f"- accepted: {_one_line(example.completion)}",
        f"- live ({live.agreement:.2f}): {_one_line(live.text)}",
        f"- candidate ({candidate.agreement:.2f}): {_one_line(candidate.text)}",
    ]


def _question(example: Example, live: ScoredAnswer, candidate: ScoredAnswer) -> dict[str, object]:
    return {
        "answer_id": example.answer_id,
        "question": example.question,
        "accepted": example.completion,
        "live": {"text": live.text, "agreement": live.agreement},
        "candidate": {"text": candidate.text, "agreement": candidate.agreement},
    }


def _one_line(text: str) -> str:
    return " ".join(text.split())
