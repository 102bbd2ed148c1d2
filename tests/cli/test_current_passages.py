from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cli.asking import question_of
from cli.night_plan import night_plan
from cli.reading import read_targets
from cli.settings import Settings
from cli.targets import Wanted
from cli.wiring import Container
from domain.questions import Answer, AnswerKind
from tests.training.makers import up
from training.selection.left_out import LeftOut

_PARTS = {
    "Salaries": "Salaries are paid on the last Friday of the month.",
    "Leave": "A caregiver gets 16 weeks of paid leave.",
}


def text(**others: str) -> str:
    parts = _PARTS | others
    filler = "\n\n".join(f"Rule {n} says that nobody leaves the door open. " * 12 for n in range(9))
    blocks = "# Handbook", parts["Salaries"], "## Doors", filler, "## Leave", parts["Leave"]
    return "\n\n".join(blocks) + "\n"


@pytest.fixture
def container(tmp_path: Path) -> Iterator[Container]:
    (tmp_path / "docs").mkdir()
    write(tmp_path, text())
    with Container(Settings(home=tmp_path / "home")) as made:
        read(made, tmp_path)
        yield made


def write(folder: Path, written: str) -> None:
    (folder / "docs" / "handbook.md").write_text(written, "utf-8")


def read(container: Container, folder: Path) -> None:
    read_targets(container, [str(folder / "docs")], Wanted())


def liked(container: Container, asked: str, answer: str) -> str:
    """The id of an answer from what is found now; five people like it."""
    question = question_of(asked)
    shown = container.searcher.search(question).passages[:1]
    made = Answer.of(question, AnswerKind.ANSWERED, answer, shown, "1")
    container.answers.ask(question)
    container.answers.record(made)
    for n in range(5):
        container.ratings.rate(replace(up(f"U{n}"), answer_id=made.id))
    return made.id


def outdated(container: Container) -> set[str]:
    return set(night_plan(container).left_out.get(LeftOut.OUTDATED, ()))


@pytest.mark.slow
def test_what_was_answered_from_lines_that_are_gone_is_left_out(
    container: Container, tmp_path: Path
) -> None:
    paid = liked(container, "When are salaries paid?", _PARTS["Salaries"])
    leave = liked(container, "How long is the leave of a caregiver?", _PARTS["Leave"])
    assert outdated(container) == set()
    write(tmp_path, text(Leave="A caregiver gets 20 weeks of paid leave."))
    read(container, tmp_path)
    assert outdated(container) == {leave}
    plan = night_plan(container)
    assert paid in {row.answer_id for row in (*plan.train, *plan.held_back)}
    write(tmp_path, text())
    read(container, tmp_path)
    assert outdated(container) == set()


def test_a_document_that_was_only_read_again_loses_no_row(
    container: Container, tmp_path: Path
) -> None:
    liked(container, "How long is the leave of a caregiver?", _PARTS["Leave"])
    write(tmp_path, text() + "\n## Bikes\n\nBikes stand in the yard.\n")
    read(container, tmp_path)
    assert outdated(container) == set()
