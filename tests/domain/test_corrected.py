import pytest

from domain.corrected import says

QUESTION = "How many days of leave are there?"


@pytest.mark.parametrize(
    ("text", "correction", "agrees"),
    [
        ("There are 31 days of leave.", "31 days", True),
        ("There are 31 days of leave.", "There are 31 days of leave.", True),
        ("Everyone has 31 days of leave a year.", "There are 31 days of leave a year", True),
        ("There are 30 days of leave.", "There are 31 days of leave.", False),
        ("There are 131 days of leave.", "31 days", False),
        ("Dogs are allowed in the office.", "Dogs are not allowed in the office.", False),
        ("Dogs are not allowed in the office.", "Dogs are not allowed in the office.", True),
        ("Ask the service desk.", "Ask the office in Berlin.", False),
        ("There are 31 days of leave.", "", False),
        ("There are 31 days of leave.", "…", False),
    ],
)
def test_answer_agrees_that_has_the_words_and_numbers_of_the_correction(
    text: str, correction: str, agrees: bool
) -> None:
    assert says(text, correction, QUESTION) is agrees
