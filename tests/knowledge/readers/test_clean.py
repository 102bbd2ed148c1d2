import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.readers.clean import clean, line, lines, raised
from tests.hostile import is_linear


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  two \t\r\n words\xa0here ", "two words here"),
        ("co\xadoperate with\u200bout\ufeff", "cooperate without"),
        ("e\ufb03cient \ufb01ling", "efficient filing"),
        ("Gro\u0308\u00dfe", "Größe"),
        ("Gro\u200b\u0308\u00dfe", "Größe"),
        ("a\0b\x07c\x85d", "abc d"),
        ("\ud800lost\udfff", "lost"),
        ("\ud83d\ude00", "😀"),
        ("\u2067right to left\u2069", "right to left"),
        ("می\u200cخواهم", "می\u200cخواهم"),
    ],
)
def test_line_is_what_a_person_would_type(text: str, cleaned: str) -> None:
    assert line(text) == cleaned


def test_code_keeps_its_lines_and_indents() -> None:
    assert lines("\n\ndef f():\r\n\treturn  1  \r\n\r\n    # e\ufb00ect\0\n\n") == (
        "def f():\n\treturn  1\n\n    # effect"
    )


@pytest.mark.parametrize(
    ("before", "text", "written"),
    [
        ("10", "6", "^6"),
        ("10", "−3", "^−3"),
        ("m", " 2 ", "^2"),
        ("(a)", "2", "^2"),
        ("4", "th", "th"),
        ("", "1", "1"),
        ("Name ", "1", "1"),
        ("Brand", "TM", "TM"),
    ],
)
def test_raised_digits_are_a_power(before: str, text: str, written: str) -> None:
    assert raised(text, before) == written


@given(st.text())
def test_any_text_becomes_a_line(text: str) -> None:
    cleaned = line(text)
    assert line(cleaned) == cleaned
    assert "\n" not in cleaned
    cleaned.encode()


def test_clean_text_keeps_its_lines() -> None:
    assert clean(" a\r\nb\rc\vd\u2028e\x85f\fg \0") == " a\nb\nc\nd\ne\nf\n\ng "


@given(st.text())
def test_clean_text_is_clean(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    once.encode()


@pytest.mark.slow
@pytest.mark.parametrize("text", ["\u0301\u0316", "\r", "\ud800", "é", "a\u0301", "\ufb01"])
def test_cleaning_takes_twice_as_long_for_twice_as_much(text: str) -> None:
    assert is_linear(clean, lambda n: text * (n // len(text)))
