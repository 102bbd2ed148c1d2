"""A picture of the nights: how well the live model and each candidate answered, drawn as SVG."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.adapters import Outcome, TrainingRun

WIDTH, HEIGHT = 640, 200
_LEFT, _TOP, _RIGHT, _BOTTOM = 40, 10, 10, 20


@dataclass(frozen=True, slots=True)
class Point:
    """``x`` and ``y`` are in the picture's units, from its top left corner."""

    x: float
    y: float
    run: str
    says: str
    is_live: bool


@dataclass(frozen=True, slots=True)
class Curve:
    """``line`` is what answered after each night; ``points`` are the candidates.

    ``ticks`` are heights with their values, which are agreements from 0 to 1.
    """

    line: str
    points: tuple[Point, ...]
    ticks: tuple[tuple[float, str], ...]


def curve_of(newest_first: Sequence[TrainingRun]) -> Curve | None:
    """The curve of the nights that compared; None if fewer than two did."""
    nights = [(run, run.evaluation) for run in reversed(newest_first) if run.evaluation]
    if len(nights) < 2:
        return None
    values = [value for _, one in nights for value in (one.live.agreement, one.candidate.agreement)]
    low, high = min(values), max(values)
    low, high = max(0.0, low - 0.05), min(1.0, high + 0.05)
    across, down = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM

    def x(n: int) -> float:
        return round(_LEFT + across * n / (len(nights) - 1), 1)

    def y(value: float) -> float:
        return round(_TOP + down * (high - value) / (high - low), 1)

    points, line = list[Point](), list[str]()
    for n, (run, one) in enumerate(nights):
        is_live = run.outcome is Outcome.PROMOTED
        after = one.candidate.agreement if is_live else one.live.agreement
        line.append(f"{x(n)},{y(after)}")
        says = f"{run.started_at:%-d %B}: {one.candidate.agreement:.2f}, {run.outcome}"
        points.append(Point(x(n), y(one.candidate.agreement), run.id, says, is_live))
    ticks = tuple((y(value), f"{value:.2f}") for value in (low, (low + high) / 2, high))
    return Curve(" ".join(line), tuple(points), ticks)
