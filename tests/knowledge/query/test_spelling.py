from collections.abc import Collection
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.tokens import Reach
from knowledge.query.spelling import corrected

PASSAGES = {
    "weeks": 9, "week": 4, "first": 12, "fist": 1, "year": 8, "cycle": 3, "projects": 5,
    "reps": 6, "grand": 2, "setanta": 1, "maintenance": 2, "where": 7, "müller": 1, "mueller": 1,
    "неделя": 2, "hard": 5, "support": 4,
}  # fmt: skip


@dataclass
class Words:
    """The words of some passages, which no one else changes."""

    passages: dict[str, int] = field(default_factory=lambda: PASSAGES)

    def known_words(self, words: Collection[str]) -> frozenset[str]:
        return frozenset(words) & self.passages.keys()

    def words_like(self, first: str, shortest: int, longest: int) -> dict[str, int]:
        return {
            word: count
            for word, count in self.passages.items()
            if word[0] == first and shortest <= len(word) <= longest
        }

    def has_words(self) -> bool:
        return bool(self.passages)

    def all_words(self) -> dict[str, int]:
        return self.passages

    def add_words(self, passages: object) -> None:
        raise AssertionError("a search adds no words")

    def set_words(self, passages: object, before: object) -> None:
        raise AssertionError("a search changes no words")


def meant(text: str) -> str:
    return corrected(text, Words(), Reach(256)).text


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("how many weaks in a cylce?", "how many weeks in a cycle?"),
        ("in the frist yaer", "in the first year"),
        ("Sentanta Sports", "setanta Sports"),
        ("maintainance", "maintenance"),
        ("какая недля", "какая неделя"),
    ],
)
def test_misspelt_words_become_the_nearest_of_the_passages(written: str, text: str) -> None:
    assert meant(written) == text


def test_of_equally_near_words_the_most_frequent_one_is_meant() -> None:
    assert meant("frst") == "first"


@pytest.mark.parametrize(
    "text",
    [
        "can I hoard my days?",  # English, and near to "hard"
        "the rung of a ladder",
        "Ghandi",  # two letters from "grand", and a name
        "E_4032 and KX-01 and wk5",
        "wk",
        "weeks of support",
        "週間は何週間ですか",
        "🙂🙂🙂🙂",
        "",
    ],
)
def test_real_words_names_codes_and_other_scripts_stay(text: str) -> None:
    spelling = corrected(text, Words(), Reach(256))
    assert spelling.text == spelling.both == text


def test_question_in_a_language_that_no_passage_is_in_stays() -> None:
    text = "Wie viele Projekts sind das?"
    assert corrected(text, Words(), Reach(256)).both == text


def test_question_in_the_language_of_some_passages_is_corrected() -> None:
    known = Words({**PASSAGES, "sind": 2})
    assert corrected("Wie viele Projekts sind das?", known, Reach(256)).misspelt == ("Projekts",)


def test_both_spellings_are_searched_for() -> None:
    assert corrected("suport repz", Words(), Reach(256)).both == "support reps (suport repz)"


def test_nothing_is_corrected_while_no_words_are_known() -> None:
    assert corrected("frist yaer", Words({}), Reach(256)).both == "frist yaer"


def test_pasted_text_full_of_unknown_words_stays_as_it_is() -> None:
    pasted = " ".join(f"weeks frist {letter}zzzq weaks" for letter in "abcdefghijklmnopq")
    assert corrected(pasted, Words(), Reach(256)).both == pasted


@given(st.text(max_size=200))
def test_any_text_is_searched_for_with_all_that_was_written(text: str) -> None:
    spelling = corrected(text, Words(), Reach(256))
    assert all(word in text for word in spelling.misspelt)
    assert bool(spelling.misspelt) or spelling.both == text
