"""Short sentences are understood with the one before them."""

from domain.support.check import Checker
from tests.domain.build import passage


def test_a_short_sentence_is_told_on_from_the_one_before() -> None:
    shown = [passage("Access is granted by the manager for at most 12 months. Badges are blue.")]
    told = Checker(shown).check("The manager grants access. It is valid for up to one year.")
    assert all(one.supported for one in told)


def test_a_short_sentence_with_another_number_is_not() -> None:
    shown = [passage("Access is granted by the manager for at most 12 months. Badges are blue.")]
    told = Checker(shown).check("The manager grants access. It is valid for up to two years.")
    assert [one.supported for one in told] == [True, False]


def test_a_short_sentence_alone_is_not_supported() -> None:
    shown = [passage("Access is granted by the manager for at most 12 months. Badges are blue.")]
    (told,) = Checker(shown).check("Lunch lasts an hour.")
    assert not told.supported
