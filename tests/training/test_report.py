"""What a night wrote is read again for its report in Slack, and leaves it when it is forgotten."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from domain.adapters import ChangedAnswer, NightFiles, Outcome, TrainingRun
from tests.training.makers import NOW
from tests.training.night_data import night_data
from training.report import files
from training.report.files import forget, page_of, read_files, reported
from training.report.page import page


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
    earlier = tmp_path / "night-1" / "report.md"
    earlier.write_text("What versions without a page wrote: Question 1?")
    assert forget(tmp_path, ["a1"]) == 1
    assert not earlier.exists()
    assert [one.answer_id for one in read_files(run(report)).changed] == ["a2"]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"questions": [{}]}', '{"questions": 3}'])
def test_report_that_cannot_be_read_shows_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "report.json").write_text(text)
    assert read_files(run(str(tmp_path))) == NightFiles()
    assert read_files(run(str(tmp_path / "gone"))) == NightFiles()
    assert read_files(run("")) == NightFiles()


def named(nights: Path, text: str) -> list[str]:
    """The files that contain a text."""
    return sorted(
        one.name for one in nights.rglob("*") if one.is_file() and text in one.read_text()
    )


def two_answers(nights: Path) -> None:
    read = night_data(question="Which Zebra?", answer="the striped one")
    kept = read["questions"][0] | {"answer_id": "a2", "question": "Which Okapi?"}
    read |= {"questions": [*read["questions"], kept], "golden": []}
    files.write(nights / "night-1", read)


@pytest.mark.parametrize("step", range(6))
def test_call_that_is_killed_at_any_write_is_completed_by_another_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    two_answers(tmp_path)
    assert named(tmp_path, "Which Zebra?") == ["report.html", "report.json"]
    left = step

    def killed(kind: str) -> None:
        nonlocal left
        original = getattr(Path, kind)

        def do(self: Path, *given: Any, **more: Any) -> Any:
            nonlocal left
            if left == 0:
                raise KeyboardInterrupt
            left -= 1
            return original(self, *given, **more)

        patched.setattr(Path, kind, do)

    with monkeypatch.context() as patched, suppress(KeyboardInterrupt):
        for kind in ("write_text", "replace", "unlink"):
            killed(kind)
        forget(tmp_path, ["a1"])
    if "a1" in reported(tmp_path):
        assert forget(tmp_path, ["a1"]) == 1
    assert named(tmp_path, "Which Zebra?") == []
    assert named(tmp_path, "Which Okapi?") == ["report.html", "report.json"]


def test_of_two_that_forget_at_once_neither_brings_back_what_the_other_removed(
    tmp_path: Path,
) -> None:
    read = night_data()
    first = read["questions"][0]
    read["questions"] = [
        first | {"answer_id": f"id-{n:02}", "question": f"Which of {n:02}?"} for n in range(12)
    ]
    files.write(tmp_path / "night-1", read)
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda n: forget(tmp_path, [f"id-{n:02}"]), range(11)))
    assert reported(tmp_path) == {"id-11"}
    assert named(tmp_path, "Which of 11?") == ["report.html", "report.json"]
    assert named(tmp_path, "Which of 05?") == []


def test_page_that_is_made_again_is_the_same_without_what_is_forgotten(tmp_path: Path) -> None:
    two_answers(tmp_path)
    before = json.loads((tmp_path / "night-1" / "report.json").read_text())
    forget(tmp_path, ["a1"])
    expected = page(before | {"questions": before["questions"][1:]})
    assert (tmp_path / "night-1" / "report.html").read_text() == expected


def test_page_is_named_only_where_it_is(tmp_path: Path) -> None:
    assert page_of(run(str(tmp_path / "night-1"))) is None
    two_answers(tmp_path)
    assert page_of(run(str(tmp_path / "night-1"))) == tmp_path / "night-1" / "report.html"
    assert page_of(run("")) is None
