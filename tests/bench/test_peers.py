import json
import sys
from pathlib import Path

import pytest

from bench import HANDBOOK
from bench.peers import Asked, Comparison, Found, is_found, questions
from domain.questions import Message

TURNS = (Message("user", "How long is the warranty?"), Message("assistant", "Ten years."))


def test_every_quote_must_stand_in_what_is_read() -> None:
    texts = ["The frame has a warranty\nof **ten** years.", "Tyres have none."]
    assert is_found(texts, ["a warranty of ten years"])
    assert is_found(texts, ["ten years", "tyres have none"])
    assert not is_found(texts, ["ten years", "tyres have one"])


def test_what_is_far_behind_is_not_read() -> None:
    assert is_found(["x " * 2_900, "ten years"], ["ten years"])
    assert not is_found(["x " * 3_000, "ten years"], ["ten years"])


def test_only_questions_that_the_files_answer_are_asked(tmp_path: Path) -> None:
    rows = [
        {"question": "a?", "evidence": "one", "history": []},
        {"question": "b?", "evidence": None},
        {
            "question": "c?",
            "evidence": ["one", "two"],
            "history": [{"role": turn.role, "content": turn.content} for turn in TURNS],
        },
    ]
    file = tmp_path / "rows.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)) + "\n")
    assert questions(file) == [
        Asked("a?", (), ("one",)),
        Asked("c?", TURNS, ("one", "two")),
    ]


def test_a_row_has_follow_ups_in_a_column_of_their_own() -> None:
    asked = [Asked("a?", (), ("one",)), Asked("b?", (), ("two",)), Asked("c?", TURNS, ("three",))]
    found = Found("ours", 1.23, 45.6, [["one"], ["no", "two"], ["no"]])
    assert found.row(asked) == "| ours | 0.50 | 1.00 | 1.00 | 0.00 | 1.2 | 46 |"
    assert found.row(asked[:2]) == "| ours | 0.50 | 1.00 | 1.00 | – | 1.2 | 46 |"


@pytest.mark.slow
def test_ours_is_measured_and_a_peer_that_is_missing_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHI3_HOME", str(tmp_path / "nothing here"))
    text = (HANDBOOK / "servicing.md").read_text().splitlines()
    quote = max(text, key=len)
    rows = tmp_path / "rows.jsonl"
    rows.write_text(json.dumps({"question": quote[:100], "evidence": quote}))
    header, _, ours, *peers = "\n".join(
        Comparison(tmp_path, [HANDBOOK], rows, sys.executable).lines()
    ).splitlines()
    assert header.startswith("| system |")
    assert ours.startswith("| phi3-expert | 1.00 | 1.00 | 1.00 | – |")
    assert len(peers) == 6
    assert all("No module named" in peer for peer in peers)
