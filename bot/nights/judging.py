"""Looks whether people's thumbs end the trial of an adapter.

Every bot looks, every few seconds, and one of them ends the trial: what it decides is stored in one
transaction. So a bot that is killed at any point leaves the decision to the next look.
"""

import logging
from datetime import UTC, datetime

from bot.nights.notices import Notices
from domain.ruling import ruling
from domain.trials import Trial, Vote
from records.adapter_changes import AdapterChanges
from records.trials import Trials

log = logging.getLogger(__name__)


class Judging:
    def __init__(self, trials: Trials, changes: AdapterChanges, notices: Notices) -> None:
        self._trials = trials
        self._changes = changes
        self._notices = notices

    def look(self) -> None:
        """Ends the trial that runs, if that is decided, and lets admins be told.

        Raises DatabaseUnavailable.
        """
        if trial := self._trials.running():
            self._judge(trial, self._trials.votes(trial))
        self._notices.look()

    def _judge(self, trial: Trial, votes: list[Vote]) -> None:
        now = datetime.now(UTC)
        ruled = ruling(votes, trial, now)
        if ruled and self._changes.end_trial(trial.adapter, ruled.ending, ruled.reason, now):
            log.info("The trial of %s ended: %s", trial.adapter, ruled.reason)
