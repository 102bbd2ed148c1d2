from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.questions import Audience, Message, Question
from knowledge.index.lance import LanceIndex
from knowledge.ingest import Ingestor
from knowledge.query.search import Searcher
from tests.knowledge.doubles import DIMENSION, WordEmbedder, new_ledger

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def asked(text: str, *history: str, audience: Audience | None = None) -> Question:
    turns = tuple(
        Message("assistant" if n % 2 else "user", content) for n, content in enumerate(history)
    )
    return Question("q", text, "me", NOW, audience or Audience.everyone(), turns)


@pytest.fixture
def searcher(tmp_path: Path) -> Searcher:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "leave.md").write_text("# Leave\n\nA primary caregiver gets 16 weeks of leave.")
    (docs / "second.md").write_text("# Leave\n\nA secondary caregiver gets 6 weeks of leave.")
    (docs / "pay.md").write_text("# Pay\n\nSalaries are paid on the last Friday.")
    embedder = WordEmbedder()
    index = LanceIndex(tmp_path / "index", embedder.model, DIMENSION)
    ledger = new_ledger(tmp_path / "phi3.db")
    Ingestor(index, embedder, ledger).ingest([docs], Audience.everyone(), "me", now=NOW)
    return Searcher(index, embedder, ledger, shown=2)


def test_best_passage_answers(searcher: Searcher) -> None:
    evidence = searcher.search(asked("When are salaries paid?"))
    assert "last Friday" in evidence.passages[0].text
    assert evidence.sufficient
    assert evidence.embed_ms > 0
    assert evidence.search_ms > 0


def test_as_many_passages_as_a_prompt_shows_or_as_asked_for(searcher: Searcher) -> None:
    assert len(searcher.search(asked("leave")).passages) == 2
    assert len(searcher.search(asked("leave"), k=3).passages) == 3


def test_follow_up_is_searched_with_the_turns_before(searcher: Searcher) -> None:
    history = ("How many weeks does a primary caregiver get?", "16 weeks of leave.")
    evidence = searcher.search(asked("and a secondary caregiver?", *history))
    assert "leave" in evidence.passages[0].text
    assert evidence.passages[0].similarity > 0.6
    assert evidence.sufficient


def test_question_for_nobody_finds_nothing_and_is_insufficient(searcher: Searcher) -> None:
    evidence = searcher.search(asked("leave", audience=Audience.of("channel:X")))
    assert evidence.passages == ()
    assert not evidence.sufficient


def test_misspelt_words_are_found_as_they_were_meant(searcher: Searcher) -> None:
    evidence = searcher.search(asked("secodnary cargiver"))
    assert "6 weeks" in evidence.passages[0].text
    assert evidence.sufficient
