"""Whether the memory of each role grows."""

from collections.abc import Sequence
from statistics import linear_regression, median
from typing import Any

from bench.soak.journal import Line

_WARM = 1 / 3
"""The share of a process's life in which caches and pools fill."""
_LEAST = 6
_LONG = 600.0
"""A process that lived for fewer seconds says nothing about an hour."""
_FLAT = 1.1
"""The last third of a life may have so much more than the second, as a ratio of medians."""


def lives(samples: Sequence[Line]) -> dict[str, list[list[tuple[float, float]]]]:
    """Of each role its processes, each with the seconds and MB at which it was looked at."""
    found: dict[str, dict[int, list[tuple[float, float]]]] = {}
    for sample in samples:
        for role, (pid, size) in sample["memory"].items():
            found.setdefault(role, {}).setdefault(pid, []).append((sample["at"], size))
    return {role: list(by_pid.values()) for role, by_pid in found.items()}


def growth(samples: Sequence[Line]) -> dict[str, dict[str, Any]]:
    """Of each role the process that lived longest: its memory in MB, and the slope in MB an hour.

    The slope is that after the first third of its life. ``is_flat`` is None if that was too short.
    """
    found = {}
    for role, processes in lives(samples).items():
        longest = max(processes, key=lambda life: life[-1][0] - life[0][0])
        begin, end = longest[0][0], longest[-1][0]
        third = (end - begin) * _WARM
        warm = [one for one in longest if one[0] >= begin + third]
        if len(warm) < _LEAST:
            continue
        seconds, sizes = [at for at, _ in warm], [size for _, size in warm]
        middle = median(size for at, size in warm if at < end - third)
        last = median(size for at, size in warm if at >= end - third)
        found[role] = {
            "processes": len(processes),
            "seconds": round(end - begin),
            "begins": round(longest[0][1], 1),
            "middle": round(middle, 1),
            "ends": round(last, 1),
            "most": round(max(size for _, size in longest), 1),
            "slope": round(linear_regression(seconds, sizes).slope * 3_600, 1),
            "is_flat": last <= _FLAT * middle if end - begin >= _LONG else None,
        }
    return found
