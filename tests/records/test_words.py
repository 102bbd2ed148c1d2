import pytest

from records.database import Database
from records.words import Words


@pytest.fixture
def words(db: Database) -> Words:
    return Words(db)


def test_words_are_counted_over_several_additions(words: Words) -> None:
    assert not words.has_words()
    words.add_words({"leave": 2, "pay": 1})
    words.add_words({"leave": 3})
    assert words.has_words()
    assert words.all_words() == {"leave": 5, "pay": 1}


def test_those_that_a_passage_has_are_known(words: Words) -> None:
    words.add_words({"leave": 1, "müller": 1})
    assert words.known_words({"leave", "leaves", "müller", "'; drop table words; --"}) == {
        "leave",
        "müller",
    }
    assert words.known_words(()) == frozenset()


def test_words_alike_have_the_first_letter_and_nearly_as_many_letters(words: Words) -> None:
    words.add_words({"leave": 1, "leaves": 4, "lea": 1, "heave": 1})
    assert words.words_like("l", 4, 6) == {"leave": 1, "leaves": 4}


def test_counting_again_drops_what_is_gone_and_keeps_what_came_meanwhile(words: Words) -> None:
    words.add_words({"leave": 5, "secret": 1})
    before = words.all_words()
    words.add_words({"pay": 1, "leave": 1})
    words.set_words({"leave": 2}, before)
    assert words.all_words() == {"leave": 3, "pay": 1}


def test_as_many_words_as_a_book_has_are_stored(words: Words) -> None:
    many = {f"w{n}": n + 1 for n in range(3_000)}
    words.add_words(many)
    assert words.all_words() == many
