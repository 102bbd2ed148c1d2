"""What is fast, as ratios against something else in the same run: machines drift."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure beside what it is compared with, and what is promised of it."""

    what: str
    ours: str
    other: str
    result: str
    promise: str
