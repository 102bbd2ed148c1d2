"""What is fast, as ratios against something else in the same run: machines drift."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure beside what it is compared with, and what is promised of it."""

    what: str
    ours: str
    other: str
    result: str
    promise: str


def peak_memory() -> float:
    """The most memory that this process has held, in GB. Linux alone says so.

    Not ``getrusage``: its figure starts with that of the process that started this one.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    [kilobytes] = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return int(kilobytes) * 1024 / 1e9
