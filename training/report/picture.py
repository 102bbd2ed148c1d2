"""The picture that Slack shows of a night."""

from collections.abc import Sequence
from pathlib import Path

from domain.adapters import Evaluation

_FIGURES = ("agreement", "f1", "contained", "cited", "refused")


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
        heights = [getattr(score, each) for each in _FIGURES]
        drawn = bars.bar([n + offset for n in range(len(_FIGURES))], heights, 0.4, label=name)
        bars.bar_label(drawn, fmt="%.2f", fontsize=8)
    bars.set_xticks(range(len(_FIGURES)), _FIGURES)
    bars.set_ylim(0, 1.1)
    bars.set_title(f"{evaluation.questions} held-back questions")
    bars.legend()
    loss.plot(range(1, len(losses) + 1), losses)
    loss.set_xlabel("step")
    loss.set_title("loss")
    figure.savefig(path, dpi=120)
