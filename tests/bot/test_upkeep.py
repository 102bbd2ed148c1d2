from datetime import timedelta
from threading import Event

import pytest

from bot.jobs.leases import Leases
from bot.jobs.upkeep import Upkeep
from domain.errors import DatabaseUnavailable
from records.database import Database
from tests.bot.test_refreshing import Process, Readings


@pytest.mark.parametrize(
    "error", [ValueError("an unknown kind"), DatabaseUnavailable("The database is locked.")]
)
def test_step_that_raises_does_not_end_upkeep_and_is_logged_once(
    database: Database,
    error: Exception,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    process, works_again, turns = Process(database, Readings()), Event(), list[int]()

    def add_due() -> None:
        turns.append(len(turns))
        if len(turns) < 5:
            raise error
        works_again.set()

    monkeypatch.setattr(process.refreshing, "add_due", add_due)
    lease = Leases(process.jobs, timedelta(seconds=0.2))
    upkeep = Upkeep(process.runner, lease, process.refreshing)
    upkeep.start()
    assert works_again.wait(60)
    upkeep.stop()
    process.close()
    (told,) = [one for one in caplog.records if one.name == "bot.jobs.upkeep"]
    assert str(error) in caplog.text
    assert "collections" in told.getMessage()
