from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from domain.documents import Chunk, Embedded
from domain.embeddings import Embedding
from domain.errors import IndexUnavailable
from domain.questions import Audience
from knowledge.index.lance import LanceIndex
from knowledge.index.reindex import NewEmbeddings, Reindexing, SameEmbeddings
from tests.knowledge.doubles import DIMENSION, WordEmbedder, new_ledger, ranked
from tests.records.makers import source

EVERYONE, CHANNEL = Audience.everyone(), Audience.of("channel:T1:C1")


class OtherEmbedder(WordEmbedder):
    """Another model; it fails after some texts, as if its process was killed."""

    def __init__(self) -> None:
        super().__init__("other")
        self.left = 1_000_000

    def embed_passages(self, texts: Sequence[str]) -> list[Embedding]:
        self.left -= len(texts)
        if self.left < 0:
            raise IndexUnavailable("killed")
        return super().embed_passages(texts)


class Move:
    def __init__(self, folder: Path) -> None:
        self.first, self.embedder = WordEmbedder(), OtherEmbedder()
        self.old = LanceIndex(folder, self.first.model, DIMENSION)
        self.new = LanceIndex(folder, self.embedder.model, DIMENSION, "passages_2")
        self.ledger = new_ledger(folder / "ledger.db")
        self.work = Reindexing(self.old, self.new, NewEmbeddings(self.embedder), self.ledger)
        self.progress: list[tuple[str, int, int]] = []

    def write(self, document: str, *texts: str, audience: Audience = EVERYONE) -> None:
        chunks = [
            Chunk(f"{document}-{n}", document, "Title", text, audience, place=n)
            for n, text in enumerate(texts)
        ]
        self.old.replace(Embedded(document, chunks, self.first.embed_passages(list(texts))))

    def copy(self) -> None:
        self.work.copy(lambda *step: self.progress.append(step))

    def held(self, index: LanceIndex) -> dict[str, list[Chunk]]:
        return {document: list(index.chunks(document)) for document in index.documents()}


@pytest.fixture
def move(tmp_path: Path) -> Move:
    return Move(tmp_path)


def test_every_passage_is_copied_for_the_same_readers(move: Move) -> None:
    move.write("a", "one", "two")
    move.write("b", "three", audience=CHANNEL)
    move.copy()
    assert move.held(move.new) == move.held(move.old)
    assert move.new.audiences() == {"a": {EVERYONE}, "b": {CHANNEL}}
    [found] = ranked(move.new, "three", move.embedder.embed_question("three").vector, CHANNEL, 1)
    assert found.text == "three"
    assert move.progress == [
        ("Embedding documents", 2, 2),
        ("Comparing the two indexes", 0, 0),
        ("Copying who may read them", 0, 0),
        ("Building the structures for search", 0, 0),
    ]


def test_copying_again_embeds_only_what_was_added(move: Move) -> None:
    move.write("a", "one", "two")
    move.copy()
    move.write("b", "three")
    move.copy()
    assert move.embedder.embedded == 3
    assert move.held(move.new) == move.held(move.old)


def test_what_was_removed_or_given_to_others_is_followed(move: Move) -> None:
    move.write("a", "one")
    move.write("b", "two")
    move.copy()
    move.old.remove("a")
    move.old.set_audience(CHANNEL, "b")
    move.copy()
    assert move.new.audiences() == {"b": {CHANNEL}}


@pytest.mark.slow
def test_work_that_was_killed_goes_on(move: Move) -> None:
    for n in range(6):
        move.write(f"d{n}", *(f"text {n} {m}" for m in range(100)))
    move.embedder.left = 350
    with pytest.raises(IndexUnavailable):
        move.copy()
    done = move.new.documents()
    assert 0 < len(done) < 6
    move.embedder.left, move.embedder.embedded = 1_000_000, 0
    move.copy()
    assert move.embedder.embedded == 100 * (6 - len(done))
    assert move.held(move.new) == move.held(move.old)


def test_document_that_a_killed_writer_left_half_written_is_completed(move: Move) -> None:
    move.write("a", "one", "two")
    half = list(move.old.chunks("a"))[:1]
    move.new.replace(Embedded("a", half, move.embedder.embed_passages(["one"])))
    move.copy()
    assert move.held(move.new) == move.held(move.old)


def test_late_copy_adds_what_is_in_use_and_leaves_what_others_wrote(move: Move) -> None:
    move.write("x", "one")
    move.write("y", "two")
    move.copy()
    # Others have noticed the swap: they removed y, and gave x to a channel.
    move.new.remove("y")
    move.new.set_audience(CHANNEL, "x")
    # Somebody who has not noticed it wrote z, and something that no source has any more.
    move.write("z", "three")
    move.write("unused", "four")
    row = source("/docs/z.md")
    move.ledger.save(replace(row, document="z", audience=CHANNEL))
    move.work.copy_late(lambda *_: None)
    assert move.new.audiences() == {"x": {CHANNEL}, "z": {CHANNEL}}


def test_index_of_the_same_model_gets_the_vectors_that_are_stored(
    move: Move, tmp_path: Path
) -> None:
    move.write("a", "one", "two")
    move.write("b", "one", audience=CHANNEL)
    elsewhere = LanceIndex(tmp_path / "elsewhere", move.first.model, DIMENSION)
    work = Reindexing(move.old, elsewhere, SameEmbeddings(move.old), move.ledger)
    embedded = move.first.embedded
    work.copy(lambda *step: move.progress.append(step))
    assert move.held(elsewhere) == move.held(move.old)
    for document in ("a", "b"):
        assert elsewhere.embeddings(document) == move.old.embeddings(document)
    assert (move.first.embedded, move.progress[0]) == (embedded, ("Copying documents", 2, 2))
