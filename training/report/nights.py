"""What the database says about a night and the nights before it, for its report."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from domain.adapters import AdapterState, Outcome, TrainingRun
from domain.came_in import CameIn
from domain.trials import TrialEnd

if TYPE_CHECKING:
    from records.adapter_changes import AdapterChanges
    from records.adapters import Adapters
    from records.came_in import Incoming
    from records.runs import Runs
    from records.trials import Trials

_MOST = 400
"""How many nights a report looks back on: a year, and some that were run by hand."""


class Fate(StrEnum):
    """What became of a night's adapter up to now, or why there is none."""

    LIVE = "live"
    TRIAL = "on trial"
    WAS_LIVE = "live until a later one"
    REPLACED = "on trial until a better one"
    ROLLED_BACK = "rolled back"
    UNTRIED = "could not be tried"
    STOPPED = "on trial until it was stopped"
    HELD = "held for an admin"
    REJECTED = "rejected"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PastNight:
    """``live`` and ``candidate`` are the agreement of both with that night's accepted answers, from
    0 to 1; None if nothing was compared.
    """

    run: str
    at: datetime
    fate: Fate
    questions: int = 0
    live: float | None = None
    candidate: float | None = None
    gain: float | None = None


class Nights:
    """Every method raises DatabaseUnavailable."""

    def __init__(
        self,
        runs: "Runs",
        adapters: "Adapters",
        changes: "AdapterChanges",
        trials: "Trials",
        incoming: "Incoming",
    ) -> None:
        self._runs = runs
        self._adapters = adapters
        self._changes = changes
        self._trials = trials
        self._incoming = incoming

    def until(self, run: TrainingRun) -> list[PastNight]:
        """The nights that ended, the oldest first, and ``run`` as the last."""
        states = {one.name: one.state for one in self._adapters.all()}
        back = set(self._changes.rolled_back())
        endings = {one.trial.adapter: one.ending for one in self._trials.ended()}
        before = self._before(run)
        return [_night(one, _fate(one, states, back, endings)) for one in (*before, run)]

    def came_in(self, run: TrainingRun) -> CameIn:
        """Since the night before, unless that failed: then what it had read counts again."""
        ended = [one for one in self._before(run) if one.outcome is not Outcome.FAILED]
        since = ended[-1].started_at if ended else None
        return self._incoming.between(since, run.started_at)

    def _before(self, run: TrainingRun) -> list[TrainingRun]:
        return [
            one
            for one in reversed(self._runs.latest(_MOST))
            if one.id != run.id and one.outcome is not Outcome.RUNNING
        ]


def _night(run: TrainingRun, fate: Fate) -> PastNight:
    seen = run.evaluation
    if seen is None or not seen.questions:
        return PastNight(run.id, run.started_at, fate)
    return PastNight(
        run.id,
        run.started_at,
        fate,
        seen.questions,
        seen.live.agreement,
        seen.candidate.agreement,
        seen.gain,
    )


_OUTCOMES = {
    Outcome.SKIPPED: Fate.SKIPPED,
    Outcome.REJECTED: Fate.REJECTED,
    Outcome.HELD: Fate.HELD,
    Outcome.PROMOTED: Fate.WAS_LIVE,
    Outcome.FAILED: Fate.FAILED,
    Outcome.RUNNING: Fate.FAILED,
}
_ENDINGS = {
    TrialEnd.WORSE: Fate.ROLLED_BACK,
    TrialEnd.REPLACED: Fate.REPLACED,
    TrialEnd.STOPPED: Fate.STOPPED,
}


def _fate(
    run: TrainingRun,
    states: Mapping[str, AdapterState],
    rolled_back: Iterable[str],
    endings: Mapping[str, TrialEnd],
) -> Fate:
    """What people did later counts more than what the night decided."""
    name = run.adapter or ""
    state = states.get(name)
    if state is AdapterState.LIVE:
        return Fate.LIVE
    if state is AdapterState.CANARY:
        return Fate.TRIAL
    if state is AdapterState.RETIRED and endings.get(name) is TrialEnd.UNTRIED:
        return Fate.UNTRIED
    if name in rolled_back:
        return Fate.ROLLED_BACK
    if state is AdapterState.RETIRED:
        return _ENDINGS.get(endings.get(name, TrialEnd.LIVE), Fate.WAS_LIVE)
    return _OUTCOMES[run.outcome]
