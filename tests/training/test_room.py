"""The model server makes room while a night trains, and has all again if the night is killed."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.adapters import Outcome
from domain.errors import GenerationError, ServerUnavailable
from domain.questions import Message
from records.database import Database
from serving.models import load, resolve
from tests.serving.conftest import Running, running, wait_until
from tests.training.makers import NOW
from tests.training.nights import keep, nightly, rows
from training import room
from training.progress import TrainingProgress
from training.room import room_on

QUESTION = [Message("user", "How many days of holiday does each person have?")]


@pytest.fixture
def server(tiny: Path) -> Iterator[Running]:
    files = resolve(str(tiny), tiny)
    with running(tiny, reload=lambda: load(files)[0]) as server:
        yield server


def ask(server: Running) -> str:
    return "".join(server.client.stream(QUESTION, adapter=None, max_tokens=8))


@pytest.mark.slow
@pytest.mark.parametrize("takes", ["cache", "model"])
def test_a_killed_night_holds_nothing(
    db: Database, url: str, tmp_path: Path, tiny: Path, server: Running, takes: str
) -> None:
    before = ask(server)
    keep(db, rows(60))
    command = [sys.executable, "-m", "tests.training.nights", url, str(tmp_path), server.url]
    with subprocess.Popen(
        [*command, str(tiny), "Training", takes], stdout=subprocess.PIPE
    ) as night:
        assert night.stdout is not None
        assert night.stdout.readline() == b"here\n"
        assert server.engine.room.given == takes
        if takes == "cache":
            assert ask(server) == before
        else:
            with pytest.raises(ServerUnavailable):
                ask(server)
        with pytest.raises(AssertionError):  # it asks again, for longer than it was promised
            wait_until(lambda: server.engine.room.given == "nothing", 6)
        night.kill()
    wait_until(lambda: server.engine.room.given == "nothing")
    assert ask(server) == before


@pytest.mark.slow
@pytest.mark.parametrize("takes", ["cache", "model"])
def test_a_night_trains_in_the_room_and_compares_once_the_server_has_all_again(
    db: Database, tmp_path: Path, tiny: Path, server: Running, takes: str
) -> None:
    keep(db, rows(60))
    given: dict[str, set[str]] = {}

    def listen(step: TrainingProgress) -> None:
        given.setdefault(step.stage, set()).add(server.engine.room.given)

    night = nightly(
        db, tmp_path, server.client, tiny, progress=listen, memory="16 GB in all",
        make_room=lambda: room_on(server.client, takes),
    )  # fmt: skip
    run = night.run(NOW)
    assert run.outcome is Outcome.PROMOTED
    assert given == {"Training": {takes}, "Comparing": {"nothing"}}
    assert (
        "Memory as it was planned: 16 GB in all." in (Path(run.report) / "report.html").read_text()
    )
    assert ask(server)


class Server:
    """Gives memory back, unless it is ``silent``; notes for whom it has it."""

    def __init__(self, *, silent: bool = False, back_after: int = 0) -> None:
        self.silent, self.back_after = silent, back_after
        self.given = "nothing"
        self.looks = 0

    def make_room(self, what: str, seconds: float) -> None:
        del seconds
        if self.silent:
            raise GenerationError("It does not answer.")
        self.given = what

    def take_back(self) -> None:
        if self.silent:
            raise GenerationError("It does not answer.")
        self.given = "nothing"

    def healthy(self) -> bool:
        self.looks += 1
        return self.looks > self.back_after


def test_a_training_that_fails_leaves_the_server_all() -> None:
    server = Server()

    def train() -> None:
        with room_on(server, "model"):
            raise ValueError(f"it broke while the server had given its {server.given}")

    with pytest.raises(ValueError, match="given its model"):
        train()
    assert server.given == "nothing"


def test_a_server_that_gives_nothing_stops_no_training() -> None:
    trained = False
    with room_on(Server(silent=True), "cache"):
        trained = True
    assert trained


@pytest.mark.slow
def test_the_night_waits_until_the_server_answers_again() -> None:
    server = Server(back_after=2)
    with room_on(server, "model"):
        pass
    assert server.looks == 3


def test_a_night_that_takes_nothing_does_not_ask() -> None:
    server = Server(silent=True)
    with room_on(server, "nothing"):
        assert server.given == "nothing"
    assert server.looks == 0


def test_a_night_asks_again_before_its_time_is_over() -> None:
    assert room.RENEWED < room.LEASE / 3
