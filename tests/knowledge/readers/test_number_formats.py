import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.readers.cells import duration, number
from knowledge.readers.number_formats import number_format


@pytest.mark.parametrize(
    ("code", "value", "shown"),
    [
        ("General", 3.0000000000001, "3"),
        ("General", 0.1 + 0.2, "0.3"),
        ("0%", 0.19, "19%"),
        ("0%", 0.195, "19.5%"),
        ("0.00%", 0.19, "19.00%"),
        ('#,##0.00 "€"', 340.5, "340.50 €"),
        ("#,##0.00 [$€-407]", 12, "12.00 €"),
        ("[$$-409]#,##0.00", 7, "$7.00"),
        ('0 "kg";[Red]-0 "kg"', 12, "12 kg"),
        ("00000", 1067, "01067"),
        ('0.0," k"', 12500, "12.5 k"),
        ('#,##0.0,,"M"', 2_500_000, "2.5M"),
        ("#,##0", 12500, "12500"),
        ("yyyy\\-mm\\-dd", 46082, "2026-03-01"),
        ("mmm yy", 46082, "2026-03-01"),
        ("[$-407]d. mmmm yyyy;@", 46082, "2026-03-01"),
        ("dd.mm.yyyy hh:mm", 46082.5, "2026-03-01 12:00"),
        ("h:mm AM/PM", 0.75, "18:00"),
        ("[h]:mm", 1.5, "36:00"),
        ("yyyy-mm-dd", -5, "-5"),
        ("yyyy-mm-dd", 1e300, "1e+300"),
        ("", 12.5, "12.5"),
        ('"yes";;"no"', 1, "yes"),
        ('"yes";;"no"', 0, "no"),
        ('"yes";;"no"', -1, ""),
        ('[=1]"Yes";[=0]"No";General', 1, "Yes"),
        ('[=1]"Yes";[=0]"No";General', 0, "No"),
        ('[=1]"Yes";[=0]"No";General', 2.5, "2.5"),
        ('[=1]"Yes";[=0]"No"', 7, "7"),
        ('[>=1000]0.0," k";0', 2500, "2.5 k"),
        ('[>=1000]0.0," k";0', -5, "-5"),
        ('#,##0.00 "Cr";#,##0.00 "Dr"', -500, "500.00 Dr"),
        ('#,##0.00 "Cr";#,##0.00 "Dr"', 500, "500.00 Cr"),
        ('#,##0.00 "Cr";#,##0.00 "Dr"', 0, "0.00 Cr"),
        ('"▲ "0%;"▼ "0%', -0.05, "▼ 5%"),
        ('0;-0;"free"', 0, "free"),
        ('0;-0;"free"', -3, "-3"),
        ("0;-0;;@", 0, ""),
        ('0;"none"', -3, "none"),
        ('0 "kg";[Red]-0 "kg"', -12, "-12 kg"),
        ('0 "kg";[Red]0 "kg"', -12, "-12 kg"),
        ("0.00;[Red]0.00", -12, "-12.00"),
        ("0.00;(0.00)", -12, "-12.00"),
        ('_("$"* #,##0.00_);_("$"* \\(#,##0.00\\);_("$"* "-"??_);_(@_)', -12, "$-12.00"),
        ('_-* #,##0.00 "€"_-;-* #,##0.00 "€"_-;_-* "-"?? "€"_-;_-@_-', 0, "0.00 €"),
        ('0;-0;"none"??', 0, "none"),
        ('[<0]"minus "0;0', -5, "minus 5"),
        ('General "days"', 0, "0 days"),
        ('"Room "General', 12, "Room 12"),
        ("@", 12, "12"),
        ("General;@", 12, "12"),
        ("[Red]", 12, "12"),
        ("yyyy-mm-dd;@", 46082, "2026-03-01"),
    ],
)
def test_numbers_are_shown_as_their_format_says(code: str, value: float, shown: str) -> None:
    assert number_format(code).show(value) == shown


def test_dates_may_count_from_1904() -> None:
    assert number_format("yyyy-mm-dd").show(44620, is_1904=True) == "2026-03-01"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1234567.0, "1234567"),
        (1e15, "1e+15"),
        (0.00001234, "0.00001234"),
        (-2.50, "-2.5"),
        (1.1 * 3, "3.3"),
        (33.3000000000001, "33.3"),
        (1 / 3, "0.333333333333"),
    ],
)
def test_plain_numbers_are_short(value: float, shown: str) -> None:
    assert number(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (4006381333931.0, "4006381333931"),
        (1773000000123.0, "1773000000123"),
        (-123456789012345.0, "-123456789012345"),
        (12345678901.57, "12345678901.57"),
        (100000000.10000001, "100000000.1"),
    ],
)
def test_long_numbers_keep_all_their_digits(value: float, shown: str) -> None:
    assert number(value) == shown
    assert number_format("0").show(value) == shown


def test_hours_count_on_beyond_a_day() -> None:
    assert duration(131_400) == "36:30"
    assert duration(-61) == "-0:01:01"


@given(st.text(max_size=60), st.floats())
def test_any_format_shows_any_number(code: str, value: float) -> None:
    assert isinstance(number_format(code).show(value), str)
