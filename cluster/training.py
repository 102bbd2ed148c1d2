"""Runs a training on a cluster with Ray Train: several processes, each with a GPU if there is one.

A checkpoint is kept outside of them. If one dies, all are started again, and go on from there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from cluster.connecting import first_line, gpus_and_cpus
from domain.errors import ConfigError, Phi3Error, TrainingFailed

T = TypeVar("T")

Tell = Callable[[Any], None]
Saved = Callable[[Path], None]
Work = Callable[[Path, Tell, Saved], T]
"""What each process does. It gets a folder, which may hold checkpoints, for its files; what it
tells goes to the listener; ``saved`` is to be called with the folder of each new checkpoint, by all
processes together."""

_RUN = "training"
_RESTARTS = 2
_LOOK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class ClusterTraining:
    """``storage`` is a folder or an address (s3://…) that all machines reach.

    ``checkpoints`` is the name of the folder for checkpoints in the work's folder.
    """

    storage: str
    workers: int
    checkpoints: str

    def run(self, work: Work[T], folder: Path, listen: Tell) -> T:
        """Does the work, writes the first process's files into ``folder``; returns what it gave.

        If ``listen`` raises an error, all ends with that. Raises TrainingFailed, and what the work
        raised.
        """
        import ray

        ear = ray.remote(num_cpus=0)(_Ear).remote()
        fit = ray.remote(num_cpus=0)(_Fit).remote()
        try:
            running = fit.run.remote(self, work, ear)
            while not ray.wait([running], timeout=_LOOK_SECONDS)[0]:
                _pass_on(ear, listen)
            found, files = ray.get(running)
            _pass_on(ear, listen)
        except ray.exceptions.RayError as e:
            if isinstance(cause := getattr(e, "cause", None), Phi3Error):
                raise cause from e
            raise _stopped(e) from e
        finally:
            ray.kill(fit)
            ray.kill(ear)
        for name, content in files.items():
            (folder / name).write_bytes(content)
        result: T = found
        return result


def check_size(workers: int) -> None:
    """Raises ConfigError if the connected cluster has too few GPUs, or else processors."""
    gpus, cpus = gpus_and_cpus()
    if workers > (gpus or cpus):
        has = f"{gpus} GPUs" if gpus else f"no GPU and {cpus} processors"
        raise ConfigError(f"The cluster has {has}, and {workers} processes are to train on it.")


def _pass_on(ear: Any, listen: Tell) -> None:
    """Raises the error that the processes ended with, if starting them again cannot help."""
    import ray

    steps, error = ray.get(ear.heard.remote())
    for step in steps:
        listen(step)
    if error:
        raise error


def _stopped(error: BaseException) -> TrainingFailed:
    return TrainingFailed(
        "The training on the cluster stopped.", f"{type(error).__name__}: {first_line(error)}"
    )


class _Ear:
    """Keeps what the first process tells until it is asked for, and why it cannot go on."""

    def __init__(self) -> None:
        self._heard: list[Any] = []
        self._error: Phi3Error | None = None

    def tell(self, step: Any) -> None:
        self._heard.append(step)

    def give_up(self, error: Phi3Error) -> None:
        self._error = error

    def heard(self) -> tuple[list[Any], Phi3Error | None]:
        heard, self._heard = self._heard, []
        return heard, self._error


class _Fit:
    """Runs Ray Train, on the cluster: if this is killed, all its processes end."""

    def run(self, training: ClusterTraining, work: Work[T], ear: Any) -> tuple[T, dict[str, bytes]]:
        from ray.train import (
            CheckpointConfig,
            FailureConfig,
            RunConfig,
            ScalingConfig,
            TrainingFailedError,
        )
        from ray.train.torch import TorchConfig, TorchTrainer

        gpus, _ = gpus_and_cpus()
        trainer = TorchTrainer(
            _do,
            train_loop_config={"work": work, "ear": ear, "checkpoints": training.checkpoints},
            torch_config=TorchConfig(backend="nccl" if gpus else "gloo"),
            scaling_config=ScalingConfig(
                num_workers=training.workers,
                use_gpu=bool(gpus),
                resources_per_worker={"GPU": 1} if gpus else {"CPU": 1},
            ),
            run_config=RunConfig(
                name=_RUN,
                storage_path=training.storage,
                failure_config=FailureConfig(max_failures=_RESTARTS),
                checkpoint_config=CheckpointConfig(num_to_keep=1),
            ),
        )
        try:
            result = trainer.fit()
        except TrainingFailedError as e:
            raise _cause(e) from None
        _remove(f"{training.storage.rstrip('/')}/{_RUN}")
        found: tuple[T, dict[str, bytes]] = result.return_value
        return found


def _do(config: dict[str, Any]) -> tuple[Any, dict[str, bytes]] | None:
    """What each process runs; the first one returns what the work gave, and its files."""
    import ray
    import ray.train
    import torch
    from ray.train.torch import get_device

    is_first = ray.train.get_context().get_world_rank() == 0
    if torch.cuda.is_available():
        torch.cuda.set_device(get_device())

    def tell(step: Any) -> None:
        if is_first:
            config["ear"].tell.remote(step)

    def saved(checkpoints: Path) -> None:
        kept = ray.train.Checkpoint.from_directory(str(checkpoints)) if is_first else None
        ray.train.report({}, checkpoint=kept)

    with TemporaryDirectory(prefix="phi3-") as name:
        folder = Path(name)
        if before := ray.train.get_checkpoint():
            before.to_directory(str(folder / config["checkpoints"]))
        try:
            found = config["work"](folder, tell, saved)
        except TrainingFailed:
            raise  # perhaps because another process died
        except Phi3Error as e:
            ray.get(config["ear"].give_up.remote(e))
            raise
        if not is_first:
            return None
        return found, {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}


def _cause(error: Any) -> Phi3Error:
    """What one of the processes raised, if this program did."""
    for failure in getattr(error, "worker_failures", {}).values():
        raised = getattr(failure, "_base_exc", failure)
        if isinstance(raised, Phi3Error):
            return raised
        return _stopped(raised)
    return _stopped(error)


def _remove(run: str) -> None:
    """Removes a run's checkpoints, which are as good as the adapter."""
    from pyarrow.fs import FileSystem

    files, path = FileSystem.from_uri(run)
    files.delete_dir(path)
