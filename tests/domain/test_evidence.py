import pytest

from domain.evidence import is_found_by_words, is_sufficient, support
from domain.questions import Audience, Passage


def passage(text: str, similarity: float, title: str = "Notes") -> Passage:
    return Passage("p", "s", title, text, 1.0, similarity, Audience.everyone())


def test_nothing_found_is_not_enough() -> None:
    assert not is_sufficient("When is lunch?", [])


def test_unrelated_passages_are_not_enough() -> None:
    assert not is_sufficient("Who won the cup?", [passage("Invoices are paid on Fridays", 0.05)])


def test_near_passage_is_enough_without_a_shared_word() -> None:
    assert is_sufficient("Can I be off when my kid is born?", [passage("Parental leave", 0.4)])


def test_shared_words_are_enough_if_the_similarity_is_low() -> None:
    assert is_sufficient("travel expense limit", [passage("The limit of a travel expense", 0.1)])


def test_words_count_with_any_ending() -> None:
    one = support("paying invoices", [passage("invoice", 0.0)])
    other = support("paying invoices", [passage("lunch", 0.0)])
    assert one > other


def test_title_counts_as_text() -> None:
    assert support("vacation", [passage("20 days", 0.0, title="Vacation")]) > 0.4


def test_passages_far_down_do_not_count() -> None:
    far = [passage("a", 0.0)] * 5 + [passage("lunch is at noon", 0.9)]
    assert not is_sufficient("When is lunch?", far)


def test_question_without_words_is_judged_by_similarity() -> None:
    assert is_sufficient("???", [passage("a", 0.5)])
    assert not is_sufficient("???", [passage("a", 0.1)])


def test_question_about_an_unknown_name_needs_a_passage_that_fits_better() -> None:
    near = [passage("Parental leave in all branches", 0.4)]
    asked = "Can I be off when my kid is born?"
    assert not is_sufficient(asked, near, unknown_name=True)
    assert is_sufficient(asked, [passage("Parental leave", 0.5)], unknown_name=True)


GERMAN = "Alle Mitarbeitenden haben Anspruch auf 30 Urlaubstage im Kalenderjahr."


@pytest.mark.parametrize(
    ("asked", "found", "is_found"),
    [
        ("Wie viele Urlaubstage haben alle Mitarbeitenden?", GERMAN, True),
        ("Wer ist der Vorstand der Firma?", GERMAN, False),
        ("Wie setze ich den VPN-Token zurück?", "Reset your VPN token in the portal.", False),
        ("有給休暇は何日ですか？", "社員は年に20日の有給休暇を取得できます。", True),
        ("社長は誰ですか？", "社員は年に20日の有給休暇を取得できます。", False),
    ],
)
def test_passage_is_found_by_words_in_the_language_of_the_question(
    asked: str, found: str, is_found: bool
) -> None:
    assert is_found_by_words(asked, [passage(found, 0.5)]) is is_found
