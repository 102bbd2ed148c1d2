"""One night of an arm, in a process of its own, which gives back its memory and can be killed.

``python -m bench.month.night ours|naive DAY SECONDS PARENT`` runs it with the settings in the
environment. Ours stores a checkpoint every so many seconds; the night ends if the process PARENT
does. ``speed`` alone trains a few starter rows, and prints the tokens a second.
"""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bench.month.questions import day_prefix
from cli.app import prepare_process
from cli.environment import read_settings
from cli.processes import end_with_parent
from cli.wiring import Container
from domain.adapters import TERMINAL, Adapter, AdapterState, Example, Order, Origin
from domain.prompt import render
from domain.questions import Verdict

if TYPE_CHECKING:
    from serving.models import ModelFiles

_SPEED_ROWS = 6
_PATIENCE_SECONDS = 1.0


def everything(container: Container, day: int) -> Iterator[Example]:
    """A row for each 👍 and each correction of the day: nothing is weighed or left out."""
    for rated in container.ratings.rated():
        if not rated.question.id.startswith(day_prefix(day)):
            continue
        said = {
            rating.correction or rated.answer.text
            for rating in rated.ratings
            if rating.correction or rating.verdict is Verdict.UP
        }
        prompt = render(rated.question.text, rated.answer.passages)
        for text in sorted(said):
            yield Example(
                rated.answer.id,
                rated.question.text,
                prompt,
                text,
                Origin.CORRECTION,
                rated.answer.id,
                rated.answer.passages,
            )


def naive(container: Container, day: int) -> None:
    """Trains the adapter of the night before once on everything of the day; it is live at once."""
    from training import qlora
    from training.publish import publish, remove_orphans
    from training.recipe import RATE_WITH_STARTER, Recipe

    name = f"naive-{day:02}"
    folder = container.settings.home / "adapters"
    known = {one.name for one in container.adapters.all()}
    remove_orphans(folder, known)
    if name in known:  # a start that was killed had got so far
        _make_live(container, name)
        return
    rows = list(everything(container, day))
    if not rows:
        return
    base, before = _base(container), _before(container)
    rate = RATE_WITH_STARTER if before else None
    recipe = qlora.suited(Recipe(learning_rate=rate, epochs=1), base)

    def write(to: Path) -> None:
        qlora.train(rows, recipe, base, to, starter=before)

    ids = list(dict.fromkeys(row.answer_id for row in rows))
    manifest = publish(folder, name, base.name, recipe, ids, write)
    now, path = datetime.now(UTC), str(folder / name)
    made = Adapter(name, base.name, path, manifest.sha256, AdapterState.TRAINED, name, now)
    container.adapters.add(made)
    _make_live(container, name)


def _make_live(container: Container, name: str) -> None:
    if container.live_adapter() != name:
        container.adapter_changes.promote(name, Order(TERMINAL, datetime.now(UTC), name))


def _before(container: Container) -> Path | None:
    """The folder of the adapter that is live; None if the base model answers."""
    live, starter = container.live_adapter(), container.starter
    if starter and live == starter.name:
        return starter.folder
    return Path(container.adapters.find(live).path) if live else None


def speed(container: Container) -> float:
    """Tokens a second of training, the loading of the model left out."""
    from training import qlora
    from training.recipe import Recipe
    from training.starter import starter_examples

    base = _base(container)
    every = starter_examples()
    rows = every[:: len(every) // _SPEED_ROWS]  # on different passages
    with TemporaryDirectory(dir=container.settings.home) as folder:
        recipe = qlora.suited(Recipe(epochs=1), base)
        return qlora.train(rows, recipe, base, Path(folder)).tokens_per_second


def _base(container: Container) -> "ModelFiles":
    from serving.default_model import default_model
    from serving.models import resolve

    chosen = container.settings
    return resolve(chosen.model or default_model(), chosen.home)


def main() -> None:
    from cli.run_night import run_night
    from training import checkpoints

    prepare_process()
    with Container(read_settings()) as container:
        match sys.argv[1:]:
            case "ours", _, seconds, parent:
                end_with_parent(int(parent), _PATIENCE_SECONDS)
                checkpoints.EVERY = float(seconds)
                run_night(container)
            case "naive", day, _, parent:
                end_with_parent(int(parent), _PATIENCE_SECONDS)
                naive(container, int(day))
            case _:
                print(json.dumps(speed(container)))


if __name__ == "__main__":
    main()
