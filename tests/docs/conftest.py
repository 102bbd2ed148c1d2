"""One home that has read the handbook, as the first page has it; other pages get copies."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.model_server import ModelServer, model_server
from tests.docs.homes import new_shell, page
from tests.docs.transcripts import differences


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """What the page of the first steps left, and what it shows wrongly."""

    home: Path
    wrong: list[str]


@pytest.fixture(scope="session")
def model() -> Iterator[ModelServer]:
    """Answers as the small model did when the pages were written."""
    with model_server() as server:
        server.reply = "The walnut tree in the east car park."
        yield server


@pytest.fixture(scope="session")
def first_steps(model: ModelServer, tmp_path_factory: pytest.TempPathFactory) -> FirstSteps:
    folder = tmp_path_factory.mktemp("first-steps")
    wrong = differences(page("first-steps.md"), new_shell(folder, model.url))
    return FirstSteps(folder / "home", wrong)
