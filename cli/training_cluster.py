"""Lets a night train on a cluster."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from domain.adapters import Example
from domain.errors import ConfigError

if TYPE_CHECKING:
    from cli.settings import Settings
    from serving.models import ModelFiles
    from training.progress import ProgressListener
    from training.qlora import Trained
    from training.recipe import Recipe


@dataclass(frozen=True, slots=True)
class TrainingCluster:
    """The cluster at the address ``on``, of which ``workers`` processes train."""

    on: str
    workers: int
    storage: str

    @classmethod
    def of(cls, settings: "Settings", on: str, workers: int, storage: str) -> Self:
        """Raises ConfigError."""
        from cluster.connecting import LOCAL

        if settings.preferences != "off":
            raise ConfigError("A cluster learns no preferences: set PHI3_PREFERENCES=off.")
        if on != LOCAL and not storage:
            raise ConfigError(
                "Give --storage: a folder or s3://… that all machines of the cluster reach."
            )
        return cls(on, workers, storage or str(settings.home / "cluster"))

    def recipe(self, recipe: "Recipe") -> "Recipe":
        """The recipe, with a row of each step for each process if it has fewer."""
        is_divided = recipe.batch % self.workers == 0
        return recipe if is_divided else replace(recipe, batch=self.workers)

    def train(
        self,
        examples: Sequence[Example],
        recipe: "Recipe",
        base: "ModelFiles",
        folder: Path,
        progress: "ProgressListener",
        starter: Path | None,
    ) -> "Trained":
        """Trains as ``training.qlora.train``, on the cluster. Raises ConfigError too."""
        from cli.cluster_connection import connected_to
        from cluster.training import ClusterTraining, check_size
        from serving.size import parameters_of
        from training.unfinished import CHECKPOINTS

        size = parameters_of(base.path)
        with connected_to(self.on):
            check_size(self.workers)
            training = ClusterTraining(self.storage, self.workers, CHECKPOINTS)
            return training.run(
                partial(_work, examples, recipe, base, starter, size), folder, progress
            )


def _work(
    examples: Sequence[Example],
    recipe: "Recipe",
    base: "ModelFiles",
    starter: Path | None,
    size: int | None,
    folder: Path,
    tell: Callable[[Any], None],
    saved: Callable[[Path], None],
) -> "Trained":
    """What each process of the cluster does."""
    from training import qlora
    from training.workers import must_shard

    sharded = must_shard(size, quantised=bool(recipe.quantised))
    return qlora.train(examples, recipe, base, folder, tell, starter, saved, sharded)
