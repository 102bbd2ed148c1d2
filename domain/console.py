"""Who uses the console: their roles and sessions, and what the audit log keeps of what they did."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

BY_LINK = "console"
"""Whoever uses the console without being known: somebody who can use the terminal."""


class ConsoleRole(StrEnum):
    """READER reads and asks · EDITOR also changes documents and answers · ADMIN may do all."""

    READER = "reader"
    EDITOR = "editor"
    ADMIN = "admin"

    def includes(self, other: "ConsoleRole") -> bool:
        """Whether who has this role may do what ``other`` may."""
        order = list(ConsoleRole)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, slots=True)
class ConsoleSession:
    """Somebody who is signed in.

    ``id`` is no secret. ``team`` and ``person`` are Slack's ids; both are empty for those who
    signed in by a link. ``reads_all`` means that an admin chose to read what only others may read.
    """

    id: str
    role: ConsoleRole
    team: str
    person: str
    began_at: datetime
    seen_at: datetime
    reads_all: bool = False

    @property
    def by(self) -> str:
        """Who this is, where it is kept who did something: Slack's id, or ``console ID``."""
        return self.person or f"console {self.id}"

    @property
    def rater(self) -> str:
        """Who this is among those who rate: all who signed in by a link are one person.

        Nobody knows who they are, and each may ask for another link, so they count as no more.
        """
        return self.person or BY_LINK


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """``by`` did something at a time: ``did`` is a verb in the past, ``to`` names the thing."""

    id: int
    at: datetime
    by: str
    did: str
    to: str
