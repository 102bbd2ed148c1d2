"""The rows that come with the program, and the adapter that was trained on them."""

import json
from collections import Counter
from pathlib import Path

import pytest

from domain.adapters import Origin
from domain.prompt import REFUSAL
from serving.default_model import SMOLLM2
from serving.starter import starter_of
from training.agreement import words
from training.make_starter import install
from training.publish import WEIGHTS, verify
from training.starter import ROWS, rows_hash, starter_examples


@pytest.mark.slow
def test_rows_show_passages_of_many_trades_and_a_third_of_them_others_beside() -> None:
    rows = starter_examples()
    answered = [row for row in rows if row.completion != REFUSAL]
    assert len(answered) >= 500
    assert len({passage.text for row in rows for passage in row.passages}) >= 60
    assert 0.3 < sum(len(row.passages) > 1 for row in answered) / len(answered) < 0.4
    assert {row.origin for row in rows} == {Origin.STARTER}


@pytest.mark.slow
def test_tenth_of_the_rows_is_about_something_else_and_refused() -> None:
    rows = starter_examples()
    assert 0.08 < sum(row.completion == REFUSAL for row in rows) / len(rows) < 0.12


@pytest.mark.slow
def test_answers_are_short_and_mostly_in_the_words_of_a_passage() -> None:
    answered = [row for row in starter_examples() if row.completion != REFUSAL]
    shares = []
    for row in answered:
        shown = Counter(word for passage in row.passages for word in words(passage.text))
        wanted = words(row.completion)
        shares.append(sum(word in shown for word in wanted) / len(wanted))
    assert sum(share >= 0.8 for share in shares) / len(shares) > 0.9
    assert max(len(row.completion) for row in answered) < 300


@pytest.mark.slow
def test_near_questions_are_only_for_models_that_tell_them_apart() -> None:
    small, large = starter_examples(), starter_examples(near=True)
    added = {row.answer_id for row in large} - {row.answer_id for row in small}
    assert {row.completion for row in large if row.answer_id in added} == {REFUSAL}
    assert len(added) == len(large) - len(small) >= 100


@pytest.mark.slow
def test_follow_ups_show_the_turn_before() -> None:
    rows = [row for row in starter_examples() if len(row.prompt) > 2]
    assert len(rows) >= 50
    for row in rows:
        assert [turn.role for turn in row.prompt] == ["system", "user", "assistant", "user"]


@pytest.mark.slow
def test_each_row_has_an_id_of_its_own() -> None:
    ids = [row.answer_id for row in starter_examples(near=True)]
    assert len(set(ids)) == len(ids)


def test_every_line_is_a_passage_or_a_row() -> None:
    for line in map(json.loads, ROWS.read_text("utf-8").splitlines()):
        assert ("passage" in line) != ("question" in line)


@pytest.mark.slow
def test_adapter_in_the_package_is_whole_and_was_trained_on_these_rows() -> None:
    starter = starter_of(SMOLLM2)
    assert starter is not None
    manifest = verify(starter.folder)
    assert manifest.base_model == SMOLLM2
    assert starter.name == manifest.name == f"starter-{rows_hash()[:8]}"
    assert set(manifest.example_ids) == {row.answer_id for row in starter_examples()}


def test_new_adapter_is_the_only_one_in_the_package_and_readable_for_all(tmp_path: Path) -> None:
    old, made = tmp_path / "package/starter-1", tmp_path / "made/starter-2"
    for folder in (old, made):
        folder.mkdir(mode=0o700, parents=True)
        (folder / WEIGHTS).write_bytes(b"weights")
        (folder / WEIGHTS).chmod(0o600)
    installed = install(made, tmp_path / "package")
    assert [one.name for one in (tmp_path / "package").iterdir()] == ["starter-2"]
    assert (installed / WEIGHTS).stat().st_mode & 0o777 == 0o644
    assert installed.stat().st_mode & 0o777 == 0o755


def test_other_models_have_no_starter() -> None:
    assert starter_of("microsoft/Phi-3.5-mini-instruct") is None
    assert starter_of("/models/tiny-phi3") is None
    assert starter_of(f"/models/{SMOLLM2}") is not None


def test_adapter_names_its_base_model_and_no_folder_of_who_trained_it() -> None:
    found = starter_of(SMOLLM2)
    assert found
    config = json.loads((found.folder / "adapter_config.json").read_text("utf-8"))
    assert config["base_model_name_or_path"] == SMOLLM2
