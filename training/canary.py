"""What a night does about the adapter on trial: it ends the trial, or lets it go on.

A night compares with the best so far: with the adapter on trial, if there is one. A candidate that
is better takes its place. All of these are one row of trials, which ends after a week.
"""

from dataclasses import replace
from datetime import datetime
from logging import getLogger
from typing import TYPE_CHECKING

from domain.adapters import Adapter, AdapterState, Order, TrainingRun
from domain.ruling import ruling
from domain.trials import TrialEnd

if TYPE_CHECKING:
    from records.adapter_changes import AdapterChanges
    from records.adapters import Adapters
    from records.trials import Trials

_log = getLogger(__name__)

_ANSWERED = (AdapterState.LIVE, AdapterState.RETIRED)


class Canary:
    """``share`` of the threads is first answered by what a night promotes; with 0 it goes live.

    ``base`` is the name of the model that is trained, ``starter`` what answers if no adapter is
    live. Every method raises DatabaseUnavailable.
    """

    def __init__(
        self,
        adapters: "Adapters",
        changes: "AdapterChanges",
        trials: "Trials",
        base: str,
        starter: str | None = None,
        share: float = 0.0,
    ) -> None:
        self._adapters = adapters
        self._changes = changes
        self._trials = trials
        self._base = base
        self._starter = starter
        self._share = share

    def end_trial(self, now: datetime) -> None:
        """Ends the trial that runs, if its thumbs, its time or another base model say so."""
        if (trial := self._trials.running()) is None:
            return
        if self._adapters.find(trial.adapter).base_model != self._base:
            reason = f"It was trained for another base model than {self._base}."
            self._changes.end_trial(trial.adapter, TrialEnd.STOPPED, reason, now)
            return
        votes = self._trials.votes(trial)
        if ruled := ruling(votes, trial, now, night_begins=True):
            self._changes.end_trial(trial.adapter, ruled.ending, ruled.reason, now)
            _log.info("The trial of %s ended: %s", trial.adapter, ruled.reason)

    def to_beat(self) -> str | None:
        """The adapter that a candidate must beat: on trial, live, or the starter."""
        now = self._adapters.answering()
        found = (one for one in (now.on_trial, now.live) if one and one.base_model == self._base)
        return next((one.name for one in found), self._starter)

    def seen(self) -> str | None:
        """What an order of this night is about; see `Order.seen`."""
        now = self._adapters.answering()
        newest = now.on_trial or now.live
        return newest.name if newest else None

    def taken_back(self) -> tuple[str, ...]:
        """The adapters that were rolled back: a candidate must be better than these too."""
        return self._changes.rolled_back()

    def promote(self, candidate: Adapter, order: Order) -> Adapter:
        """The candidate as it is then: live, on trial, held, or as it was decided meanwhile."""
        return self._changes.promote_by_night(
            candidate.name, order, self._share, against=self._starter
        )

    def answers_no_more(self, name: str) -> bool:
        """Whether an adapter answers no question now."""
        now = self._adapters.answering()
        names = {one.name for one in (now.live, now.on_trial) if one}
        if now.live is None and self._starter:
            names.add(self._starter)
        return name not in names

    def told(self, run: TrainingRun, candidate: Adapter) -> TrainingRun:
        """The run, with words that say that its adapter is on trial, or what else decided."""
        passed = run.evaluation is not None and run.evaluation.passed
        if candidate.state is AdapterState.CANARY:
            words = f"On trial: it first answers {self._share:.0%} of the threads in Slack."
        elif candidate.state is AdapterState.HELD and not self._changes.on_hold():
            words = "It waits, since meanwhile another adapter became live or was rolled back."
        elif candidate.state in _ANSWERED and not self._changes.find(run.id):
            words = "A person promoted it meanwhile."
        elif candidate.state is AdapterState.REJECTED and passed:
            words = "Another night rejected it meanwhile."
        else:
            return run
        return replace(run, reason=f"{run.reason.rstrip('.')}. {words}")
