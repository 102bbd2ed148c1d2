"""What the page People needs: forgetting a person everywhere, and how long things are kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PeopleNeeds:
    """``forget`` deletes what is stored about a person, and returns in words what that was.

    It takes seconds. It raises NotFound if nothing is stored, RunInProgress during a night, and
    RetrievalError. ``kept`` are kinds of data, each with for how long, and the setting.
    """

    forget: Callable[[str], str]
    kept: Sequence[tuple[str, str]]
