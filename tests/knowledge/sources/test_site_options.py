import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import UnreadableSource
from knowledge.sources.site_options import SiteOptions


@given(st.integers(0, 20), st.integers(1, 50_000))
def test_options_are_stored_and_read_again(depth: int, pages: int) -> None:
    options = SiteOptions(depth, pages)
    assert SiteOptions.from_text(options.text()) == options


def test_options_have_defaults_and_bounds() -> None:
    assert SiteOptions.from_text("") == SiteOptions(3, 2_000)
    assert SiteOptions.from_text('{"depth": 99}').depth == 20
    assert SiteOptions.from_text('{"depth": -1, "pages": 1e9}') == SiteOptions(0, 50_000)


@pytest.mark.parametrize("text", ["{", "[]", '{"depth": "deep"}', '{"pages": 1e999}', "[" * 9_999])
def test_options_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(UnreadableSource):
        SiteOptions.from_text(text)
