"""The pictures of a night's page: where each mark lies. The templates draw them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from statistics import fmean
from typing import Any

from training.report.scale import Scale

WIDTH = 520
"""In the picture's own units; a browser scales the picture to its column."""

_LABELS, _EDGE, _ROW, _TOP = 112, 14, 28, 30
_HIGH = 190
_MOST_POINTS = 300
"""A line of more points is drawn through the means of neighbours."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Guess:
    """The best guess of one candidate's gain, ``low`` to ``high`` with 80%; all are places."""

    label: str
    y: float
    low: float
    mean: float
    high: float
    tonight: float | None
    says: str


@dataclass(frozen=True, slots=True)
class Guesses:
    """``zero`` is as good as what answers now, ``tolerated`` the loss that is hardly noticed."""

    height: float
    bottom: float
    zero: float
    tolerated: float
    ticks: Sequence[tuple[float, str]]
    rows: Sequence[Guess]
    width: float = WIDTH


def guesses(evaluation: Json, before: Sequence[Json], tolerated: float, dates: Json) -> Guesses:
    """Earlier nights' candidates, then tonight's. ``dates`` are the nights' by the run's id."""
    seen = evaluation["candidate"]["agreement"] - evaluation["live"]["agreement"]
    tonight = {"mean": evaluation["gain"], **{end: evaluation[end] for end in ("low", "high")}}
    rows = [*((dates.get(one["run"], "earlier"), one, None) for one in before)]
    rows.append(("tonight", tonight, seen))
    numbers = [row[end] for _, row, _ in rows for end in ("low", "high")]
    numbers += [seen, 0.0, -tolerated]
    room = (max(numbers) - min(numbers)) * 0.04
    scale = Scale(min(numbers) - room, max(numbers) + room, _LABELS, WIDTH - _EDGE)
    bottom = _TOP + _ROW * len(rows)
    return Guesses(
        height=bottom + 40,
        bottom=bottom,
        zero=scale.at(0.0),
        tolerated=scale.at(-tolerated),
        ticks=scale.ticks,
        rows=[_guess(n, scale, *row) for n, row in enumerate(rows)],
    )


def _guess(n: int, scale: Scale, label: str, row: Json, seen: float | None) -> Guess:
    says = f"{label}: {row['mean']:+.3f}, with 80% between {row['low']:+.3f} and {row['high']:+.3f}"
    return Guess(
        label,
        y=_TOP + _ROW * (n + 0.5),
        low=scale.at(row["low"]),
        mean=scale.at(row["mean"]),
        high=scale.at(row["high"]),
        tonight=None if seen is None else scale.at(seen),
        says=says if seen is None else f"{says}; tonight's answers alone: {seen:+.3f}",
    )


@dataclass(frozen=True, slots=True)
class Mark:
    """One night; ``y`` is None if nothing was compared."""

    x: float
    y: float | None
    fate: str
    says: str


@dataclass(frozen=True, slots=True)
class Curve:
    """``line`` goes through the agreement of what answered, ``marks`` are the candidates."""

    line: str
    marks: Sequence[Mark]
    ticks: Sequence[tuple[float, str]]
    dates: Sequence[tuple[float, str, str]]
    size: float
    width: float = WIDTH
    height: float = _HIGH + 60
    bottom: float = _HIGH


def curve(nights: Sequence[Json]) -> Curve | None:
    """Agreement by night, oldest first; None if no night compared anything."""
    seen = [one[who] for one in nights for who in ("live", "candidate") if one[who] is not None]
    if not seen:
        return None
    up = Scale(max(0.0, min(seen) - 0.05), min(1.0, max(seen) + 0.05), _HIGH, 14)
    across = Scale(0, max(len(nights) - 1, 1), 52, WIDTH - _EDGE - 6)
    at = [across.at(n) if len(nights) > 1 else across.at(0.5) for n in range(len(nights))]
    line = [(x, up.at(one["live"])) for x, one in zip(at, nights, strict=True) if _has(one)]
    marks = [
        Mark(x, up.at(one["candidate"]) if _has(one) else None, one["fate"], _says(one))
        for x, one in zip(at, nights, strict=True)
    ]
    return Curve(
        " ".join(f"{x},{y}" for x, y in line),
        marks,
        up.ticks,
        _dates(nights, at),
        size=5 if len(nights) <= 60 else 3,
    )


def _has(night: Json) -> bool:
    return night["live"] is not None and night["candidate"] is not None


def _says(night: Json) -> str:
    says = f"{day(night['at'])}, {night['fate']}"
    if not _has(night):
        return says
    return f"{says}: live {night['live']:.2f}, candidate {night['candidate']:.2f}"


def _dates(nights: Sequence[Json], at: Sequence[float]) -> list[tuple[float, str, str]]:
    """The first night and the last, and the one in the middle if there is room."""
    last = len(nights) - 1
    if last == 0:
        return [(at[0], "middle", day(nights[0]["at"]))]
    ends = [(at[0], "start", day(nights[0]["at"])), (at[-1], "end", day(nights[-1]["at"]))]
    middle = last // 2
    return ends if last < 4 else [*ends, (at[middle], "middle", day(nights[middle]["at"]))]


@dataclass(frozen=True, slots=True)
class Loss:
    """``watched`` goes through the loss of rows that were set aside; empty if none were."""

    line: str
    watched: str
    ticks: Sequence[tuple[float, str]]
    steps: Sequence[tuple[float, str]]
    width: float = WIDTH
    height: float = _HIGH + 40
    bottom: float = _HIGH


def loss(losses: Sequence[float], watched: Sequence[float]) -> Loss | None:
    """The loss by step; None if there was none."""
    drawn = _fewer([one for one in losses if isfinite(one)])
    aside = [one for one in watched if isfinite(one)]
    if not drawn:
        return None
    up = Scale(0.0, max(*drawn, *aside, 0.01), _HIGH, 14)
    across = Scale(0, max(len(losses), 2), 52, WIDTH - _EDGE)

    def line(numbers: Sequence[float]) -> str:
        share = len(losses) / len(numbers) if numbers else 0
        return " ".join(
            f"{across.at((n + 1) * share)},{up.at(one)}" for n, one in enumerate(numbers)
        )

    return Loss(line(drawn), line(aside), up.ticks, across.ticks)


def _fewer(numbers: Sequence[float]) -> list[float]:
    size = -(-len(numbers) // _MOST_POINTS)
    return [fmean(numbers[n : n + size]) for n in range(0, len(numbers), size or 1)]


def day(at: str) -> str:
    """A day as ``29 March``."""
    read = datetime.fromisoformat(at)
    return f"{read.day} {read:%B}"
