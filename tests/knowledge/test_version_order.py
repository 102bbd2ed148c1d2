from datetime import UTC, datetime
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.version_order import Dated, is_newer

EARLY, LATE = datetime(2024, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)

dated = st.builds(Dated, st.text(), st.text(), st.none() | st.datetimes(timezones=st.just(UTC)))


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        (Dated("Price list 2024", "/a", LATE), Dated("Price list 2025", "/b", EARLY)),
        (Dated("Prices", "/2024/prices.md", None), Dated("Prices", "/2025/prices.md", None)),
        (Dated("Prices", "/prices_2025-03.md", None), Dated("Prices", "/prices_2025-11.md", None)),
        (Dated("Prices 1.12.2024", "/a", None), Dated("Prices 2.1.2025", "/b", None)),
        (Dated("Rules v9", "/a", LATE), Dated("Rules v10", "/b", EARLY)),
        (Dated("Rules, version 2.1", "/a", None), Dated("Rules, version 2.10", "/b", None)),
        (
            Dated("Rules", "https://w.example/r/v1", None),
            Dated("Rules", "https://w.example/r/v2", None),
        ),
        (Dated("Rules", "/a", EARLY), Dated("Rules", "/b", LATE)),
        (Dated("Rules 2025", "/a", EARLY), Dated("Rules", "/b", LATE)),
    ],
)
def test_newer_one_is_known_by_date_number_or_change(older: Dated, newer: Dated) -> None:
    assert is_newer(newer, older)
    assert not is_newer(older, newer)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Dated("Rules", "/a", None), Dated("Rules", "/b", LATE)),
        (Dated("Rules 2025", "/a", None), Dated("Rules", "/b", None)),
        (Dated("Rules 2025", "/a", LATE), Dated("Rules 2025", "/b", LATE)),
        (Dated("Part 4032", "/a", None), Dated("Part 4033", "/b", None)),
        (Dated("Rules 2025-13-45", "/a", None), Dated("Rules", "/b", None)),
    ],
)
def test_without_two_dates_neither_is_newer(one: Dated, other: Dated) -> None:
    assert not is_newer(one, other)
    assert not is_newer(other, one)


@given(dated, dated)
def test_two_are_never_newer_than_each_other(one: Dated, other: Dated) -> None:
    assert not (is_newer(one, other) and is_newer(other, one))


def test_every_order_of_three_years_has_the_same_newest() -> None:
    versions = [Dated(f"Rules {year}", f"/{year}", None) for year in (2023, 2024, 2025)]
    for order in permutations(versions):
        newest = order[0]
        for each in order[1:]:
            newest = each if is_newer(each, newest) else newest
        assert newest.title == "Rules 2025"
