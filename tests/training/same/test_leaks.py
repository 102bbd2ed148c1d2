from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from domain.adapters import Example
from domain.prompt import render
from domain.questions import Message
from tests.training.makers import example, rated
from tests.training.same.pairs import SAME, pairs
from training.dataset import split
from training.same.leaks import Trained
from training.same.meaning import group_of


def row(n: int, question: str, *before: str) -> Example:
    asked = rated(n, question=question).question
    turns = [(Message("user", text), Message("assistant", "Here.")) for text in before]
    history = tuple(turn for pair in turns for turn in pair)
    return replace(
        example(n),
        question=question,
        prompt=render(question, (), history),
        group=group_of(replace(asked, history=history)),
    )


@given(st.lists(st.sampled_from(pairs(SAME)), min_size=2, max_size=40))
def test_two_wordings_of_a_question_are_never_on_both_sides(found: list[tuple[str, str]]) -> None:
    rows = [row(2 * n + k, text) for n, pair in enumerate(found) for k, text in enumerate(pair)]
    train, held_back = split(rows)
    assert {one.group for one in train}.isdisjoint(one.group for one in held_back)


def test_question_that_asks_for_something_else_may_be_compared() -> None:
    trained = Trained([row(1, "How do I report an accident?")])
    assert not trained.resemble(row(2, "Who do I report an accident to?"))
    assert trained.resemble(row(3, "Hi, how does one report an accident?"))


def test_question_without_a_question_word_is_near_to_all_that_have_its_words() -> None:
    trained = Trained([row(1, "When is the deadline for boiler claims?")])
    assert trained.resemble(row(2, "Tell me the boiler claims deadline"))
    trained = Trained([row(1, "boiler claims form")])
    assert trained.resemble(row(2, "Where is the boiler claims form?"))


def test_negated_question_is_near_to_the_plain_one() -> None:
    trained = Trained([row(1, "Can guests enter with a receipt?")])
    assert trained.resemble(row(2, "Can guests enter without a receipt?"))


def test_short_question_is_understood_with_the_one_before() -> None:
    trained = Trained([row(1, "And how many?", "Where are the bells?")])
    assert not trained.resemble(row(2, "And how many?", "Where are the lamps?"))
    assert trained.resemble(row(3, "And how many?", "Where are the bells?"))
