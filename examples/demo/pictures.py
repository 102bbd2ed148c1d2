"""What the demo draws in the terminal: tables, bars and the curve of the loss."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import fmean

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from cli.plain import without_controls
from domain.adapters import Evaluation
from domain.text import truncate

console = Console(highlight=False)
"""Words wrap at the terminal's width, or at 80 columns where there is none."""

_EIGHTHS = " ▁▂▃▄▅▆▇█"
_COLUMNS, _WIDE, _LINES = 20, 3, 6
"""Of the curve: few columns, since a step has only two rows, and so its loss is much by luck."""

_BAR = 28
_CELL = 70
"""The most characters of a cell."""

_MEASURED = {
    "agreement": "agrees with what colleagues accepted",
    "contained": "contains all of it",
    "cited": "is supported by a passage",
    "refused": "says that the documents do not say",
}


def plain(text: str) -> str:
    """``text`` without what a terminal would obey, and without the console's own markup."""
    return escape(without_controls(text))


def table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, lines: bool = False
) -> Table:
    """A table of plain text; cells that are too long are cut."""
    drawn = Table(*columns, show_lines=lines, header_style="bold")
    for row in rows:
        drawn.add_row(*(Text(truncate(without_controls(str(cell)), _CELL)) for cell in row))
    return drawn


def curve(losses: Sequence[float]) -> list[str]:
    """Lines of blocks, the highest first, that show how the loss fell from step to step.

    If there are more steps than columns, a column is the mean of several. ``losses`` are at least
    one, and finite.
    """
    columns = min(_COLUMNS, len(losses))
    at = [round(n * len(losses) / columns) for n in range(columns + 1)]
    means = [fmean(losses[start:end]) for start, end in pairwise(at)]
    top = max([*means, 1e-9])
    labels = {_LINES - 1: f"{top:.2f}", 0: "0.00"}
    return [
        f"{labels.get(line, ''):>5} │" + "".join(_block(mean / top, line) * _WIDE for mean in means)
        for line in reversed(range(_LINES))
    ]


def _block(height: float, line: int) -> str:
    """The part of a column that is in this line; ``height`` is from 0 to 1."""
    eighths = round(8 * (height * _LINES - line))
    return _EIGHTHS[max(0, min(8, eighths))]


def compared(evaluation: Evaluation) -> Table:
    """Two bars for each figure, drawn to the same scale: those of the live model and the new."""
    drawn = Table.grid(padding=(0, 1))
    for name, says in _MEASURED.items():
        for who, score in (("live", evaluation.live), ("new", evaluation.candidate)):
            share = getattr(score, name)
            full = round(_BAR * share)
            bar = "█" * full + "·" * (_BAR - full)
            drawn.add_row(says if who == "live" else "", who, bar, f"{share:4.0%}")
    return drawn
