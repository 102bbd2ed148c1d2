"""A night searches again for what was not found, and the commands say what is found by now."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.asking import question_of
from cli.commands.every import app
from cli.reading import read_targets
from cli.retrieval_again import plan_and_search_again
from cli.settings import Settings
from cli.targets import Wanted
from cli.wiring import Container
from domain.questions import Answer, AnswerKind, Rating, Verdict
from tests.training.makers import NOW

ASKED = "When are salaries paid?"
RIGHT = "Salaries are paid on the last Friday of the month."


@pytest.fixture
def container(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Container]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PHI3_HOME", str(tmp_path / "home"))
    add(tmp_path, "doors", "Nobody leaves a door open.")
    with Container(Settings(home=tmp_path / "home")) as made:
        read_targets(made, [str(tmp_path / "docs")], Wanted())
        yield made


def add(folder: Path, name: str, text: str) -> None:
    (folder / "docs").mkdir(exist_ok=True)
    (folder / "docs" / f"{name}.md").write_text(f"# {name}\n\n{text}\n", "utf-8")


def rate_bad(container: Container) -> str:
    """The id of an answer that was made from what is found now, and corrected."""
    question = question_of(ASKED)
    shown = container.searcher.search(question).passages[:1]
    made = Answer.of(question, AnswerKind.ANSWERED, "Nobody knows.", shown, "1")
    container.answers.ask(question)
    container.answers.record(made)
    container.ratings.rate(Rating(made.id, "U1", Verdict.DOWN, NOW, correction=RIGHT))
    return made.id


def said(*words: str) -> Any:
    done = CliRunner().invoke(app, [*words, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.mark.slow
def test_what_was_not_found_is_found_once_its_document_was_added(
    container: Container, tmp_path: Path
) -> None:
    bad = rate_bad(container)

    def shown() -> tuple[str, bool | None]:
        (case,) = said("train", "--dry-run")["retrieval_cases"]
        return case["answer_id"], case["found"]

    assert shown() == (bad, None)
    plan_and_search_again(container)
    assert shown() == (bad, False)
    add(tmp_path, "salaries", RIGHT)
    read_targets(container, [str(tmp_path / "docs")], Wanted())
    plan_and_search_again(container)
    assert shown() == (bad, True)
    assert said("gaps")["retrieval_cases"] == {"searched_again": 1, "found_by_now": 1}
    told = CliRunner().invoke(app, ["train", "--dry-run"]).output
    assert "1 whose right passage was not found, 1 found by now." in told


def test_what_was_found_is_forgotten_with_the_answer(container: Container) -> None:
    bad = rate_bad(container)
    plan_and_search_again(container)
    assert said("gaps")["retrieval_cases"] == {"searched_again": 1, "found_by_now": 0}
    done = CliRunner().invoke(app, ["forget", "answer", bad])
    assert done.exit_code == 0, done.output
    assert said("gaps")["retrieval_cases"] == {"searched_again": 0, "found_by_now": 0}
