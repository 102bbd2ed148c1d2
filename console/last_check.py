"""The last check of all parts of the installation, kept since each takes some seconds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock

from domain.findings import Finding


@dataclass(frozen=True, slots=True)
class Checked:
    at: datetime
    findings: Sequence[Finding]


class LastCheck:
    """Several threads may use it; one check runs at a time."""

    def __init__(self, check: Callable[[], Sequence[Finding]]) -> None:
        self._check = check
        self._running = Lock()
        self.found: Checked | None = None

    def again(self) -> bool:
        """Checks everything; False if somebody else's check runs already."""
        if not self._running.acquire(blocking=False):
            return False
        try:
            self.found = Checked(datetime.now(UTC), self._check())
        finally:
            self._running.release()
        return True
