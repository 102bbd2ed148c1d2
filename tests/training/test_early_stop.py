from dataclasses import replace
from pathlib import Path

import pytest

from domain.adapters import Example, Origin
from serving.models import ModelFiles
from tests.training.makers import example
from training.early_stop import MOST, PATIENCE, set_aside
from training.publish import WEIGHTS
from training.recipe import Recipe


def own(n: int) -> list[Example]:
    return [example(i) for i in range(n)]


@pytest.mark.slow
@pytest.mark.parametrize(("rows", "aside"), [(0, 0), (9, 0), (60, 6), (399, 39), (1000, MOST)])
def test_tenth_of_the_teams_rows_is_set_aside(rows: int, aside: int) -> None:
    starter = [replace(row, origin=Origin.STARTER, group="s") for row in own(5)]
    kept, watched = set_aside([*own(rows), *starter])
    assert (len(kept), len(watched)) == (rows - aside + 5, aside)
    assert [row for row in own(rows) if row in kept or row in watched] == own(rows)
    assert set_aside([*own(rows), *starter]) == (kept, watched)


def test_questions_that_mean_the_same_are_on_one_side() -> None:
    rows = [replace(row, group=f"group{n // 2}") for n, row in enumerate(own(80))]
    kept, watched = set_aside(rows)
    assert len(watched) == 8
    assert not {row.group for row in kept} & {row.group for row in watched}


@pytest.mark.slow
def test_training_that_gets_worse_stops_and_keeps_the_best_weights(
    tiny: Path, tmp_path: Path
) -> None:
    from training import qlora  # imports torch and trl, which takes seconds

    def train(epochs: int, folder: str) -> "qlora.Trained":
        recipe = Recipe(
            r=4, alpha=8, learning_rate=1e-2, epochs=epochs, batch=4, early_stop=True, warmup=0
        )
        (tmp_path / folder).mkdir()
        return qlora.train(own(24), recipe, ModelFiles("tiny", str(tiny)), tmp_path / folder)

    found = train(20, "long")
    best = found.watched.index(min(found.watched))
    assert len(found.watched) == best + 1 + PATIENCE  # their loss rises: rows are learned by heart
    assert len(found.losses) < 20 * 6
    assert {path.name for path in (tmp_path / "long").iterdir()} == {"adapter_config.json", WEIGHTS}
    assert (found.rows, found.dropped) == (22, 0)
