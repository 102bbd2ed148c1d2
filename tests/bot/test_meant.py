"""Whether a line in a thread is meant for the bot, on lines of threads that others wrote."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.questions.manners import Manner, manner
from bot.questions.meant import Line, is_meant

ROWS = [
    json.loads(row)
    for row in Path(__file__).with_name("thread_lines.jsonl").read_text("utf-8").splitlines()
]
"""1,080 lines of threads of many trades in seven languages, half of them meant. They were written
by people who did not know how they are judged."""

REFUSALS = "found nothing", "do not say", "No encontré", "nichts gefunden"
ASKED = Line("U1", "<@UBOT> how many days of leave do we get?")
ANSWERED = Line("", "28 days a year.", is_own=True)
REFUSED = Line("", "The documents do not say.", is_own=True, is_refusal=True)


def _line(said: dict[str, str]) -> Line:
    is_own = said["who"] == "bot"
    return Line(
        said["who"],
        said["text"],
        is_own=is_own,
        is_refusal=is_own and any(words in said["text"] for words in REFUSALS),
    )


def _judged(row: dict[str, Any]) -> bool:
    return is_meant(_line(row["line"]), [_line(one) for one in row["thread"]])


def test_lines_that_are_not_meant_are_left_alone_and_those_that_are_are_heard() -> None:
    wrong = [row["line"]["text"] for row in ROWS if _judged(row) and not row["meant"]]
    missed = [row["line"]["text"] for row in ROWS if row["meant"] and not _judged(row)]
    assert len(wrong) <= len(ROWS) / 2 * 0.05, wrong
    assert len(missed) <= len(ROWS) / 2 * 0.05, missed


@pytest.mark.parametrize(
    "text", ["thanks!", "lunch at 12?", "ok I will call the customer", "👍", "Maria, did you ask?"]
)
def test_line_that_needs_no_answer_gets_none(text: str) -> None:
    assert not is_meant(Line("U1", text), [ASKED, ANSWERED])


@pytest.mark.parametrize(
    "text",
    ["and part-timers?", "no, I meant the Berlin office", "isn't that the old policy", "why"],
)
def test_same_person_goes_on(text: str) -> None:
    assert is_meant(Line("U1", text), [ASKED, ANSWERED])
    assert is_meant(Line("U1", text), [ASKED, REFUSED])


def test_nothing_is_meant_where_the_bot_said_nothing() -> None:
    assert not is_meant(Line("U1", "and part-timers?"), [Line("U2", "28 days")])


def test_name_of_somebody_in_the_thread_makes_a_line_theirs() -> None:
    line = Line("U1", "is that so, lena?")
    assert is_meant(line, [ASKED, ANSWERED])
    assert not is_meant(line, [ASKED, ANSWERED], ["Lena"])


def test_name_that_is_a_word_too_keeps_no_question_unheard() -> None:
    assert is_meant(Line("U1", "will it count for part-timers?"), [ASKED, ANSWERED], ["Will"])


def test_question_to_whom_spoke_last_is_for_them() -> None:
    said = [ASKED, ANSWERED, Line("U2", "I have 12 left")]
    assert not is_meant(Line("U1", "until march?"), said)
    assert is_meant(Line("U1", "what happens to days that are not taken by march"), said)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("thanks!", Manner.THANKS),
        ("ok great, thank you so much 🙏", Manner.THANKS),
        ("vielen Dank!", Manner.THANKS),
        ("ありがとうございます", Manner.THANKS),
        ("hi", Manner.GREETING),
        ("Guten Morgen zusammen", Manner.GREETING),
        (":wave:", Manner.NOTHING),
        ("👍", Manner.NOTHING),
        ("thanks, and who approves it?", Manner.OTHER),
        ("How do I get a laptop?", Manner.OTHER),
        ("laptop", Manner.OTHER),
    ],
)
def test_manner_of_a_whole_line(text: str, expected: Manner) -> None:
    assert manner(text) is expected


@given(st.text(max_size=3_000), st.text(max_size=200))
def test_every_text_is_judged(text: str, before: str) -> None:
    said = [ASKED, ANSWERED, Line("U2", before)]
    assert is_meant(Line("U1", text), said) in (True, False)
