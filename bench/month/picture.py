"""Draws the quality after each night, one line for each arm."""

from collections.abc import Mapping, Sequence
from pathlib import Path

ARMS = {
    "ours": ("ours", "#2a9d6f", 2.4),
    "starter": ("the starter, without nights", "#3e7cb1", 1.6),
    "naive": ("learning from everything", "#e0a458", 1.6),
    "base": ("the base", "#9aa5b1", 1.6),
}
"""Of each arm: what it is called, its colour, and how wide its line is."""


def draw(
    curves: Mapping[str, Sequence[float | None]], change_day: int, killed: int | None, file: Path
) -> None:
    """Writes an SVG. ``curves`` are the f1 after each night, ``killed`` is a night, if one was."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.subplots()
    nights = range(1, len(curves["ours"]) + 1)
    for arm, (label, colour, width) in ARMS.items():
        pairs = zip(nights, curves[arm], strict=True)
        known = [(night, f1) for night, f1 in pairs if f1 is not None]
        at_nights, heights = [night for night, _ in known], [f1 for _, f1 in known]
        axes.plot(at_nights, heights, color=colour, linewidth=width, label=label, marker=".")
    for at, what in ((change_day, "documents change"), (killed, "a night is killed")):
        if at is not None and at in nights:
            axes.axvline(at, color="#bbbbbb", linewidth=1, linestyle=":", zorder=0)
            axes.text(at, 1.01, what, fontsize=8, transform=axes.get_xaxis_transform(), ha="center")
    axes.set(xlabel="night", ylabel="f1 on unseen questions", ylim=(0, None))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(ncols=len(ARMS), loc="outside lower center", frameon=False, fontsize=9)
    with rc_context({"svg.fonttype": "none"}):  # text stays text
        figure.savefig(file, format="svg", metadata={"Date": None})
