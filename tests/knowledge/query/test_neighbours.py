from collections.abc import Sequence
from pathlib import Path

import pytest

from domain.candidates import Candidate
from domain.documents import Chunk, Embedded
from domain.questions import Audience, Passage
from knowledge.index.lance import LanceIndex
from knowledge.query.neighbours import CHARACTERS, with_neighbours
from tests.knowledge.doubles import DIMENSION, WordEmbedder

EVERYONE = Audience.everyone()


class Shelf:
    """An index with documents whose chunks are known by their first words."""

    def __init__(self, folder: Path) -> None:
        self.embedder = WordEmbedder()
        self.index = LanceIndex(folder, self.embedder.model, DIMENSION)

    def put(self, document: str, *texts: tuple[str, str], readers: Audience = EVERYONE) -> None:
        chunks = [
            Chunk(text.split()[0], document, title, text, readers, place=n)
            for n, (title, text) in enumerate(texts)
        ]
        vectors = self.embedder.embed_passages([one.text for one in chunks])
        self.index.replace(Embedded(document, chunks, vectors))

    def shown(self, *found: tuple[str, str], k: int = 5) -> list[str]:
        passages = [self.passage(document, name) for document, name in found]
        return [
            one.text for one in with_neighbours(passages, self.found(), self.index, EVERYONE, k)
        ]

    def found(self) -> dict[tuple[str, str], Candidate]:
        return {one.key: one for one in self.index.search("", [1.0] * DIMENSION, EVERYONE, 100)}

    def passage(self, document: str, name: str) -> Passage:
        [chunk] = [one for one in self.index.chunks(document) if one.id == name]
        return Passage(name, "/s", chunk.title, chunk.text, 1, 1, EVERYONE, document=document)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def lines(*words: str, size: int = 100) -> Sequence[tuple[str, str]]:
    return [("Rules", f"{word} ".ljust(size, "x")) for word in words]


def test_passage_is_shown_between_its_neighbours(shelf: Shelf) -> None:
    shelf.put("d", *lines("a", "b", "c"))
    (_, a), (_, b), (_, c) = lines("a", "b", "c")
    assert shelf.shown(("d", "b")) == [f"{a}\n\n{b}\n\n{c}"]


def test_only_as_many_neighbours_as_fit_the_ones_before_first(shelf: Shelf) -> None:
    shelf.put("d", *lines("a", "b", "c", size=700))
    [text] = shelf.shown(("d", "b"))
    assert text.startswith("a ")
    assert "c " not in text
    assert len(text) <= CHARACTERS


def test_what_is_shown_within_another_passage_is_not_shown_again(shelf: Shelf) -> None:
    shelf.put("d", *lines("a", "b", "c"))
    shelf.put("e", *lines("f"))
    texts = shelf.shown(("d", "a"), ("d", "c"), ("e", "f"))
    assert len(texts) == 2
    assert texts[1].startswith("f ")


def test_copy_of_what_is_shown_within_another_passage_is_not_shown(shelf: Shelf) -> None:
    shelf.put("d", *lines("a", "b"))
    shelf.put("copy", *lines("b"))
    assert len(shelf.shown(("d", "a"), ("copy", "b"))) == 1


def test_only_the_best_are_widened_and_at_most_k_are_shown(shelf: Shelf) -> None:
    found = [(f"document {n}", f"a{n}") for n in range(4)]
    for n, (document, _) in enumerate(found):
        shelf.put(document, *lines(f"a{n}", f"b{n}", size=400))
    assert [len(text) > 500 for text in shelf.shown(*found)] == [True, True, False, False]
    assert len(shelf.shown(*found, k=3)) == 3


def test_heading_of_a_neighbour_in_another_section_is_shown(shelf: Shelf) -> None:
    shelf.put("d", ("Guide", "a hello"), ("Guide › Pay", "b Friday"), ("Guide › Leave", "c weeks"))
    assert shelf.shown(("d", "b")) == ["Guide\na hello\n\nPay\nb Friday\n\nLeave\nc weeks"]


def test_neighbours_that_the_person_may_not_read_are_not_shown(shelf: Shelf) -> None:
    shelf.put("d", *lines("a", "b"))
    passage, found = shelf.passage("d", "a"), shelf.found()
    shelf.index.set_audience(Audience.of("channel:T1:C1"), "d")
    assert with_neighbours([passage], found, shelf.index, EVERYONE, 1) == [passage]


def test_document_that_has_just_changed_is_shown_as_it_was_found(shelf: Shelf) -> None:
    shelf.put("d", *lines("a", "b"))
    passage, found = shelf.passage("d", "a"), shelf.found()
    shelf.put("d", *lines("z", "y"))
    [shown] = with_neighbours([passage], found, shelf.index, EVERYONE, 1)
    assert shown.text.startswith("a ")
    assert "z " not in shown.text


def test_document_that_was_just_forgotten_is_shown_as_it_was_found(shelf: Shelf) -> None:
    shelf.put("d", *lines("a", "b"))
    passage, found = shelf.passage("d", "a"), shelf.found()
    shelf.index.forget("d")
    assert with_neighbours([passage], found, shelf.index, EVERYONE, 1) == [passage]
