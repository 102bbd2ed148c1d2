import pytest

from domain.text import is_blank


@pytest.mark.parametrize(
    "text",
    ["", " \n\t", "\u200b\u200d", "\u2060\ufeff\xad", "\u3164", "\u2800", "\u0301\ufe0f", "\0"],
)
def test_invisible_text_is_blank(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", ["a", "\u200bé", "…", "👍", "7", "가"])
def test_visible_text_is_not_blank(text: str) -> None:
    assert not is_blank(text)
