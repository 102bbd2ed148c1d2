"""What counts as the same JSON."""

from typing import Any

import pytest

from tests.docs.shapes import misfits


@pytest.mark.parametrize(
    ("example", "found"),
    [
        ({"a": 1, "b": None}, {"a": 2.5, "b": "text"}),
        ({"rows": [{"a": "x"}]}, {"rows": [{"a": "y"}, {"a": None}]}),
        ({"left_out": {"…": [1]}}, {"left_out": {"old": [2], "private": [3, 4]}}),
        ({"rows": []}, {"rows": []}),
        ([{"by": ["x"]}], [{"by": ["y"]}, {"by": []}]),
    ],
)
def test_it_fits_if_keys_and_kinds_are_the_same(example: Any, found: Any) -> None:
    assert misfits(example, found) == []


@pytest.mark.parametrize(
    ("example", "found", "why"),
    [
        ({"a": 1}, {}, ".a is missing"),
        ({}, {"a": 1}, ".a is not in the example"),
        ({"a": 1}, {"a": True}, ".a is a truth value, not a number: True"),
        ({"a": [{"b": 1}]}, {"a": [{"b": 1}, {"b": "1"}]}, ".a[1].b is a text, not a number: '1'"),
        ({"a": [1]}, {"a": []}, ".a has 0 elements: []"),
        ([{"by": ["x"]}], [{"by": []}], "[0].by has 0 elements: []"),
        ({"a": []}, {"a": [1]}, ".a has 1 elements: [1]"),
        ({"a": {"…": 1}}, {"a": {"x": []}}, ".a.x is a list, not a number: []"),
    ],
)
def test_what_does_not_fit_is_named(example: Any, found: Any, why: str) -> None:
    assert misfits(example, found) == [why]
