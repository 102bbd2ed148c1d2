import pytest

from domain.word_for_word import stands_in

RULES = (
    "Employees may not smoke in the office. The warranty lasts 10 years, for pumps 1.5 years and "
    "for hoses 2-5 years. Anna Berg's office has the keys. Call +49 30 1234 by 12:30, but not on "
    "Fridays."
)


@pytest.mark.parametrize(
    "text",
    [
        "10 years",
        "THE WARRANTY LASTS\n10 years.",
        "“Anna Berg”",
        "1.5 years",
        "12:30",
        "Employees may not smoke in the office.",
        "not on Fridays",
        "+49 30 1234",
    ],
)
def test_whole_words_of_a_passage_stand_in_it(text: str) -> None:
    assert stands_in(text, ["Another passage.", RULES])


@pytest.mark.parametrize(
    "text",
    [
        "5 years",  # of 1.5 years, and of 2-5 years
        "Employees may",  # not
        "smoke in the office",  # may not
        "on Fridays",  # not
        "0 years",
        "year",
        "12",
        "Anna Ber",
        "the",
        "",
        " . ",
        "2 years",
    ],
)
def test_parts_of_words_and_numbers_and_what_is_denied_do_not(text: str) -> None:
    assert not stands_in(text, [RULES])


def test_words_of_two_passages_stand_in_none() -> None:
    assert not stands_in("ten bells ring", ["There are ten bells", "ring the door"])


@pytest.mark.parametrize("text", ["you can’t enter", "you can't enter"])
def test_an_apostrophe_belongs_to_its_word(text: str) -> None:
    assert stands_in(text, [f"Sorry, {text} today."])
    assert not stands_in("you can", [f"Sorry, {text} today."])
