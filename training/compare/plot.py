"""Draws the figures of the arms, each with its interval."""

from pathlib import Path

from training.compare.figures import Comparison

_DRAWN = {"f1": "f1", "contained": "contained", "refused": "refused", "wrong": "wrong of answered"}
_COLOURS = ("#9aa5b1", "#3e7cb1", "#e0a458", "#2a9d6f")


def draw(compared: Comparison, title: str, path: Path) -> None:
    """Writes a PNG or an SVG, as the name of ``path`` ends. Raises OSError."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    width = 0.8 / len(compared.arms)
    for n, (arm, figures) in enumerate(compared.arms.items()):
        shown = [figures[name] for name in _DRAWN]
        places = [at + (n - (len(compared.arms) - 1) / 2) * width for at in range(len(shown))]
        means = [one.mean for one in shown]
        below = [max(0.0, one.mean - one.low) for one in shown]
        above = [max(0.0, one.high - one.mean) for one in shown]
        bars = axes.bar(
            places, means, width * 0.92, yerr=(below, above), capsize=3, label=arm,
            color=_COLOURS[n], ecolor="#444444", error_kw={"linewidth": 1},
        )  # fmt: skip
        tops = [f"{mean:.2f}" for mean in means]
        axes.bar_label(bars, tops, fontsize=8, padding=2)
    axes.set_xticks(range(len(_DRAWN)), list(_DRAWN.values()))
    axes.set_ylim(0, 1.12)
    axes.set_title(title, fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(ncols=len(compared.arms), loc="outside lower center", frameon=False)
    figure.savefig(path, dpi=120)
