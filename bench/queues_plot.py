"""Draws how long people wait for the first word, by the questions in an hour."""

from collections.abc import Sequence
from pathlib import Path

from bench.queues import FIRST_WORD_SECONDS, H200, TWO_CORES, Machine, p95, simulate

_SERVERS = ((TWO_CORES, 1), (H200, 1), (H200, 2), (H200, 4))
_LOADS = (0.02, 0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95)
_SHORT = {TWO_CORES.name: "two cores, SmolLM2", H200.name: "H200"}


def draw(people: Sequence[tuple[int, float]], file: Path, *, questions: int = 5_000) -> None:
    """Writes an SVG; ``people`` are numbers of people with their questions in the busiest hour."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3.6), layout="constrained")
    panel = figure.subplots()
    for machine, servers in _SERVERS:
        points = [_point(machine, servers, load, questions) for load in _LOADS]
        label = _SHORT[machine.name] if servers == 1 else f"{servers} x {_SHORT[machine.name]}"
        panel.plot(*zip(*points, strict=True), marker="o", markersize=3, label=label)
    panel.axhline(FIRST_WORD_SECONDS, color="grey", linestyle="--", linewidth=0.8)
    for count, an_hour in people:
        panel.axvline(an_hour, color="grey", linewidth=0.8)
        panel.annotate(f"{count:,} people", (an_hour, 0.05), rotation=90, fontsize="small")
    panel.set(
        xscale="log",
        yscale="log",
        ylim=(0.04, 200),
        xlabel="questions in an hour",
        ylabel="first word, p95, seconds",
    )
    panel.grid(visible=True, which="major", alpha=0.3)
    panel.legend(fontsize="small")
    with rc_context({"svg.fonttype": "none"}):  # text stays text
        figure.savefig(file, format="svg", metadata={"Date": None})


def _point(machine: Machine, servers: int, load: float, questions: int) -> tuple[float, float]:
    """``load`` is a share of the most that these servers answer."""
    an_hour = load * servers * machine.rate(machine.together) * 3600
    waits = simulate(machine, servers, an_hour, questions=questions)
    return an_hour, p95(waits.first_word)
