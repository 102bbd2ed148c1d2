from pathlib import Path

import pytest

from cli.settings import Settings
from cli.training_cluster import TrainingCluster
from domain.errors import ConfigError
from training.recipe import Recipe


def settings(home: Path, preferences: str = "off") -> Settings:
    return Settings(home=home, preferences=preferences)


@pytest.mark.parametrize(("workers", "rows"), [(1, 2), (2, 2), (3, 3), (8, 8)])
def test_each_process_gets_as_many_rows_of_a_step(tmp_path: Path, workers: int, rows: int) -> None:
    there = TrainingCluster.of(settings(tmp_path), "local", workers, "")
    assert there.recipe(Recipe(batch=2)) == Recipe(batch=rows)
    assert there.storage == str(tmp_path / "cluster")


def test_a_cluster_elsewhere_needs_a_storage_that_it_reaches(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--storage"):
        TrainingCluster.of(settings(tmp_path), "ray://head:10001", 2, "")
    there = TrainingCluster.of(settings(tmp_path), "ray://head:10001", 2, "s3://team/training")
    assert there.storage == "s3://team/training"


def test_preferences_are_refused_before_the_night(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="PHI3_PREFERENCES=off"):
        TrainingCluster.of(settings(tmp_path, "dpo"), "local", 2, "")
