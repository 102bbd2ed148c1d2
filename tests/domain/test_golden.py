"""What a golden question can be, and which answers to it are right."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.answering import is_refusal
from domain.golden import LONGEST, Golden, id_of, objection_to
from domain.prompt import REFUSAL
from domain.questions import Message

NOW = datetime(2026, 3, 29, tzinfo=UTC)
WARRANTY = "How long is the frame warranty?"
REFUNDS = "Who handles refunds?"


def golden(question: str, answer: str, *must_not: str) -> Golden:
    return Golden(id_of(question), question, answer, must_not, (), "cli:me", NOW)


@pytest.mark.parametrize(
    ("question", "answer", "text"),
    [
        (WARRANTY, "10 years", "The frame warranty is 10 years."),
        (WARRANTY, "10 years", "Ten years."),
        (WARRANTY, "The frame warranty is 10 years.", "10 years"),
        (REFUNDS, "Maria Lopez", "Refunds are handled by Maria Lopez, and by Tom."),
        (REFUNDS, "Refunds are handled by Tom within 5 days", "Tom, within 5 days."),
        ("Where are saddles?", "in the cellar behind the mill", "Behind the mill, in the cellar."),
        ("May I carry over days?", "You may not carry over days.", "You may not carry over days."),
        ("May I carry over days?", "No", "No, you may not."),
        ("Who may enter the vault alone?", "Nobody may enter the vault alone", "Nobody."),
        ("When does it open?", "on Tuesdays", "It opens on Tuesdays and Fridays."),
        ("What is the door code?", REFUSAL, f"{REFUSAL} The nearest documents: Doors."),
    ],
)
def test_answer_with_the_right_numbers_names_and_words_is_right(
    question: str, answer: str, text: str
) -> None:
    assert golden(question, answer).is_right(text)


@pytest.mark.parametrize(
    ("question", "answer", "text"),
    [
        (WARRANTY, "10 years", "The frame warranty is 5 years."),
        (WARRANTY, "10 years", "It is not 10 years."),
        (WARRANTY, "10 years", "10 days"),
        (WARRANTY, "10 years", "110 years"),
        (WARRANTY, "The frame warranty is 10 years.", "The warranty covers the frame."),
        (WARRANTY, "10 years", ""),
        (WARRANTY, "10 years", f"{REFUSAL} The nearest documents: 10 years of bikes."),
        (REFUNDS, "Maria Lopez", "Maria Garcia."),
        (
            REFUNDS,
            "Maria Lopez handles refunds for customers in Spain",
            "Maria Garcia handles refunds for customers in Spain.",
        ),
        ("How heavy is it?", "5 kg", "5 g"),
        ("May I carry over days?", "You may not carry over days.", "You may carry over days."),
        ("May I carry over days?", "You may carry over days.", "You may not carry over days."),
        ("May I carry over days?", "No", "Yes, you may."),
        (
            "Who may enter the vault alone?",
            "Nobody may enter the vault alone",
            "Everyone may enter the vault alone.",
        ),
        ("What is the door code?", REFUSAL, "The door code is 1234."),
    ],
)
def test_answer_that_says_something_else_is_wrong(question: str, answer: str, text: str) -> None:
    assert not golden(question, answer).is_right(text)


def test_answer_that_says_what_it_must_not_is_wrong() -> None:
    one = golden(WARRANTY, "10 years", "two years")
    assert one.is_right("10 years. Paint has a shorter one.")
    assert not one.is_right("10 years, and Two  Years for paint.")
    assert one.is_right("10 years, and twenty two yearsome days for paint.")


@pytest.mark.parametrize(
    ("text", "must_not"),
    [
        ("2.5 days", "5 days"),
        ("-18 °C", "18 °C"),
        ("1 500 €", "500 €"),
        ("10 people", "10 %"),
        ("Version 3.1", "Version 3"),
    ],
)
def test_a_forbidden_number_is_compared_whole_with_its_sign_and_unit(
    text: str, must_not: str
) -> None:
    assert golden(WARRANTY, text, must_not).is_right(text)
    assert not golden(WARRANTY, "10 years", must_not).is_right(f"10 years, {must_not}")


@settings(deadline=None)
@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=80))
def test_any_text_can_be_judged(question: str, answer: str, text: str) -> None:
    one = golden(question, answer)
    if not objection_to(one):
        assert isinstance(one.is_right(text), bool)
        assert one.is_right(REFUSAL) is is_refusal(answer)


def test_case_spaces_and_the_last_mark_make_no_other_question() -> None:
    assert id_of("How  long is the frame warranty") == id_of(WARRANTY.upper())
    assert id_of("Who handles C?") != id_of("Who handles C++?")
    assert id_of(WARRANTY, (Message("user", "Hello"),)) != id_of(WARRANTY)


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (golden("", "10 years"), "The question is empty."),
        (golden("…", "10 years"), "The question is empty."),
        (golden(WARRANTY, " \u200b"), "The answer is empty."),
        (golden(WARRANTY, "!?"), "The answer is empty."),
        (golden("w" * 40_000, "10"), "The question has 40,000 characters; at most 2,000 are"),
        (golden(WARRANTY, "w" * 40_000), "The answer has 40,000 characters"),
        (golden(WARRANTY, "10", "w" * (LONGEST + 1)), "has 2,001 characters"),
        (golden(WARRANTY, "10", "…"), "A text that the answer must not say is empty."),
        (golden(WARRANTY, "10", *map(str, range(11, 50))), "At most 20 texts"),
        (golden(WARRANTY, "10 years", "10"), "The right answer itself says “10”"),
    ],
)
def test_what_cannot_be_golden_is_refused_with_the_reason(one: Golden, why: str) -> None:
    assert why in objection_to(one)
    assert not objection_to(golden(WARRANTY, "10 years", "5 years"))
