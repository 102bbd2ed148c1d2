from datetime import UTC, datetime
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.version_order import Dated, is_asked_for, is_newer

EARLY, LATE = datetime(2024, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)

names = st.text() | st.lists(
    st.sampled_from("2025 2026 march q1 h2 kw9 fy26 draft old new v2 rev3 1.2.2026 3-4-26".split())
).map(" ".join)
dated = st.builds(Dated, names, st.text(), st.none() | st.datetimes(timezones=st.just(UTC)))


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
        (
            Dated("Price list January 2026", "/a", LATE),
            Dated("Price list March 2026", "/b", EARLY),
        ),
        (Dated("Prices Dec 2025", "/a", LATE), Dated("Prices 2026-01", "/b", EARLY)),
        (Dated("Budget Q1 2026", "/a", LATE), Dated("Budget Q2 2026", "/b", EARLY)),
        (Dated("Budget H1 2026", "/a", LATE), Dated("Budget Q3 2026", "/b", EARLY)),
        (Dated("Menu KW9 2026", "/a", LATE), Dated("Menu KW12 2026", "/b", EARLY)),
        (Dated("Budget FY25", "/a", LATE), Dated("Budget FY2026", "/b", EARLY)),
        (Dated("Prices 01-05-2026", "/a", LATE), Dated("Prices 03-15-2026", "/b", EARLY)),
        (Dated("Prices", "/2026/prices_q1.md", LATE), Dated("Prices", "/2026/prices_q2.md", None)),
        (Dated("Prices 2026", "/prices_q1.md", LATE), Dated("Prices 2026", "/prices_q2.md", None)),
        (Dated("Policy draft", "/a", LATE), Dated("Policy final", "/b", EARLY)),
        (Dated("Policy (draft)", "/a", LATE), Dated("Policy", "/b", EARLY)),
        (Dated("Policy", "/policy_old.md", LATE), Dated("Policy", "/policy.md", EARLY)),
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
        (Dated("Prices 01-05-2026", "/a", EARLY), Dated("Prices 02-04-2026", "/b", LATE)),
        (Dated("Prices 01-02-03", "/a", EARLY), Dated("Prices 02-01-03", "/b", LATE)),
        (Dated("Menu KW52", "/a", EARLY), Dated("Menu KW1", "/b", LATE)),
        (Dated("Prices Q1 2026", "/a", EARLY), Dated("Prices March 2026", "/b", LATE)),
        (Dated("Budget FY26", "/a", EARLY), Dated("Budget November 2025", "/b", LATE)),
        (Dated("Rules (1)", "/a", EARLY), Dated("Rules (2)", "/b", LATE)),
        (Dated("Rules, final", "/a", EARLY), Dated("Rules, new", "/b", LATE)),
        (Dated("Rules v2", "/a", EARLY), Dated("Rules, edition 1", "/b", LATE)),
        (Dated("Policy 2026 (draft)", "/a", LATE), Dated("Policy 2025", "/b", EARLY)),
    ],
)
def test_where_the_order_is_not_known_neither_is_newer(one: Dated, other: Dated) -> None:
    assert not is_newer(one, other)
    assert not is_newer(other, one)


@given(dated, dated)
def test_two_are_never_newer_than_each_other(one: Dated, other: Dated) -> None:
    assert not (is_newer(one, other) and is_newer(other, one))


@pytest.mark.parametrize(
    ("question", "is_asked"),
    [
        ("What did a crane cost in 2024?", True),
        ("2024年の価格は?", True),
        ("Compare 2024 and 2025", True),
        ("What does a crane cost?", False),
        ("What does a crane cost in 2025?", False),
        ("What does part 20244 cost?", False),
    ],
)
def test_question_asks_for_a_version_by_what_only_its_title_says(
    question: str, is_asked: bool
) -> None:
    old, new = (Dated(f"Prices {year}", f"/{year}/prices.md", None) for year in (2024, 2025))
    assert is_asked_for(question, old, new) == is_asked
    assert is_asked_for("And in January?", Dated("Jan 2026", "", None), Dated("May 2026", "", None))


def test_every_order_of_three_years_has_the_same_newest() -> None:
    versions = [Dated(f"Rules {year}", f"/{year}", None) for year in (2023, 2024, 2025)]
    for order in permutations(versions):
        newest = order[0]
        for each in order[1:]:
            newest = each if is_newer(each, newest) else newest
        assert newest.title == "Rules 2025"
