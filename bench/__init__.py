"""Benchmarks. Most figures are ratios to something measured in the same run, since a machine's
speed changes over time.
"""

from dataclasses import dataclass
from pathlib import Path

HANDBOOK = Path(__file__).parent.parent / "examples" / "handbook"
"""The sample documents."""

QUESTIONS = tuple(HANDBOOK.parent / name for name in ("questions.jsonl", "more_questions.jsonl"))
"""What colleagues ask about them."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure, what it is compared with, and what is promised."""

    what: str
    ours: str
    other: str
    result: str
    promise: str


def peak_memory(process: int | None = None) -> float:
    """The most memory that a process has used, in GB, by default this one; only on Linux.

    ``getrusage`` is not used: its figure includes the process that started this one.
    """
    status = Path(f"/proc/{process or 'self'}/status").read_text(encoding="ascii")
    [kilobytes] = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return int(kilobytes) * 1024 / 1e9


def forget_peak() -> None:
    """Lets `peak_memory` of this process begin anew."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
