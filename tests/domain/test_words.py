import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.content_words import content_words
from domain.words import apart, folded, words


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("How long is leave?", ["How", "long", "is", "leave"]),
        ("Größe, CAFÉ & naïve_x!", ["Größe", "CAFÉ", "naïve_x"]),
        ("cafe\u0301s", ["cafe\u0301s"]),
        ("会議室", ["会議", "議室"]),
        ("円", ["円"]),
        ("エラーE_4032です", ["エラ", "ラー", "E_4032", "です"]),
        ("第3条", ["第", "3", "条"]),
        ("회의실을 예약", ["회의", "의실", "실을", "예약"]),
        ("เงินเดือน", ["เงิ", "งิน", "ินเ", "นเด", "เดื", "ดือ", "ือน"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("🎉🎉 1\ufe0f\u20e3", ["1"]),
        ("", []),
    ],
)
def test_text_is_cut_into_words_or_parts_of_them(text: str, cut: list[str]) -> None:
    assert words(text) == cut


@given(st.text())
def test_every_letter_and_digit_is_in_a_word(text: str) -> None:
    kept = set("".join(words(text)))
    assert {letter for letter in text if letter.isalnum()} <= kept


def test_words_without_blanks_are_found_in_each_other() -> None:
    assert content_words("会議室の予約") & content_words("予約できる会議室") >= {
        "会議",
        "議室",
        "予約",
    }


def test_accents_are_folded_but_not_what_makes_another_letter() -> None:
    assert folded("Über CAFÉ Straße ＡＢ") == "uber cafe strasse ab"
    assert folded("ガギ") == folded("ｶﾞｷﾞ") == "ガギ"
    assert folded("회의") == "회의"


def test_words_of_other_scripts_are_set_apart() -> None:
    assert apart("エラーE_4032です") == " E_4032 "
