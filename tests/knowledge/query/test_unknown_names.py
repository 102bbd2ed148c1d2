import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.query.unknown_names import has_unknown_name
from tests.knowledge.query.test_spelling import Words

DOCUMENTS = Words({"leeds": 3, "depot": 4, "keys": 2, "rota": 5, "anya": 1, "lease": 2})


@pytest.mark.parametrize(
    "question",
    [
        "Who owns the Brisbane depot?",
        "When did Otto von Guericke build the pump?",
        "NASA: who pays for it?",
        "What is in the lease? Does Brisbane have one?",
        "what does the EPA say about the keys",
    ],
)
def test_name_that_no_document_has_is_found(question: str) -> None:
    assert has_unknown_name(question, DOCUMENTS)


@pytest.mark.parametrize(
    "question",
    [
        "Who has the keys of the Leeds depot?",
        "Where are the lockers that Anya and I share?",
        "Lockers: who has the keys?",
        "who owns the brisbane depot?",
        "Who Owns The Brisbane Depot?",
        "WHO OWNS THE BRISBANE DEPOT?",
        "Wo ist der Schlüssel für das Lager in Brisbane?",
        "Is it so? “Lockers” are mine.",
        "",
        "??",
    ],
)
def test_capitals_that_name_nothing_unknown_are_not(question: str) -> None:
    assert not has_unknown_name(question, DOCUMENTS)


def test_index_without_words_knows_no_name() -> None:
    assert not has_unknown_name("Who owns the Brisbane depot?", Words({}))


@given(st.text(max_size=300))
def test_any_text_is_looked_at(text: str) -> None:
    has_unknown_name(text, DOCUMENTS)


def test_pasted_page_has_no_unknown_name() -> None:
    text = " and ".join(f"the Place{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(2_000))
    assert not has_unknown_name(text, DOCUMENTS)
