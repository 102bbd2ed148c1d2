"""Writes the report of each night, also of one that was skipped or failed."""

from dataclasses import replace
from logging import getLogger
from pathlib import Path

from domain.adapters import TrainingRun
from domain.errors import Phi3Error
from training.report import files
from training.report.data import Findings, data
from training.report.nights import Nights
from training.report.picture import draw

_log = getLogger(__name__)


class Reports:
    """``folder`` gets a folder for each night, with the run's id as its name."""

    def __init__(self, folder: Path, nights: Nights) -> None:
        self._folder = folder
        self._nights = nights

    def write(self, run: TrainingRun, found: Findings) -> TrainingRun:
        """The run with the folder of its report; without, if that could not be written.

        What a night decided is valid also without its report, so no disk and no database fails it.
        """
        folder = self._folder / run.id
        told = replace(run, report=str(folder))
        try:
            nights, came_in = self._nights.until(told), self._nights.came_in(told)
            files.write(folder, data(told, found, nights, came_in))
            if run.evaluation and found.trained:
                draw(run.evaluation, found.trained.losses, folder / files.PICTURE)
        except (OSError, Phi3Error) as error:
            _log.warning("The night's report could not be written: %s", error)
            return run
        return told
