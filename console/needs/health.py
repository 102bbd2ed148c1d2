"""What the page Health shows: what doctor finds, versions, and the plan of the memory."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.findings import Finding


@dataclass(frozen=True, slots=True)
class HealthNeeds:
    """``check`` looks at every part, which takes some seconds; the others are quick.

    ``memory`` is empty where another model server is used. It raises ConfigError if the sizes of
    the model are not known.
    """

    check: Callable[[], Sequence[Finding]]
    versions: Callable[[], Sequence[tuple[str, str]]]
    memory: Callable[[], Sequence[tuple[str, str]]]
