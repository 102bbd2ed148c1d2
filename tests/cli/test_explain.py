import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.commands.every import app
from domain.errors import ConfigError
from knowledge.query.steps import Step

QUESTION = "When are salareis paid?"


@pytest.fixture(autouse=True)
def documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHI3_HOME", str(tmp_path / "home"))
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "pay.md").write_text("# Pay\n\nSalaries are paid on the last Friday.\n")
    (docs / "leave.md").write_text("# Leave\n\nA caregiver gets 16 weeks of paid leave.\n")
    phi3("ingest", str(docs))


def phi3(*words: str) -> str:
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    return done.stdout


def test_steps_of_a_search_are_shown_to_people() -> None:
    shown = phi3("search", QUESTION, "--explain")
    assert "followups: nothing to change\nspelling: When are salaries paid?\n" in shown
    head, first, second = shown.rstrip().splitlines()[-3:]
    assert head.split() == [step for step in Step if step not in (*_BEFORE, Step.RERANKING)]
    assert first.split()[0] == "[1]"
    assert (first.split()[-1], second.split()[-1]) == ("1", "2")
    assert "followups" not in phi3("search", QUESTION)


_BEFORE = (Step.FOLLOWUPS, Step.SPELLING)


@pytest.mark.slow
def test_programs_get_the_places_of_each_passage(tmp_path: Path) -> None:
    batch = tmp_path / "questions.jsonl"
    batch.write_text(json.dumps({"id": "q1", "question": QUESTION}) + "\n")
    for words in (("search", QUESTION, "--json"), ("search", "--batch", str(batch))):
        assert "steps" not in json.loads(phi3(*words))
        found = json.loads(phi3(*words, "--explain"))
        asked = {"followups": None, "spelling": "When are salaries paid?"}
        assert found["steps"]["question"] == asked
        assert len(found["steps"]["places"]) == len(found["passages"]) == 2
        assert [places["neighbours"] for places in found["steps"]["places"]] == [1, 2]


def test_steps_that_are_switched_off_are_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHI3_SEARCH_WITHOUT", "spelling, tokens")
    steps = json.loads(phi3("search", QUESTION, "--json", "--explain"))["steps"]
    assert "spelling" not in steps["question"]
    assert "tokens" not in steps["places"][0]
    monkeypatch.setenv("PHI3_SEARCH_WITHOUT", "speling")
    with pytest.raises(ConfigError, match="PHI3_SEARCH_WITHOUT: write some of followups, spelling"):
        phi3("search", QUESTION)
