"""A night that meets something bad ends in one line, and the live adapter stays."""

import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Thread

import pytest

from cli.settings import Settings
from cli.wiring import Container
from domain.adapters import Adapter, AdapterState, Outcome, TrainingRun
from tests.lora import build_adapter
from tests.serving.conftest import Running, running
from tests.tiny_phi3 import build_tiny_phi3
from tests.training.makers import NOW, down, rated
from tests.training.nights import keep, rows
from training.publish import WEIGHTS, publish
from training.recipe import Recipe

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow

LIVE = "night-live"


FEW = 20
"""Rated answers that are enough for a night."""


@pytest.fixture
def home(tmp_path: Path, tiny: Path) -> Path:
    """A home with sixty rated answers and a live adapter."""
    return made(tmp_path / "home", tiny, 60)


@pytest.fixture
def small_home(tmp_path: Path, tiny: Path) -> Path:
    return made(tmp_path / "home", tiny, FEW)


def made(home: Path, tiny: Path, answers: int) -> Path:
    home.mkdir()
    with Container(Settings(_env_file=None, home=home)) as container:
        keep(container.database, rows(answers))
        container.adapters.add(published(home, tiny))
        container.adapters.promote(LIVE, NOW)
    return home


@pytest.fixture
def server(tiny: Path) -> Iterator[Running]:
    with running(tiny) as server:
        yield server


def published(home: Path, base: Path) -> Adapter:
    """An adapter with random weights."""
    made = build_adapter(home.parent / "made", base)

    def write(folder: Path) -> None:
        shutil.copytree(
            made, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("manifest.json")
        )

    done = publish(home / "adapters", LIVE, base.name, Recipe(), [], write)
    path = str(home / "adapters" / LIVE)
    return Adapter(LIVE, base.name, path, done.sha256, AdapterState.TRAINED, "run", NOW)


def train(home: Path, model: Path, server: str, *, largest: int = 0) -> "subprocess.Popen[str]":
    """`phi3 train` in its own process, which can write no file of more than ``largest`` bytes."""

    def limit() -> None:
        if largest:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))

    given = {
        "PYTHONPATH": ROOT,
        "PHI3_HOME": home,
        "PHI3_MODEL": model,
        "PHI3_SERVER_URL": server,
        "PHI3_MAX_TOKENS": 8,
        "PHI3_CANARY_SHARE": 0,
        "PHI3_MIN_EXAMPLES": 10,
    }
    return subprocess.Popen(
        [sys.executable, "-m", "cli.app", "train"],
        env=os.environ | {name: str(value) for name, value in given.items()},
        cwd=home.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=limit,
    )


def failed(night: "subprocess.Popen[str]") -> str:
    """The one line with which a night fails."""
    out, told = night.communicate(timeout=300)
    assert (night.returncode, out) == (1, ""), told
    assert len(told.splitlines()) == 1, told
    return told


def ended(night: "subprocess.Popen[str]") -> str:
    """The line that says how a night ended that did not fail."""
    out, told = night.communicate(timeout=300)
    assert (night.returncode, told) == (0, "")
    return out


def after(home: Path) -> tuple[str | None, TrainingRun]:
    """The live adapter's name, and the last run."""
    with Container(Settings(_env_file=None, home=home)) as container:
        live = container.adapters.live()
        return live.name if live else None, container.runs.latest()[0]


def test_broken_live_adapter_stays_and_the_night_says_how_to_go_back(
    home: Path, tiny: Path, server: Running
) -> None:
    weights = home / "adapters" / LIVE / WEIGHTS
    weights.write_bytes(weights.read_bytes()[:1_000])
    line = failed(train(home, tiny, server.url))
    assert LIVE in line
    assert "rollback" in line
    live, run = after(home)
    assert (live, run.outcome) == (LIVE, Outcome.FAILED)


