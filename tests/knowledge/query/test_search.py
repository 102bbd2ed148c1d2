import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.embeddings import QuestionEmbedding
from domain.questions import Audience, Message, Question
from domain.rules import Rules
from knowledge.index.lance import LanceIndex
from knowledge.ingest import Ingestor
from knowledge.query.reranking import Reranking
from knowledge.query.search import Searcher
from knowledge.query.steps import Step
from tests.knowledge.doubles import DIMENSION, WordEmbedder, new_ledger

NOW = datetime(2026, 11, 1, tzinfo=UTC)
EVERYONE = Audience.everyone()


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
    return made(tmp_path, docs)


def made(
    tmp_path: Path,
    docs: Path,
    reranking: Reranking | None = None,
    audience: Audience = EVERYONE,
    without: Sequence[Step] = (),
) -> Searcher:
    embedder = WordEmbedder()
    index = LanceIndex(tmp_path / "index", embedder.model, DIMENSION)
    ledger = new_ledger(tmp_path / "phi3.db")
    Ingestor(index, embedder, ledger).ingest([docs], audience, "me", now=NOW)
    return Searcher(index, embedder, ledger, 2, reranking, without)


def test_embedder_gets_a_text_that_it_can_read(tmp_path: Path) -> None:
    class Strict(WordEmbedder):
        def embed_question(self, text: str) -> QuestionEmbedding:
            assert text.encode() == b"When are salaries paid?"  # lone surrogates have no bytes
            return super().embed_question(text)

    embedder = Strict()
    index = LanceIndex(tmp_path / "index", embedder.model, DIMENSION)
    searcher = Searcher(index, embedder, new_ledger(tmp_path / "phi3.db"))
    assert not searcher.search(asked("When are \ud800sala\x00ries paid?\udcff")).passages


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


@pytest.mark.slow
def test_equally_good_passages_come_in_the_order_of_their_addresses(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    words = "guests sign the visitor book at reception".split()
    for n, first in enumerate(words):
        others = " ".join(word for word in words if word != first)
        (docs / f"{n}.md").write_text(f"# Visits\n\n{first} {others}.")
        os.utime(docs / f"{n}.md", (1e9, 1e9))  # else the newest of these versions comes first
    found = made(tmp_path, docs).search(asked("Where is the visitor book?"), k=len(words))
    assert [Path(one.source).name for one in found.passages] == [f"{n}.md" for n in range(7)]


def test_question_for_nobody_finds_nothing_and_is_insufficient(searcher: Searcher) -> None:
    evidence = searcher.search(asked("leave", audience=Audience.of("channel:X")))
    assert evidence.passages == ()
    assert not evidence.sufficient


def test_chosen_sources_alone_are_searched_and_never_more_than_may_be_read(
    searcher: Searcher, tmp_path: Path
) -> None:
    pay = str((tmp_path / "docs/pay.md").resolve())
    only_pay = replace(asked("caregiver leave"), rules=Rules(only=frozenset({pay})))
    assert {one.source for one in searcher.search(only_pay).passages} == {pay}

    of_nobody = replace(only_pay, audience=Audience.of("channel:X"))
    assert searcher.search(of_nobody).passages == ()
    gone = replace(asked("caregiver leave"), rules=Rules(only=frozenset({"/gone.md"})))
    assert searcher.search(gone).passages == ()


def test_misspelt_words_are_found_as_they_were_meant(searcher: Searcher) -> None:
    evidence = searcher.search(asked("secodnary cargiver"))
    assert "6 weeks" in evidence.passages[0].text
    assert evidence.sufficient


def test_each_step_says_what_it_did(searcher: Searcher) -> None:
    history = ("How many weeks does a primary caregiver get?", "16 weeks of leave.")
    explained = searcher.explain(asked("and a secodnary one?", *history))
    said = {done.step: done.note for done in explained.steps if not done.orders}
    assert said[Step.FOLLOWUPS].endswith("and a secodnary one?")
    assert "primary caregiver" in said[Step.FOLLOWUPS]
    assert said[Step.SPELLING].endswith("and a secondary one?")
    orders = [done for done in explained.steps if done.orders]
    assert [done.step for done in orders] == [
        step for step in Step if step not in (*said, Step.RERANKING)
    ]
    assert orders[-1].order == tuple(one.key for one in explained.evidence.passages)
    assert set(orders[0].order) >= set(orders[-1].order)


@pytest.mark.slow
@pytest.mark.parametrize("step", [step for step in Step if step is not Step.RERANKING])
def test_search_can_do_without_each_step(tmp_path: Path, step: Step) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "pay.md").write_text("# Pay\n\nSalaries are paid on the last Friday.")
    explained = made(tmp_path, docs, without=[step]).explain(asked("When are salaries paid?"))
    assert "last Friday" in explained.evidence.passages[0].text
    names = [done.step for done in explained.steps]
    assert step not in names or step is Step.WORDS  # by meaning alone they are in order too


class Last:
    """Scores each text higher than the one before, and remembers what it was asked."""

    model = "last"

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.read: list[str] = []

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        self.asked.append(question)
        self.read += texts
        return [float(n) for n in range(len(texts))]


def test_passages_come_in_the_order_of_the_model_that_reads_them(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "leave.md").write_text("# Leave\n\nA primary caregiver gets 16 weeks of leave.")
    (docs / "pay.md").write_text("# Pay\n\nSalaries are paid on the last Friday.")
    last = Last()
    evidence = made(tmp_path, docs, Reranking(lambda: last)).search(asked("salaries, leavee?"))
    assert last.asked == ["salaries, leave?"]
    assert [f"{one.title}\n{one.text}" for one in evidence.passages] == last.read[::-1]


def test_the_model_reads_nothing_that_the_person_may_not_read(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "a.md").write_text("# Leave\n\nA primary caregiver gets 16 weeks of leave.")
    (docs / "b.md").write_text("# Leave\n\nA secondary caregiver gets 6 weeks of leave.")
    last = Last()
    searcher = made(tmp_path, docs, Reranking(lambda: last), Audience.of("channel:X"))
    assert searcher.search(asked("leave")).passages == ()
    assert last.read == []
    assert len(searcher.search(asked("leave", audience=Audience.of("channel:X"))).passages) == 2
    assert len(last.read) == 2


def test_the_newest_version_comes_first_whatever_the_model_says(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    rest = "It is paid in full, also to those who work part-time, and counts as time of work."
    (docs / "leave-2024.md").write_text(f"# Leave 2024\n\nA caregiver gets 6 weeks. {rest}")
    (docs / "leave-2025.md").write_text(f"# Leave 2025\n\nA caregiver gets 16 weeks. {rest}")
    last = Last()
    found = made(tmp_path, docs, Reranking(lambda: last)).search(asked("caregiver weeks"))
    assert len(last.read) == 2
    assert "16 weeks" in found.passages[0].text
    other = made(tmp_path, docs).search(asked("caregiver weeks")).passages
    assert {each.text for each in other} == {each.text for each in found.passages}
