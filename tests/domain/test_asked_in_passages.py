"""A question of a passage says nothing itself; the lines below it answer it."""

import pytest

from domain.support.check import Checker
from tests.domain.build import passage

PARKING = "Can I park overnight?"


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("FAQ › Can I park overnight?", "No."),
        ("FAQ › Can I park overnight?", "No. The garage is locked at 22:00."),
        ("FAQ", "Can I park overnight?\nNo."),
        ("FAQ", "Can I park overnight? No."),
        ("FAQ", "Q: Can I park overnight?\nA: No, the garage is locked at 22:00."),
        ("FAQ", "**Can I park overnight?** No, unfortunately not."),
        ("FAQ", "### Can I park overnight?\n\nUnfortunately not."),
    ],
)
def test_a_no_below_a_question_denies_what_was_asked(title: str, text: str) -> None:
    shown = [passage(text, title=title)]
    told = Checker(shown, PARKING).check(
        "You cannot park overnight. No, you cannot park overnight. "
        "You can park overnight. Yes, you can park overnight."
    )
    assert [one.supported for one in told] == [True, True, False, False]


def test_a_no_in_another_language_denies_as_well() -> None:
    shown = [passage("Darf ich über Nacht parken?\nNein.")]
    right, wrong = Checker(shown).check(
        "Sie dürfen nicht über Nacht parken. Sie dürfen über Nacht parken."
    )
    assert (right.supported, wrong.supported) == (True, False)


def test_each_question_is_answered_by_its_own_lines() -> None:
    shown = [
        passage(
            "How long is the notice period?\nThree months.\n\nHow long is probation?\nSix months"
        )
    ]
    told = Checker(shown).check(
        "The notice period is three months. The notice period is six months. "
        "Probation is six months. Probation is three months."
    )
    assert [one.supported for one in told] == [True, False, True, False]


def test_the_answer_is_quoted_and_not_the_question() -> None:
    shown = [
        passage(
            "Do contractors get a laptop?\nNo, they bring their own.\n\n"
            "Do interns get a laptop?\nYes, from the first day."
        )
    ]
    right, interns, wrong = Checker(shown).check(
        "Contractors do not get a laptop. Interns get a laptop from the first day. "
        "Contractors get a laptop."
    )
    assert right.nearest
    assert right.nearest.span.text == "No, they bring their own."
    assert (right.supported, interns.supported, wrong.supported) == (True, True, False)


def test_what_follows_a_no_is_still_told_of_what_was_asked() -> None:
    shown = [
        passage(
            "Unfortunately not at the moment. We review this each January.",
            title="Benefits › Do you pay for parental leave?",
        )
    ]
    told = Checker(shown).check(
        "Parental leave is not paid at the moment. Parental leave is reviewed each January. "
        "Parental leave is paid."
    )
    assert [one.supported for one in told] == [True, True, False]


@pytest.mark.parametrize(
    ("title", "text", "right", "wrong"),
    [
        ("Notice period", "3 months.", "The notice period is 3 months.", "It is 6 months."),
        ("Smoking", "Not allowed.", "Smoking is not allowed.", "Smoking is allowed."),
    ],
)
def test_a_line_without_words_of_its_own_is_told_of_its_title(
    title: str, text: str, right: str, wrong: str
) -> None:
    told = Checker([passage(text, title=f"Handbook › {title}")]).check(f"{right} {wrong}")
    assert [one.supported for one in told] == [True, False]


def test_that_somebody_asked_is_supported_by_the_question() -> None:
    shown = [passage("Ben: Can we ship the pumps on Friday?")]
    asked, told = Checker(shown).check(
        "Ben asked whether we can ship the pumps on Friday. We can ship the pumps on Friday."
    )
    assert (asked.supported, told.supported) == (True, False)


def test_a_passage_of_questions_is_still_shown_to_look_at() -> None:
    shown = passage("Who pays? Who signs the form?")
    nearest = Checker([shown], "Who signs?").nearest_in(shown)
    assert nearest
    assert nearest.span.text == "Who signs the form?"


def test_a_passage_without_text_supports_nothing() -> None:
    (told,) = Checker([passage("", title="FAQ › Can I park overnight?")]).check("You can park.")
    assert not told.supported
