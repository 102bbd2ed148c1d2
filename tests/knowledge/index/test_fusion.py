import pytest

from domain.questions import Audience
from knowledge.chunk import PATH
from knowledge.index.fusion import Candidate, cosine, fuse
from knowledge.index.words import asked, searchable


def candidate(name: str, similarity: float, words: float = 0.0, text: str = "") -> Candidate:
    return Candidate(name, "s", "t", text, Audience.everyone(), similarity, words)


def order(question: str, meant: list[Candidate], text_message: list[Candidate]) -> list[str]:
    return [passage.id for passage in fuse(question, meant, text_message, 10)]


def test_meaning_alone_decides_if_no_word_was_found() -> None:
    assert order("q", [candidate("a", 0.2), candidate("b", 0.9)], []) == ["b", "a"]


def test_words_decide_between_equal_meanings() -> None:
    meant = [candidate("a", 0.51), candidate("b", 0.5), candidate("c", 0.1)]
    text_message = [candidate("b", 0.5, 7.0, "refund policy")]
    assert order("refund policy", meant, text_message) == ["b", "a", "c"]


def test_one_word_of_many_does_not_outweigh_meaning() -> None:
    meant = [candidate("a", 0.6), candidate("b", 0.5), candidate("c", 0.1)]
    text_message = [candidate("b", 0.5, 7.0, "policy")]
    question = "refund policy laptops abroad customs duty"
    assert order(question, meant, text_message) == ["a", "b", "c"]


def test_passage_found_both_ways_appears_once_with_its_similarity() -> None:
    [passage] = fuse("x", [candidate("a", 0.4, text="x")], [candidate("a", 0.4, 3.0, "x")], 10)
    assert passage.similarity == 0.4


@pytest.mark.parametrize("similarity", [0.0, -0.5, 1.0])
def test_single_candidate_gets_a_finite_score(similarity: float) -> None:
    [passage] = fuse("", [candidate("a", similarity)], [], 1)
    assert 0 <= passage.score <= 1


def test_no_candidates_give_no_passages() -> None:
    assert fuse("x", [], [], 5) == []


def test_words_are_compared_without_case_and_accents() -> None:
    assert searchable("Größe, CAFÉ & naïve_x!") == "grosse cafe naive_x"
    assert asked("What is the Café?") == "cafe"


def test_cosine_of_unit_vectors() -> None:
    assert cosine([0.6, 0.8], [1.0, 0.0]) == pytest.approx(0.6)


def test_title_that_an_older_version_indexed_is_bounded() -> None:
    long = Candidate("a", "s", "T" * 100_000, "text", Audience.everyone(), 0.5)
    [passage] = fuse("text", [long], [], 1)
    assert len(passage.title) <= PATH
