from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import UnreadableSource
from knowledge.sources.sitemap import Listed, read_map, trusted

NOW = datetime(2026, 11, 26, tzinfo=UTC)
MAP = b"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:image="http://www.google.com/x">
<url><loc> https://e.org/a?x=1&amp;y=2 </loc><lastmod>2026-01-02</lastmod>
<image:image><image:loc>https://e.org/a.png</image:loc></image:image></url>
<url><lastmod>2026-01-03</lastmod></url>
<url><loc><![CDATA[https://e.org/b]]></loc></url>"""
PAGES = [Listed("https://e.org/a?x=1&y=2", "2026-01-02"), Listed("https://e.org/b")]


def test_map_lists_pages_and_no_pictures() -> None:
    assert read_map(MAP + b"</urlset>").pages == PAGES


def test_map_that_ends_too_early_lists_what_came_before() -> None:
    assert read_map(MAP + b"<url><loc>https://e.or").pages == PAGES


@pytest.mark.slow
@pytest.mark.parametrize(
    "bomb",
    [
        b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><urlset><url><loc>&x;</loc></url>",
        b"<a>" * 600_000,
    ],
)
def test_map_with_entities_or_without_end_is_none(bomb: bytes) -> None:
    with pytest.raises(UnreadableSource):
        read_map(bomb)


@given(st.binary(max_size=200) | st.binary(max_size=100).map(lambda more: b"<urlset>" + more))
def test_any_bytes_are_a_map_or_refused(content: bytes) -> None:
    with suppress(UnreadableSource):
        read_map(content)


def test_dates_are_believed_if_they_differ_and_are_past() -> None:
    dates = "2026-01-02 2026-01-03T10:00:00+02:00 2026-11-25 2999-01-01 soon".split()
    pages = [Listed(f"https://e.org/{date}", date) for date in dates]
    assert trusted(pages, NOW) == {pages[0].address, pages[1].address}
    assert trusted([Listed("a", dates[0]), Listed("b", dates[0])], NOW) == frozenset()
