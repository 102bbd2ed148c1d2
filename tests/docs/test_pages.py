"""The commands of the pages do what the pages show, on homes that are made here."""

from pathlib import Path

import pytest

from tests.cli.model_server import ModelServer
from tests.docs.conftest import FirstSteps
from tests.docs.homes import add_trouble, page, read_shell
from tests.docs.transcripts import differences

pytestmark = pytest.mark.slow


def test_the_first_ten_minutes_go_as_their_page_says(first_steps: FirstSteps) -> None:
    assert not first_steps.wrong, "\n".join(first_steps.wrong)


def test_each_symptom_looks_as_its_page_says(
    first_steps: FirstSteps, model: ModelServer, tmp_path: Path
) -> None:
    shell = read_shell(tmp_path, first_steps.home, model.url)
    add_trouble(tmp_path)
    shell.run("phi3 ingest rooms")
    wrong = differences(page("troubleshooting.md"), shell)
    assert not wrong, "\n".join(wrong)
