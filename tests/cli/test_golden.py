"""`phi3 golden`: adding, listing and removing golden questions in the terminal."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.commands.every import app
from cli.commands.ingest import ingest
from domain.errors import Phi3Error

WARRANTY = "How long is the frame warranty?"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PHI3_HOME", str(tmp_path / "home"))
    return tmp_path


def phi3(*words: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, ["golden", *words], input=stdin)


def said(*words: str, stdin: str | None = None) -> str:
    done = phi3(*words, stdin=stdin)
    assert done.exit_code == 0, (done.output, done.exception)
    return done.stdout


def failed(*words: str) -> str:
    """Why a command failed, in one line."""
    done = phi3(*words)
    assert isinstance(done.exception, Phi3Error)
    assert "\n" not in str(done.exception)
    return str(done.exception)


def write(folder: Path, *rows: Mapping[str, object]) -> str:
    file = folder / "golden.jsonl"
    file.write_text("".join(json.dumps({"id": str(n), **row}) + "\n" for n, row in enumerate(rows)))
    return str(file)


def listed() -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(said("list", "--json"))["golden"]
    return found


def test_golden_questions_are_added_listed_and_removed(home: Path) -> None:
    assert "1 golden question added." in said(
        "add", WARRANTY, "--answer", "10 years", "--must-not", "5 years", "--must-not", "2 years"
    )
    (one,) = listed()
    assert (one["question"], one["answer"]) == (WARRANTY, "10 years")
    assert one["must_not"] == ["5 years", "2 years"]
    assert str(one["by"]).startswith("cli:")
    assert json.loads(said("remove", str(one["id"]), "--json")) == {"removed": [one["id"]]}
    assert listed() == []
    assert "There are no golden questions" in said("list")


def test_rows_of_a_file_are_added_and_a_second_time_are_known(home: Path) -> None:
    turns = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
    file = write(
        home,
        {"question": WARRANTY, "answer": "10 years", "evidence": "The frame is guaranteed."},
        {"question": "And paint?", "evidence": ["5 years", "in writing"], "history": turns},
        {"question": "Who?", "answer": "Tom", "must_not": ["Tim"]},
    )
    first = json.loads(said("add", "--file", file, "--json"))
    assert (first["added"], first["known"], len(first["ids"])) == (3, 0, 3)
    assert {one["answer"] for one in listed()} == {"10 years", "5 years in writing", "Tom"}
    assert [one["history"] for one in listed() if one["question"] == "And paint?"] == [turns]
    assert "0 golden questions added; the others were known." in said("add", "--file", file)
    row = json.dumps({"id": "a", "question": "Where?", "answer": "Here"})
    assert "1 golden question added." in said("add", "--file", "-", stdin=row)


@pytest.mark.slow
def test_list_names_the_questions_for_which_the_search_finds_nothing(home: Path) -> None:
    (home / "frames.md").write_text("# Frames\n\nThe frame warranty is 10 years.\n")
    ingest([str(home / "frames.md")])
    said("add", WARRANTY, "--answer", "10 years")
    said("add", "Zxqv wvut?", "--answer", "Tom")
    found = {one["question"]: (one["found"], one["titles"]) for one in listed()}
    assert found == {WARRANTY: (True, ["Frames"]), "Zxqv wvut?": (False, [])}
    text = said("list")
    assert "nothing is found" in text
    assert "For 1 of them the search finds nothing" in text


@pytest.mark.parametrize(
    "words",
    [
        ["add"],
        ["add", WARRANTY],
        ["add", "--answer", "10 years"],
        ["add", WARRANTY, "--answer", "10 years", "--file", "a.jsonl"],
        ["add", "--file", "a.jsonl", "--must-not", "5 years"],
        ["remove"],
    ],
)
def test_wrong_usage_leaves_no_trace(words: list[str], home: Path) -> None:
    done = phi3(*words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert not (home / "home").exists()


@pytest.mark.slow
def test_bad_questions_are_refused_in_one_line_and_nothing_is_added(home: Path) -> None:
    good: dict[str, object] = {"question": "Who?", "answer": "Tom"}
    assert failed("add", " ", "--answer", "10 years") == "The question is empty."
    assert failed("add", WARRANTY, "--answer", "") == "The answer is empty."
    assert "40,000 characters" in failed("add", WARRANTY, "--answer", "w" * 40_000)
    assert "golden.jsonl, 1: The answer is empty." in failed(
        "add", "--file", write(home, good, {"question": WARRANTY})
    )
    assert "golden.jsonl, 1: The question has 40,000 characters" in failed(
        "add", "--file", write(home, good, {"question": "w" * 40_000, "answer": "10"})
    )
    twice = write(home, good, {"question": "who", "answer": "Tim"})
    assert "there twice, with different answers" in failed("add", "--file", twice)
    many = write(home, *({"question": f"Who is {n}?", "answer": "Tom"} for n in range(10_000)))
    assert "10,000 would be added" in failed("add", "--file", many)
    assert "line 1" in failed("add", "--file", write(home, {"question": "Who?", "must_not": "x"}))
    assert "There is no golden question g0." in failed("remove", "g0")
    assert listed() == []
