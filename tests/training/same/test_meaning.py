from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.questions import Message
from tests.training.makers import rated
from tests.training.same.pairs import DIFFERENT, DIFFERENT_TOO, SAME, SAME_TOO, pairs
from training.same.meaning import group_of, meaning
from training.same.question_words import Kind

QUESTIONS = [question for pair in pairs(SAME + DIFFERENT) for question in pair]
ENGLISH = [question for question in QUESTIONS if question.isascii()][:120]


def same(one: str, other: str) -> bool:
    return meaning(one).key == meaning(other).key


def test_pairs_of_many_trades_are_told_apart() -> None:
    wrong = [pair for pair in pairs(SAME) if not same(*pair)]
    wrong += [pair for pair in pairs(DIFFERENT) if same(*pair)]
    assert wrong == []


def test_most_of_the_pairs_that_it_was_not_made_for_are_told_right() -> None:
    equal, different = pairs(SAME_TOO), pairs(DIFFERENT_TOO)
    assert sum(same(*pair) for pair in equal) >= 15  # of 17
    assert not any(same(*pair) for pair in different)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Who do I report an accident to?", Kind.WHO),
        ("When do I report an accident?", Kind.WHEN),
        ("Where do I report an accident?", Kind.WHERE),
        ("How do I report an accident?", Kind.HOW),
        ("What is the deadline?", Kind.WHEN),
        ("How many days may it take?", Kind.HOW_LONG),
        ("What do I do if it rains?", Kind.DO_IF),
        ("badge colour", Kind.WHAT),
        ("I wonder whether I may smoke here.", Kind.MAY),
        ("Wie lange dauert die Probe?", Kind.HOW_LONG),
        ("Combien de temps dure la visite ?", Kind.HOW_LONG),
        ("倉庫はどこですか", Kind.WHERE),
    ],
)
def test_question_word_says_what_is_asked(question: str, kind: Kind) -> None:
    assert meaning(question).kind is kind


politeness = st.sampled_from(
    ["", "Hi! ", "Hello team, ", "Please, ", "hey all - ", "Quick question: ", "Good morning. "]
)
thanks = st.sampled_from(["", " please", " Thanks!", " Thank you in advance.", " 🙏", " cheers"])


@given(politeness, st.sampled_from(ENGLISH), thanks)
def test_greetings_and_thanks_change_no_question(hello: str, question: str, bye: str) -> None:
    assert same(question, f"{hello}{question}{bye}")


@given(st.sampled_from(QUESTIONS))
def test_signs_and_blanks_change_no_question(question: str) -> None:
    assert same(question, f"  {question.rstrip('? .!？')} ??  ")


@given(st.text(max_size=200))
def test_every_text_has_a_meaning_that_stays(text: str) -> None:
    assert meaning(text) == meaning(text)
    assert same(text, text)


def test_follow_up_is_of_what_was_asked_before() -> None:
    asked = rated(1, question="And how many?").question
    bells = replace(asked, history=(Message("user", "Where are the bells?"),))
    lamps = replace(asked, history=(Message("user", "Where are the lamps?"),))
    assert len({group_of(one) for one in (asked, bells, lamps)}) == 3


def test_what_differs_only_in_a_number_is_another_question() -> None:
    assert not same("Can I keep it for 2 years?", "Can I keep it for 10 years?")
    assert same("Can I keep it for two years?", "Can I keep it for 2 years?")
