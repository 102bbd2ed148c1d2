"""What is not done yet, in numbers."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.jobs import JobState


@dataclass(frozen=True, slots=True)
class OpenWork:
    """``jobs`` are those that are not done; ``asked_experts`` are questions that wait for them.

    ``open_gaps`` are those with a question that failed lately and has no answer yet.
    """

    jobs: Mapping[JobState, int]
    indexed_sources: int
    failed_sources: int
    open_gaps: int
    asked_experts: int
