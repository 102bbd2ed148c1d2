import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.near_copies import ALIKE, SIZE, codes, likeness, sketch, subject

NOTICE = (
    "The canteen serves lunch from 11:30 to 14:00. A full meal costs 6.40 euros, a soup 2.90. "
    "Guests pay with their visitor card at the till."
)


def alike(one: str, other: str) -> float:
    return likeness(sketch([one]), sketch([other]))


def text_of(words: int, seed: int) -> list[str]:
    chosen = random.Random(seed)
    return [f"w{chosen.randrange(5_000)}" for _ in range(words)]


def test_notice_whose_price_changed_is_a_version() -> None:
    assert alike(NOTICE, NOTICE.replace("6.40", "6.90")) > ALIKE


def test_notice_in_a_language_without_blanks_whose_price_changed_is_a_version() -> None:
    old = "社員食堂の昼食は11時半から14時まで。定食は640円、汁物は290円です。部品番号はKX-01です。"
    assert alike(old, old.replace("640", "690")) > ALIKE
    assert codes([old]) == codes([old.replace("640", "690")]) != codes([old.replace("01", "02")])


def test_long_text_with_a_new_chapter_is_a_version() -> None:
    old = text_of(20_000, seed=1)
    assert alike(" ".join(old), " ".join(old + text_of(4_000, seed=2))) > ALIKE


def test_pages_of_one_template_about_different_offices_are_not() -> None:
    template = (
        "{0} office. The {0} office is at {1}. Parking is in {2}. The reception of {0} answers at "
        "{3} from 8 to 17. Deliveries for {0} go to gate {4}."
    )
    berlin = template.format("Berlin", "Kantstraße 4", "the yard", "030 5551", "B")
    munich = template.format("Munich", "Isarring 19", "deck C", "089 4472", "7")
    assert alike(berlin, munich) < ALIKE


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_likeness_of_long_texts_is_estimated(share: float) -> None:
    common, size = text_of(int(10_000 * share), seed=3), int(10_000 * (1 - share))
    one, other = common + text_of(size, seed=4), common + text_of(size, seed=5)
    pairs = [set(pairwise(words)) for words in (one, other)]
    exact = len(pairs[0] & pairs[1]) / len(pairs[0] | pairs[1])
    assert alike(" ".join(one), " ".join(other)) == pytest.approx(exact, abs=0.2)


@given(st.lists(st.text(), max_size=20))
def test_every_text_is_like_itself(texts: list[str]) -> None:
    made = sketch(texts)
    assert len(made) <= SIZE
    assert all(0 <= each < 2**63 for each in made)
    assert likeness(made, made) == (1.0 if made else 0.0)


def test_pages_of_one_template_about_two_codes_have_other_codes() -> None:
    page = "Fault {0}. When the display shows {0}, switch the crane off and call the workshop."
    assert codes([page.format("E_4032")]) != codes([page.format("E_4033")])


@pytest.mark.parametrize("word", ["E_4032", "E-4032,", "(KX0050)", "77120", "ISO-9001", "a1/b2"])
def test_code_is_known(word: str) -> None:
    assert len(codes([f"see {word} there"])) == 1


@pytest.mark.parametrize(
    "word", ["2026", "6.40", "14:00", "40km", "900", "2nd", "page", "1.3.2026"]
)
def test_value_is_no_code(word: str) -> None:
    assert codes([f"see {word} there"]) == ()


@pytest.mark.parametrize(
    ("title", "about"),
    [
        ("Price list 2025", "price list"),
        ("price_list_v2 (final)", "price list"),
        ("Price list, March 2026", "price list"),
        ("Price list (copy)", "price list"),
        ("price-list-2026-03-01", "price list"),
        ("Price list 01.03.2026", "price list"),
        ("Price list 03-31-2026", "price list"),
        ("Handbook, version 2.1", "handbook"),
        ("Travel rules (2)", "travel rules"),
        ("Error E_4032", "error e_4032"),
        ("Error E-2025", "error e-2025"),
        ("ISO 9001", "iso 9001"),
        ("Room 12", "room 12"),
        ("Travel rules", "travel rules"),
        ("2025-03-01", ""),
        ("", ""),
    ],
)
def test_subject_is_the_title_without_its_version(title: str, about: str) -> None:
    assert subject(title) == about
