"""Trains a tiny Phi-3 with two processes of a real local Ray cluster, which talk by gloo."""

import os
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from cli.settings import Settings
from cli.wiring import Container
from cluster.training import ClusterTraining, check_size
from domain.adapters import Outcome
from domain.errors import ConfigError, DatasetInvalid, TrainingFailed
from serving.models import ModelFiles
from tests.cluster.processes import named
from tests.serving.asking import answer
from tests.serving.conftest import running, tiny
from tests.tiny_phi3 import build_tiny_phi3
from tests.training.makers import NOW, example
from tests.training.nights import nightly
from tests.training.test_bad_nights import LIVE, made
from training.progress import TrainingProgress
from training.publish import CONFIG, WEIGHTS
from training.recipe import Recipe
from training.unfinished import CHECKPOINTS

__all__ = ["tiny"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.usefixtures("local_cluster"),
]

LORA = Recipe(
    r=4, alpha=8, learning_rate=1e-2, epochs=2, batch=2, quantised=False, shares=False
)  # what several rows share in one process is rounded otherwise than in two
ROWS = [example(n) for n in range(8)]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> ModelFiles:
    return ModelFiles("tiny-phi3", str(build_tiny_phi3(tmp_path_factory.mktemp("tiny"))))


def work(
    rows: Any, base: ModelFiles, often: bool, folder: Path, tell: Any, saved: Callable[[Path], None]
) -> Any:
    """What each process does; ``often``: a checkpoint after each step."""
    from training import checkpoints, qlora

    checkpoints.EVERY = 0.0 if often else 300.0
    return qlora.train(rows, LORA, base, folder, tell, None, saved)


def weights(folder: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    return load_file(folder / WEIGHTS)


def train_alone(base: ModelFiles, folder: Path) -> Any:
    from training import qlora

    folder.mkdir()
    return qlora.train(ROWS, LORA, base, folder)


def test_two_processes_give_the_same_adapter_as_one_also_if_one_dies(
    base: ModelFiles, tmp_path: Path
) -> None:
    alone = train_alone(base, tmp_path / "alone")
    together = tmp_path / "together"
    together.mkdir()
    steps: list[TrainingProgress] = []
    killed: list[int] = []

    def listen(step: TrainingProgress) -> None:
        steps.append(step)
        if step.done >= 3 and not killed:
            killed.append(a_worker())
            os.kill(killed[0], signal.SIGKILL)

    training = ClusterTraining(str(tmp_path / "kept"), 2, CHECKPOINTS)
    found = training.run(partial(work, ROWS, base, True), together, listen)
    assert killed
    assert found.resumed_at > 0  # what was done before was not done again
    assert steps[-1].done == steps[-1].total == 8
    assert found.losses == pytest.approx(alone.losses, rel=1e-3)
    one, other = weights(tmp_path / "alone"), weights(together)
    assert one.keys() == other.keys()
    assert all(other[name].allclose(one[name], atol=1e-4) for name in one)
    assert {file.name for file in together.iterdir()} == {WEIGHTS, CONFIG}
    assert not list((tmp_path / "kept").rglob("*.safetensors"))


def refuses(_folder: Path, _tell: Any, _saved: Any) -> None:
    raise DatasetInvalid("No example fits into 9 tokens.")


def waits(_folder: Path, tell: Any, _saved: Any) -> None:
    tell("begun")
    sleep(600)


def test_what_starting_again_cannot_help_is_raised_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="2 processors, and 3 processes"):
        check_size(3)
    training = ClusterTraining(str(tmp_path / "kept"), 1, CHECKPOINTS)
    with pytest.raises(DatasetInvalid, match="No example fits"):
        training.run(refuses, tmp_path, lambda _: None)


def test_an_error_of_the_listener_ends_the_training(tmp_path: Path) -> None:
    def closed(_step: object) -> None:
        raise KeyboardInterrupt

    training = ClusterTraining(str(tmp_path / "kept"), 1, CHECKPOINTS)
    with pytest.raises(KeyboardInterrupt):
        training.run(waits, tmp_path, closed)


def test_training_that_fails_on_the_cluster_leaves_the_live_adapter(
    tiny: Path, tmp_path: Path
) -> None:
    """What keeps the checkpoints cannot be reached."""
    (tmp_path / "kept").touch()

    def train(_rows: Any, _recipe: Recipe, _base: ModelFiles, folder: Path, *_: Any) -> Any:
        training = ClusterTraining(str(tmp_path / "kept"), 1, CHECKPOINTS)
        return training.run(waits, folder, lambda _: None)

    home = made(tmp_path / "home", tiny, 60)
    with Container(Settings(_env_file=None, home=home)) as container, running(tiny) as server:
        live = container.adapters.find(LIVE)
        server.client.load_adapter(LIVE, live.path)
        before = answer(server.client, adapter=LIVE)
        night = nightly(container.database, home, server.client, tiny, train=train)
        with pytest.raises(TrainingFailed):
            night.run(NOW)
        [run] = container.runs.latest(1)
        assert (run.outcome, run.reason) == (
            Outcome.FAILED,
            "The training on the cluster stopped.",
        )
        assert container.adapters.all() == [live]
        assert {each.name for each in (home / "adapters").iterdir() if each.is_dir()} == {LIVE}
        assert answer(server.client, adapter=LIVE) == before


def a_worker() -> int:
    """One of the processes of this cluster that train now."""
    found = named(b"ray::RayTrainWorker", b"ray::_RayTrainWorker")
    assert found, "no process trains"
    return found[0]
