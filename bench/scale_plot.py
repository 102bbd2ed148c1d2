"""Draws how long a search takes, by the number of chunks."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Point:
    """Searches in ``chunks``, of which ``readable`` may be read; times are milliseconds.

    ``all_vectors`` is the median of comparing every vector, which is only a part of a search.
    """

    chunks: int
    readable: str
    p50: float
    p99: float
    all_vectors: float


def draw(points: Sequence[Point], file: Path) -> None:
    """Writes an SVG, with a panel for each share of the chunks that may be read."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    shares = list(dict.fromkeys(point.readable for point in points))
    figure = Figure(figsize=(4 * len(shares), 3.4), layout="constrained")
    panels = figure.subplots(1, len(shares), sharey=True, squeeze=False)[0]
    for share, panel in zip(shares, panels, strict=True):
        its = [point for point in points if point.readable == share]
        sizes = [point.chunks for point in its]
        panel.fill_between(
            sizes, [p.p50 for p in its], [p.p99 for p in its], alpha=0.2, label="to p99"
        )
        panel.plot(sizes, [p.p50 for p in its], marker="o", label="a search, p50")
        panel.plot(
            sizes, [p.all_vectors for p in its], "--", marker="x", label="comparing all vectors"
        )
        panel.set(xscale="log", yscale="log", xlabel="chunks", title=f"{share} may be read")
        panel.grid(visible=True, which="major", alpha=0.3)
    panels[0].set_ylabel("milliseconds")
    panels[0].legend(fontsize="small")
    with rc_context({"svg.fonttype": "none"}):  # text stays text
        figure.savefig(file, format="svg", metadata={"Date": None})
