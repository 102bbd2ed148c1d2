"""What the page Nights needs besides the database."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from domain.adapters import TrainingRun
from records.adapter_changes import AdapterChanges


@dataclass(frozen=True, slots=True)
class NightNeeds:
    """``changes`` tries an adapter in the model server before it becomes live.

    ``page_of`` finds a night's own page; None if it is not on this machine.
    """

    changes: AdapterChanges
    page_of: Callable[[TrainingRun], Path | None]
