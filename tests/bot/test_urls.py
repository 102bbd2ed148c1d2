import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.urls import urls


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ingest <https://a.example/x|the page> and <http://b.example>", 2),
        ("HTTPS://a.example/x", 1),
        ("ftp://a.example, mailto:a@b.example, https:// and <https://>", 0),
        ("<https://a.example <https://b.example>", 2),
    ],
)
def test_addresses_are_found_with_and_without_markup(text: str, found: int) -> None:
    assert len(urls(text)) == found


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("Read https://a.example/x.", "https://a.example/x"),
        ("(see https://a.example/x), please", "https://a.example/x"),
        ("https://de.example/wiki/Kette_(Rad)", "https://de.example/wiki/Kette_(Rad)"),
        ("(https://de.example/wiki/Kette_(Rad)).", "https://de.example/wiki/Kette_(Rad)"),
        ("https://a.example/?a=1&amp;b=2", "https://a.example/?a=1&b=2"),
        ("<https://a.example/x.|it>", "https://a.example/x."),
        ("“https://a.example/x”", "https://a.example/x"),
    ],
)
def test_address_ends_where_it_ends_for_a_reader(text: str, url: str) -> None:
    assert urls(text) == [url]


@given(st.lists(st.sampled_from(["http://", "https://a", "<", ">", "|", " ", ")", "(", ".", "x"])))
def test_every_address_is_a_part_of_the_text(parts: list[str]) -> None:
    text = "".join(parts)
    for url in urls(text):
        assert url in text
        assert url.startswith("http")
