"""Looks whether people's thumbs end the trial of an adapter.

A bot looks within seconds after a thumb that it took, and once a minute. One of several bots ends
the trial: what it decides is stored in one transaction. So a bot that is killed at any point leaves
the decision to the next look.
"""

import logging
from datetime import UTC, datetime
from threading import Event
from time import monotonic

from bot.nights.notices import TrialNotices
from domain.ruling import ruling
from domain.trials import Trial
from records.adapter_changes import AdapterChanges
from records.trials import Trials

log = logging.getLogger(__name__)

_A_MINUTE = 60.0
"""Reading all thumbs of a trial takes a fraction of a second in a busy workspace."""


class Judging:
    """``look`` is called by one thread, ``look_soon`` by any."""

    def __init__(self, trials: Trials, changes: AdapterChanges, notices: TrialNotices) -> None:
        self._trials = trials
        self._changes = changes
        self._notices = notices
        self._soon = Event()
        self._next = 0.0

    def look_soon(self) -> None:
        """Somebody rated an answer, or decided about adapters."""
        self._soon.set()

    def look(self) -> None:
        """Ends the trial that runs, if that is decided, and lets admins be told.

        Raises DatabaseUnavailable.
        """
        trial = self._trials.running()
        if trial and (self._soon.is_set() or monotonic() >= self._next):
            self._soon.clear()
            self._judge(trial)
            self._next = monotonic() + _A_MINUTE
        self._notices.look()

    def _judge(self, trial: Trial) -> None:
        now = datetime.now(UTC)
        ruled = ruling(self._trials.votes(trial), trial, now)
        if ruled and self._changes.end_trial(trial.adapter, ruled.ending, ruled.reason, now):
            log.info("The trial of %s ended: %s", trial.adapter, ruled.reason)
