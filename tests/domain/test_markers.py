"""Source numbers that a model wrote are removed; text that only looks like them stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.markdown import code_spans
from domain.markers import without_markers
from tests.domain.build import passage

FRAMES = passage("Frames carry a warranty of ten years. Motors carry two.", title="Warranty")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Ten years [1]. See [12].", "Ten years. See."),
        ("Ten years [1, 2].", "Ten years."),
        ("Ten years [1][2] or [1] [3].", "Ten years or."),
        ("Ten years [^1], [1-3], [1–3], [1; 2] and [1 and 2].", "Ten years,,, and."),
        ("Ten years【1】 or【4:0†source】.", "Ten years or."),
        ("Ten years [Source 2] (see [passages 1, 2]).", "Ten years (see)."),
        ("Sources:\n[1] Handbook\n[2] Wiki", "Sources:\nHandbook\nWiki"),
    ],
)
def test_numbers_that_the_model_invents_are_removed(text: str, left: str) -> None:
    assert without_markers(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "Read sys.argv[1], then items[0] and rows[1][2].",
        "Take f(x)[1] of `list [1]`.",
        "```\nprint(a, [1])\n```\nThat is it.",
        "``a ` [1]`` and ~ [a](b)",
        "See [1](https://example.org/1) and [2020].",
        "Between [0, 1] and [a, 2].",
        "```\nan open fence [1]",
    ],
)
def test_numbers_in_code_and_links_stay(text: str) -> None:
    assert without_markers(text) == text
    assert without_markers(text, [FRAMES]) == text


def test_number_after_a_word_is_removed_if_passages_have_the_word_without_it() -> None:
    assert without_markers("Ten years[1].", [FRAMES]) == "Ten years."
    held = passage("All years[1] are kept.")
    assert without_markers("Ten years[1].", [held]) == "Ten years[1]."


@pytest.mark.parametrize(
    "text",
    [
        "A value in [1, 2] is allowed.",
        "The range [1, 2] is allowed; so is the interval [3; 4].",
        "Choose between [1, 20].",
        "It lies within [1 , 2], in the [10, 99] range.",
        "x ∈ [1, 2] and y in [1, 2]",
        "(range: [1-5])",
    ],
)
def test_interval_that_is_named_as_one_stays(text: str) -> None:
    assert without_markers(text) == text
    assert without_markers(text, [FRAMES]) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("As described in [1, 2], it is ten years.", "As described in, it is ten years."),
        ("It is stated in [1, 2].", "It is stated in."),
        ("The value is in [1].", "The value is in."),
        ("The range is ten years [1, 2].", "The range is ten years."),
        ("A value in [1, 2] [3].", "A value in [1, 2]."),
        ("The range [2, 1] counts down.", "The range counts down."),
    ],
)
def test_numbers_that_name_no_interval_are_removed(text: str, left: str) -> None:
    assert without_markers(text, [FRAMES]) == left


def test_several_numbers_that_a_passage_contains_stay() -> None:
    held = passage("Set the weights to [1,2, 3]. The others [4] are left.")
    assert without_markers("The weights are [1, 2,3].", [held]) == "The weights are [1, 2,3]."
    assert without_markers("The weights are [1, 2] or [4].", [held]) == "The weights are or."


def test_a_number_that_a_passage_has_between_the_same_words_stays() -> None:
    held = passage("Press [2] to reach sales, [3] for support. Motors carry two years.")
    said = "Press [2] to reach sales, [3] for support [1]. Motors carry [2] two years."
    left = "Press [2] to reach sales, [3] for support. Motors carry two years."
    assert without_markers(said, [held]) == left


@given(st.lists(st.sampled_from([*"`a.[1] \n", "```", "[1]", "[1, 2]", "a[1]"])).map("".join))
def test_code_is_untouched_however_it_is_written(text: str) -> None:
    left = without_markers(text)
    rest = iter(text)
    assert all(sign in rest for sign in left)
    for span in code_spans(text):
        assert text[span.start : span.end].strip() in left
