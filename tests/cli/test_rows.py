"""JSON Lines: the error for a bad row has its line number, and no row of the file is used."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.rows import QuestionRow, RatingRow, read_rows
from domain.errors import ConfigError
from domain.questions import Message, Verdict


def test_a_question_with_history_and_quotes(tmp_path: Path) -> None:
    file = tmp_path / "q.jsonl"
    turn = {"role": "user", "content": "Hi"}
    row = {"id": "1", "question": "Q?", "history": [turn], "evidence": ["a", "b"], "more": 1}
    file.write_text(json.dumps(row) + "\n\n")
    (read,) = read_rows(file, QuestionRow)
    assert read.turns == (Message("user", "Hi"),)
    assert read.accepted == "a b"


def test_a_text_may_hold_other_ends_of_lines(tmp_path: Path) -> None:
    file = tmp_path / "q.jsonl"
    texts = ["a\u2028b", "a\u2029b", "a\x85b"]
    rows = [
        json.dumps({"id": str(n), "question": text}, ensure_ascii=False)
        for n, text in enumerate(texts)
    ]
    file.write_bytes("\r\n".join(rows).encode())
    assert [row.question for row in read_rows(file, QuestionRow)] == texts


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "Invalid JSON"),
        ('{"id": "1"}', "question"),
        ('{"id": 1, "question": "Q?"}', "id"),
        ('{"id": "1", "question": "Q?", "history": [{"role": "system", "content": ""}]}', "role"),
        ("[]", "object"),
    ],
)
def test_a_bad_line_is_named(line: str, why: str, tmp_path: Path) -> None:
    file = tmp_path / "q.jsonl"
    file.write_text('{"id": "0", "question": "Fine?"}\n' + line)
    with pytest.raises(ConfigError, match=rf"line 2: .*{why}"):
        read_rows(file, QuestionRow)


def test_an_unknown_verdict_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "r.jsonl"
    file.write_text('{"answer_id": "a1", "verdict": "sideways"}')
    with pytest.raises(ConfigError, match="verdict"):
        read_rows(file, RatingRow)


def test_a_missing_or_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_rows(tmp_path / "none.jsonl", QuestionRow)
    (tmp_path / "empty.jsonl").touch()
    with pytest.raises(ConfigError, match="has no rows"):
        read_rows(tmp_path / "empty.jsonl", QuestionRow)


@given(st.text(), st.sampled_from(Verdict), st.text() | st.none())
def test_rating_rows_survive_a_round_trip_through_json(
    answer_id: str, verdict: Verdict, correction: str | None
) -> None:
    written = RatingRow(answer_id=answer_id, verdict=verdict, correction=correction)
    assert RatingRow.model_validate_json(written.model_dump_json()) == written
