"""The sample handbook fits its questions: the evidence of each row is in its document."""

import importlib.util
import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from knowledge.pieces import piece
from knowledge.readers.base import File
from knowledge.readers.reading import read

EXAMPLES = Path(__file__).parents[2] / "examples"
HANDBOOK = EXAMPLES / "handbook"
DOCUMENTS = sorted(path.name for path in HANDBOOK.iterdir())


def rows_of(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (EXAMPLES / name).read_text("utf-8").splitlines()]


ROWS, MORE = rows_of("questions.jsonl"), rows_of("more_questions.jsonl")
ANSWERED = [row for row in ROWS if row["answer"] is not None]
UNANSWERED = [row for row in ROWS if row["answer"] is None]


def text_of(path: Path) -> str:
    """The lines of a document's text, with single spaces."""
    blocks = read(File(path.read_bytes(), path.name)).blocks
    lines = "\n".join(piece(block).text for block in blocks).splitlines()
    return "\n".join(" ".join(line.split()) for line in lines if line.strip())


@cache
def handbook_text(name: str) -> str:
    return text_of(HANDBOOK / name)


def stands_in(span: str, text: str) -> bool:
    """Whether ``text`` contains ``span`` as whole words: £120 does not contain £12."""
    return bool(re.search(rf"(?<!\w){re.escape(span)}(?!\w)", text))


def test_evidence_is_on_one_line_of_its_document_word_for_word() -> None:
    missing = {
        row["id"]: row["evidence"]
        for row in (*ANSWERED, *MORE)
        if "\n" in row["evidence"] or not stands_in(row["evidence"], handbook_text(row["file"]))
    }
    assert missing == {}


def test_the_answer_contains_the_evidence_and_the_question_does_not() -> None:
    for row in ANSWERED:
        asked = [row["question"], *(turn["content"] for turn in row.get("history", ()))]
        assert stands_in(row["evidence"], row["answer"]), row["id"]
        assert not stands_in(row["evidence"].casefold(), "\n".join(asked).casefold()), row["id"]
    for row in MORE:
        assert not stands_in(row["evidence"].casefold(), row["question"].casefold()), row["id"]


def test_evidence_is_short() -> None:
    every = (*ANSWERED, *MORE)
    long = {row["id"]: row["evidence"] for row in every if len(row["evidence"].split()) > 8}
    assert long == {}


def test_ids_count_up() -> None:
    assert [row["id"] for row in ROWS] == [f"q{n:03}" for n in range(1, len(ROWS) + 1)]
    assert [row["id"] for row in MORE] == [f"m{n:03}" for n in range(1, len(MORE) + 1)]


def test_no_question_is_asked_twice() -> None:
    asked = Counter(
        " ".join(re.findall(r"\w+", row["question"].casefold())) for row in (*ROWS, *MORE)
    )
    assert [question for question, times in asked.items() if times > 1] == []


def test_there_are_questions_of_each_kind() -> None:
    follow_ups = [row for row in ROWS if row.get("history")]
    assert len(ROWS) - len(follow_ups) - len(UNANSWERED) == 150
    assert len(follow_ups) == 12
    assert len(UNANSWERED) == 12


def test_every_document_is_asked_about_and_every_file_exists() -> None:
    assert sorted({row["file"] for row in ANSWERED}) == DOCUMENTS
    assert sorted({row["file"] for row in MORE}) == DOCUMENTS


def test_rows_without_an_answer_name_neither_document_nor_evidence() -> None:
    assert {(row["file"], row["evidence"]) for row in UNANSWERED} == {(None, None)}


def test_a_history_alternates_and_ends_with_the_assistant() -> None:
    for row in ROWS:
        roles = [turn["role"] for turn in row.get("history", ())]
        assert roles == ["user", "assistant"] * (len(roles) // 2)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_small_and_has_some_hundred_words(name: str) -> None:
    assert (HANDBOOK / name).stat().st_size < 60_000
    assert 250 <= len(handbook_text(name).split()) <= 600


def _make_handbook() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_handbook", EXAMPLES / "make_handbook.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_the_script_renders_the_same_texts_again(tmp_path: Path) -> None:
    made = _make_handbook().make(tmp_path)
    assert sorted(path.name for path in made) == [
        name for name in DOCUMENTS if not name.endswith(".md")
    ]
    for path in made:
        assert text_of(path) == handbook_text(path.name)


@pytest.mark.slow
def test_rendering_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    module = _make_handbook()
    first, second = module.make(tmp_path / "first"), module.make(tmp_path / "second")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_each_source_is_rendered_and_nothing_else(tmp_path: Path) -> None:
    sources = {path.stem for path in (EXAMPLES / "sources").iterdir()}
    assert sources == {Path(name).stem for name in DOCUMENTS if not name.endswith(".md")}


def test_the_readme_states_the_licence_of_the_examples() -> None:
    readme = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert "the project's own work under the Apache License 2.0" in readme
    licence = (EXAMPLES.parent / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in licence
    assert "Version 2.0, January 2004" in licence
