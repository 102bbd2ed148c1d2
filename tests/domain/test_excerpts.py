"""The part of a passage that is shown in place of an answer."""

from hypothesis import given
from hypothesis import strategies as st

from domain.excerpts import LONGEST, excerpt
from tests.domain.build import passage
from tests.texts import TEXTS

_FILLER = "Visitors leave their coats in the hall and take a numbered token for them. " * 8
_ASKED = "How long is the warranty of a frame?"


def test_short_passage_is_shown_whole() -> None:
    assert excerpt(_ASKED, passage("Frames:\n  ten years.")) == "Frames: ten years."


def test_long_passage_is_shown_around_the_sentence_that_fits() -> None:
    text = f"{_FILLER}The warranty of a frame is ten years. {_FILLER}"
    shown = excerpt(_ASKED, passage(text))
    assert "The warranty of a frame is ten years." in shown
    assert shown.startswith("… ")
    assert shown.endswith(" …")


def test_words_are_not_cut() -> None:
    words = excerpt(_ASKED, passage(f"{_FILLER}The warranty of a frame is ten years. {_FILLER}"))
    assert set(words.split()) - {"…"} <= set(_FILLER.split()) | set(
        "The warranty of a frame is ten years.".split()
    )


def test_script_without_blanks_is_cut_too() -> None:
    assert len(excerpt("保証は何年ですか？", passage("保証期間は十年です。" * 200))) <= LONGEST


@given(st.text(), st.text() | st.sampled_from([*TEXTS.values()]), st.integers(0, 40))
def test_excerpt_is_of_the_passage_and_not_too_long(question: str, text: str, times: int) -> None:
    whole = " ".join([text] * times)
    shown = excerpt(question, passage(whole))
    assert len(shown) <= LONGEST
    inner = shown.removeprefix("… ").removesuffix(" …")
    assert inner in " ".join(whole.split())
