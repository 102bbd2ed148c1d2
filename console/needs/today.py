"""What the page Today shows besides the database's figures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RoleState:
    """A role of this machine: whether it runs, and what is known of it, in words."""

    name: str
    runs: bool
    says: str


@dataclass(frozen=True, slots=True)
class TodayNeeds:
    """``roles`` looks at those that this machine is configured for; it is quick.

    ``zone`` is the time zone in which a day begins, as Europe/Berlin.
    """

    roles: Callable[[], Sequence[RoleState]]
    zone: str = "UTC"
