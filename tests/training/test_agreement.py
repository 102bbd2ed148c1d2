"""How far an answer agrees with the accepted one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.prompt import REFUSAL
from training.agreement import contains, f1, says, words
from training.evaluation import ScoredAnswer

texts = st.text() | st.lists(st.sampled_from("the a red bell hub 308 4 Bell, hub.".split())).map(
    " ".join
)
numbers = st.integers(2, 999)
units = st.sampled_from(("days", "hours", "km", "euros"))
FRAMES = st.sampled_from(
    (
        "You get {} of holiday a year.",
        "The warranty that we give to each customer is {}.",
        "As the handbook says, a loan lasts {} at most.",
        "{}",
    )
)
WARRANTY = "The frame warranty that we give to each customer is ten years."
HOW_LONG = "How long is the frame warranty?"


@given(texts, texts)
def test_f1_lies_between_0_and_1(a: str, b: str) -> None:
    assert 0 <= f1(a, b) <= 1


@given(texts, texts)
def test_f1_is_symmetric(a: str, b: str) -> None:
    assert f1(a, b) == f1(b, a)


@given(texts)
def test_text_has_f1_of_1_with_itself_and_contains_itself(text: str) -> None:
    assert f1(text, text) == 1
    assert contains(text, text)


@given(texts, texts, texts)
def test_text_contains_each_of_its_parts(before: str, middle: str, after: str) -> None:
    assert contains(f"{before} {middle} {after}", middle)


def test_f1_counts_words_as_squad_does() -> None:
    assert f1("The answer is: 308 points.", "308") == pytest.approx(2 * 1 / (4 + 1))
    assert f1("bell bell", "bell") == pytest.approx(2 / 3)
    assert f1("The bell!", "a bell") == 1
    assert f1("hub", "bell") == 0


def test_number_inside_another_number_does_not_count_as_contained() -> None:
    assert not contains("in 1308", "308")


@settings(deadline=None)
@given(FRAMES, numbers, units)
def test_each_word_of_a_liked_answer_alone_agrees_less_than_its_fact(
    frame: str, number: int, unit: str
) -> None:
    fact = f"{number} {unit}"
    liked = frame.format(fact)
    assert says(fact, liked, "How much?") == says(liked, liked, "How much?") == 1
    assert all(says(word, liked, "How much?") == 0 for word in liked.split() if word != fact)


@settings(deadline=None)
@given(FRAMES, numbers, units, numbers)
def test_other_number_never_agrees(frame: str, number: int, unit: str, other: int) -> None:
    liked = frame.format(f"{number} {unit}")
    if number != other:
        assert says(frame.format(f"{other} {unit}"), liked, "How much?") == 0


@settings(deadline=None)
@given(texts, texts, texts)
def test_agreement_lies_between_0_and_1_and_is_whole_with_the_liked_answer_itself(
    text: str, liked: str, question: str
) -> None:
    assert 0 <= says(text, liked, question) <= 1
    assert says(liked, liked, question) == float(bool(words(liked)))


@pytest.mark.parametrize(
    ("text", "agrees"),
    [
        (WARRANTY, 1),
        ("ten years", 1),
        ("10 years", 1),
        ("The frame warranty is ten years.", 1),
        ("ten", 0),
        ("years", 0),
        ("warranty", 0),
        ("ten weeks", 0),
        ("It is 2 years.", 0),
        (REFUSAL, 0),
        ("", 0),
    ],
)
def test_liked_answer_with_a_number_agrees_with_what_says_it_with_its_unit(
    text: str, agrees: float
) -> None:
    assert says(text, WARRANTY, HOW_LONG) == agrees


@pytest.mark.parametrize(
    ("text", "agrees"),
    [("Bea Sorensen", True), ("the key", False), ("the cage", False), ("Maud Okafor", False)],
)
def test_liked_answer_with_a_name_agrees_with_what_names_it(text: str, agrees: bool) -> None:
    liked = "Bea Sorensen has the key to the cage."
    assert says(text, liked, "whos got the key to the cage?") == agrees


def test_liked_answer_without_a_fact_agrees_with_half_of_what_it_says_beyond_the_question() -> None:
    liked, asked = "the walnut tree in the east car park", "Where is the assembly point?"
    assert says("At the walnut tree by the car park.", liked, asked) == 1
    assert says("the tree", liked, asked) < 0.5
    assert says("the assembly point", liked, asked) == 0


@pytest.mark.parametrize(
    ("text", "agrees"),
    [
        ("Yes.", True),
        ("Apprentices may use the pillar drill.", True),
        ("No.", False),
        ("Apprentices may not use the pillar drill.", False),
    ],
)
def test_yes_is_not_no(text: str, agrees: bool) -> None:
    liked = "Yes, apprentices may use the pillar drill."
    assert says(text, liked, "May apprentices use the pillar drill?") == agrees


def test_accepted_refusal_agrees_with_a_refusal_alone() -> None:
    assert says(REFUSAL, REFUSAL, HOW_LONG) == 1
    assert says("ten years", REFUSAL, HOW_LONG) == 0


def test_one_word_answers_do_not_beat_the_full_answers_that_people_liked() -> None:
    liked = [f"You may keep it for {n} days if you tell the office." for n in range(2, 22)]
    full = [f"For {n} days, but tell the office before." for n in range(2, 22)]

    def agreement(texts: list[str]) -> float:
        pairs = zip(texts, liked, strict=True)
        asked = "How long may I keep it?"
        return sum(ScoredAnswer(a, b, True, False, True, asked).agreement for a, b in pairs)

    assert agreement(full) == 20
    assert agreement(["days"] * 20) == 0