def test_full_disk_ends_the_night_and_changes_nothing(
    home: Path, tiny: Path, server: Running
) -> None:
    night = train(home, tiny, server.url, largest=10_000)
    out, told = night.communicate(timeout=300)
    assert (night.returncode, out) == (1, "")
    assert "Traceback" not in told
    assert told.splitlines()[-1].startswith("phi3: The database failed")
    with Container(Settings(_env_file=None, home=home)) as container:
        live = container.adapters.live()
        assert live is not None
        assert live.name == LIVE
        assert container.runs.latest() == []


def test_disk_that_is_full_when_the_weights_are_written_ends_the_night_in_one_line(
    small_home: Path, tmp_path: Path
) -> None:
    wide = build_tiny_phi3(tmp_path / "wide-phi3", hidden=512)  # whose adapter has 852 KB
    line = failed(train(small_home, wide, "http://127.0.0.1:9/v1", largest=750_000))
    assert line.startswith("phi3: The training cannot be stored: the disk may be full.")
    live, run = after(small_home)
    assert (live, run.outcome) == (LIVE, Outcome.FAILED)
    assert run.reason == "The training cannot be stored: the disk may be full."
    assert [path.name for path in (small_home / "adapters").iterdir() if path.is_dir()] == [LIVE]


def test_loss_that_is_not_a_number_ends_the_night_in_one_line(
    small_home: Path, tmp_path: Path
) -> None:
    from safetensors.torch import load_file, save_file

    broken = build_tiny_phi3(tmp_path / "broken-phi3")
    weights = load_file(broken / "model.safetensors")
    weights["model.norm.weight"][0] = float("nan")
    save_file(weights, broken / "model.safetensors", {"format": "pt"})
    line = failed(train(small_home, broken, "http://127.0.0.1:9/v1"))
    assert line.startswith("phi3: The training's loss was not a number")
    live, run = after(small_home)
    assert (live, run.outcome) == (LIVE, Outcome.FAILED)
    assert [path.name for path in (small_home / "adapters").iterdir() if path.is_dir()] == [LIVE]


def test_killed_training_leaves_the_live_adapter_and_the_next_night_begins(
    small_home: Path, tiny: Path, server: Running
) -> None:
    night = train(small_home, tiny, server.url)
    while night.poll() is None and not list((small_home / "adapters").glob(".half-*")):
        time.sleep(0.05)
    night.kill()
    _, told = night.communicate()
    live, run = after(small_home)
    assert told == ""
    assert (live, run.outcome) == (LIVE, Outcome.RUNNING)
    told = ended(train(small_home, tiny, server.url))
    live, run = after(small_home)
    assert told.startswith(f"{run.outcome}: ")
    assert live == (run.adapter if run.outcome is Outcome.PROMOTED else LIVE)


def test_server_that_dies_while_comparing_ends_the_night(home: Path, tiny: Path) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(running(tiny))
        night = train(home, tiny, server.url)

        def die() -> None:
            while night.poll() is None and len(server.client.models()) < 2:
                time.sleep(0.05)
            stack.close()

        killer = Thread(target=die)
        killer.start()
        line = failed(night)
        killer.join()
    assert line.startswith("phi3: ")
    live, run = after(home)
    assert (live, run.outcome) == (LIVE, Outcome.FAILED)


def test_night_of_another_base_leaves_the_live_adapter_of_the_old_one(
    home: Path, tiny: Path, tmp_path: Path
) -> None:
    other = shutil.copytree(tiny, tmp_path / "other-phi3")
    with running(other) as server:
        told = ended(train(home, other, server.url))
    live, run = after(home)
    assert told.startswith(f"{run.outcome}: ")
    assert live == (run.adapter if run.outcome is Outcome.PROMOTED else LIVE)


def test_rows_that_are_longer_than_the_model_reads_are_left_out(home: Path, tiny: Path) -> None:
    shutil.rmtree(home)
    home.mkdir()
    long = "On the way there is a workshop where people mend things by hand. " * 800
    with Container(Settings(_env_file=None, home=home)) as container:
        keep(container.database, [rated(n, down("U1"), fact=f"{n} {long}") for n in range(3)])
    told = ended(train(home, tiny, "http://127.0.0.1:9/v1"))
    assert told.startswith("skipped: 0 to train on")
