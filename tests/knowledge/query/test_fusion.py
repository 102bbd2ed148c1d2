import pytest

from domain.candidates import Candidate, Ranked
from domain.questions import Audience
from knowledge.index.words import asked, codes, searchable, searches
from knowledge.query.codes import codes_first
from knowledge.query.fusion import fused


def candidate(name: str, similarity: float, words: float = 0.0, text: str = "") -> Candidate:
    return Candidate(name, "s", "t", text, Audience.everyone(), similarity, words)


def order(question: str, *candidates: Candidate) -> list[str]:
    ordered = codes_first(question, fused(question, candidates, words=True))
    return [one.candidate.id for one in ordered]


def test_meaning_alone_decides_if_no_word_was_found() -> None:
    assert order("q", candidate("a", 0.2), candidate("b", 0.9)) == ["b", "a"]


def test_words_decide_between_equal_meanings() -> None:
    given = candidate("a", 0.51), candidate("b", 0.5, 7.0, "refund policy"), candidate("c", 0.1)
    assert order("refund policy", *given) == ["b", "a", "c"]
    by_meaning = fused("refund policy", given, words=False)
    assert [one.candidate.id for one in by_meaning] == ["a", "b", "c"]


def test_one_word_of_many_does_not_outweigh_meaning() -> None:
    given = candidate("a", 0.6), candidate("b", 0.5, 7.0, "policy"), candidate("c", 0.1)
    assert order("refund policy laptops abroad customs duty", *given) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("code", "question"),
    [
        ("E_4032", "What does error E_4032 mean?"),
        ("KX-01", "who may use kx-01 in the harbour"),
        ("48213", "price of 48213?"),
    ],
)
def test_only_passage_with_the_code_comes_first(code: str, question: str) -> None:
    near = [
        candidate(f"n{n}", 0.9 - n / 1_000, 2.0, f"error {n} of the harbour") for n in range(50)
    ]
    one = candidate("one", 0.5, 4.0, f"Error {code} of the harbour.")
    assert order(question, *near, one)[0] == "one"


def test_passage_with_the_code_comes_first_however_far_behind_it_was() -> None:
    far = Ranked(-3.0, candidate("far", 0.1, 1.0, "E_4032 stuck"))
    given = [Ranked(1.0, candidate("near", 0.9, 2.0, "error")), far]
    assert [one.candidate.id for one in codes_first("E_4032?", given)] == ["far", "near"]


def test_code_that_many_hold_decides_nothing() -> None:
    many = [candidate(f"n{n}", 0.9 - n / 100, 1.0, "see E_4032") for n in range(4)]
    other = candidate("other", 0.95, text="errors")
    assert order("E_4032", other, *many)[0] == "other"


@pytest.mark.parametrize("between", [" ", "-"])
def test_question_of_very_many_codes_is_searched_for_a_thousand_words(between: str) -> None:
    found = searches(between.join(f"k{n}" for n in range(10, 3_000)))
    assert found
    assert all(len(one.split()) <= 1_000 for one in found)


def test_codes_are_told_from_years_times_and_quantities() -> None:
    assert codes("E_4032, KX-01 and 48213; ISO9001") == {"e_4032", "kx 01", "48213", "iso9001"}
    assert codes("error:E_4032/E_4033, 4711-22") == {"e_4032", "e_4033", "4711"}
    assert "e_4032" in codes("E_4032-related")
    assert codes("KX\u201101") == {"kx 01"}
    assert codes("In 2024 at 14:30, 3pm, the 3rd, 30min, 100MB, 10 or 24/7?") == set()
    assert codes("a 24-hour, 5-day trial for 1000 people") == set()


@pytest.mark.parametrize("similarity", [0.0, -0.5, 1.0])
def test_single_candidate_gets_a_finite_score(similarity: float) -> None:
    [one] = fused("", [candidate("a", similarity)], words=True)
    assert 0 <= one.score <= 1


def test_no_candidates_stay_none() -> None:
    assert fused("x", [], words=True) == []


def test_words_are_compared_without_case_and_accents() -> None:
    assert searchable("Größe, CAFÉ & naïve_x!") == "grosse cafe naive_x"
    assert asked("What is the Café?") == "cafe"
