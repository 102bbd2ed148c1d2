import pytest

from training.selection.agreement import Said, groups, same_opinion

SAME = [
    ("10 years", "Bronze lasts 10 years."),
    ("In the shed.", "in the  SHED"),
    ("You have to pay 20 euros.", "20 euros must be paid"),
    ("after 10 years", "after ten years"),
]
DIFFERENT = [
    ("You may not wash it.", "You may wash it."),
    ("may not", "may"),
    ("2 years", "10 years"),
    ("5 EUR", "5 USD"),
    ("5 hours", "5 days"),
    ("by Anna Berg", "by Anna Burg"),
    ("not later than 5 pm", "later than 5 pm"),
    ("It is in the shed.", "It isn't in the shed."),
    ("yes", "no"),
    ("in the shed", "in the barn"),
    ("with a receipt", "without a receipt"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_in_other_words_is_one_opinion(one: str, other: str) -> None:
    assert same_opinion(one, other, "What is it?")
    assert same_opinion(other, one, "What is it?")


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_another_negation_number_unit_or_name_is_another_opinion(one: str, other: str) -> None:
    assert not same_opinion(one, other, "What is it?")
    assert not same_opinion(other, one, "What is it?")


def test_most_people_come_first_and_of_as_many_the_latest() -> None:
    said = [
        Said("You may wash it.", "a", 1),
        Said("You may not wash it.", "b", 2),
        Said("you may wash it", "c", 3),
        Said("You must wash it.", "d", 4),
    ]
    found = groups(said, "May I wash it?")
    assert [[one.by for one in group] for group in found] == [["a", "c"], ["d"], ["b"]]


def test_very_many_wordings_are_all_kept() -> None:
    said = [Said(f"It is number {n}.", f"U{n}", n) for n in range(300)]
    found = groups(said, "Which number is it?")
    assert sorted(one.at for group in found for one in group) == list(range(300))
