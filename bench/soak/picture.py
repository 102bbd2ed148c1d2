"""Draws the memory of the roles, and what was asked and answered, with the faults."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.soak.journal import Line
from bench.soak.memory import lives

_COLOURS = {"bot": "#2a9d6f", "serve": "#3e7cb1", "schedule": "#9aa5b1", "console": "#e0a458"}
_NAMES = {"serve": "model server", "schedule": "scheduler"}


def draw(samples: Sequence[Line], faults: Sequence[Mapping[str, Any]], file: Path) -> None:
    """Writes an SVG. The ``faults`` have a number each, which the table has in the same order."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 6), layout="constrained")
    memory, flow = figure.subplots(2, sharex=True)
    for role, processes in lives(samples).items():
        for n, life in enumerate(processes):
            label = _NAMES.get(role, role) if n == 0 else None
            at, sizes = [at / 60 for at, _ in life], [size for _, size in life]
            memory.plot(at, sizes, color=_COLOURS.get(role), linewidth=1.4, label=label)
    minutes = [one["at"] / 60 for one in samples]
    flow.plot(minutes, _a_minute(samples, "asked"), color="#9aa5b1", label="asked")
    flow.plot(minutes, _a_minute(samples, "done"), color="#2a9d6f", label="answered")
    for axes in (memory, flow):
        for n, fault in enumerate(faults, 1):
            axes.axvspan(
                fault["at"] / 60,
                max(fault["ends"], fault["at"] + 1) / 60,
                color="#e9c9c0",
                zorder=0,
            )
            if axes is memory:
                middle = (fault["at"] + fault["ends"]) / 120
                place = axes.get_xaxis_transform()
                axes.text(middle, 1.01, str(n), fontsize=7, transform=place, ha="center")
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    memory.set(ylabel="memory (PSS), MB", ylim=(0, None))
    flow.set(xlabel="minute", ylabel="a minute", ylim=(0, None))
    with rc_context({"svg.fonttype": "none"}):  # text stays text
        figure.savefig(file, format="svg", metadata={"Date": None})


def _a_minute(samples: Sequence[Line], what: str) -> list[float]:
    """How many there were in the half minute before each sample, as a rate a minute."""
    found, first = [], 0
    for n, sample in enumerate(samples):
        while samples[first]["at"] < sample["at"] - 30:
            first += 1
        before = samples[max(first, n - 1) if first == n else first]
        seconds = sample["at"] - before["at"]
        found.append((sample[what] - before[what]) / seconds * 60 if seconds > 0 else 0.0)
    return found
