"""The night, wired: what `phi3 train` runs now and the scheduler runs each night."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cli.wiring import House
    from domain.adapters import TrainingRun


def run_scheduled() -> None:
    """What the scheduler calls. Its persistent job store keeps this function's name."""
    from cli.local_server import with_model_server
    from cli.settings import read_settings
    from cli.wiring import House

    with with_model_server(read_settings()) as settings, House(settings) as house:
        run_night(house)


def run_night(house: "House") -> "TrainingRun":
    """One night, with progress bars where there is a terminal."""
    raise NotImplementedError
