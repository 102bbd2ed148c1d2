"""What a night wrote is read again for its report in Slack."""

import json
from pathlib import Path

import pytest

from domain.adapters import ChangedAnswer, NightFiles, Outcome, TrainingRun
from tests.training.makers import NOW
from training.report.files import forget, read_files


def run(report: str) -> TrainingRun:
    return TrainingRun("night-1", Outcome.REJECTED, NOW, NOW, report=report)


def case(n: int, before: float, after: float, text: str = "new") -> dict[str, object]:
    return {
        "answer_id": f"a{n}",
        "question": f"Question {n}?",
        "accepted": "right",
        "live": {"text": "old", "agreement": before},
        "candidate": {"text": text, "agreement": after},
    }


def write(folder: Path, *cases: dict[str, object]) -> str:
    folder.mkdir(parents=True)
    (folder / "report.json").write_text(json.dumps({"questions": cases}))
    return str(folder)


def test_answers_that_changed_most_come_first_and_unchanged_ones_are_left_out(
    tmp_path: Path,
) -> None:
    cases = [case(1, 0.5, 0.6), case(2, 0.9, 0.1), case(3, 0.2, 0.9, "old"), case(4, 0.0, 0.5)]
    found = read_files(run(write(tmp_path / "night-1", *cases)))
    assert [one.answer_id for one in found.changed] == ["a2", "a4", "a1"]
    assert found.changed[0] == ChangedAnswer("a2", "Question 2?", "old", "new")


def test_answer_that_was_forgotten_is_not_read(tmp_path: Path) -> None:
    report = write(tmp_path / "night-1", case(1, 0.1, 0.2), case(2, 0.1, 0.2))
    (tmp_path / "night-1" / "report.md").write_text("# night-1")
    forget(tmp_path, ["a1"])
    assert [one.answer_id for one in read_files(run(report)).changed] == ["a2"]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"questions": [{}]}', '{"questions": 3}'])
def test_report_that_cannot_be_read_shows_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "report.json").write_text(text)
    assert read_files(run(str(tmp_path))) == NightFiles()
    assert read_files(run(str(tmp_path / "gone"))) == NightFiles()
    assert read_files(run("")) == NightFiles()
