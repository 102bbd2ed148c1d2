"""Whatever an answer says, Slack takes the messages and forms that show it."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answers import render
from bot.answers.blocks import SlackMessage, text_message
from bot.ratings.form import form, thanks
from domain.blocks import Where
from domain.questions import (
    Answer,
    AnswerKind,
    Audience,
    Citation,
    Fault,
    Newer,
    Passage,
    Sentence,
    Timings,
)
from domain.ratings import Correction
from tests.slack_limits import wrong_blocks, wrong_view

PIECES = (
    "word ",
    "Ünïcödé 🎉 ",
    "# A heading\n",
    "# " + "long " * 60 + "\n",
    "\n\n",
    "---\n",
    "| a | b |\n|---|---|\n| 1 | 2 |\n\n",
    "| a " * 25 + "|\n" + "|---" * 25 + "|\n\n",
    "```py\ncode & <b>\n",
    "```\n",
    "~~~\n",
    "- item\n",
    "  1. item\n",
    "> quote\n",
    "    code\n\n",
    "&<>",
    "https://docs.example.com/a ",
    "[a](https://docs.example.com/a) ",
    "x" * 400,
    "「日本語。」",
)
PARTS = st.lists(st.tuples(st.sampled_from(PIECES), st.integers(1, 300)), max_size=6)
LONG = PARTS.map(lambda parts: "".join(piece * times for piece, times in parts))
WILD = LONG | st.text(max_size=200) | st.sampled_from(["", " ", "\u200b", "\n"])
SOURCES = st.sampled_from(
    ["https://docs.example.com/a", "/docs/a.md", "slack-thread:T1:C1:1.0", "slack-file:F1"]
) | WILD.map(lambda text: "https://docs.example.com/" + text)


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    text = draw(WILD)
    ends = st.integers(0, len(text))
    citations = tuple(
        Citation(
            n,
            draw(SOURCES),
            draw(WILD),
            draw(WILD),
            f"p{n}",
            tuple(draw(st.lists(ends, max_size=3))),
            Where(page=draw(st.integers(0, 9)), sheet=draw(WILD)),
            Newer(draw(SOURCES), draw(WILD)) if draw(st.booleans()) else None,
        )
        for n in range(1, draw(st.integers(0, 12)) + 1)
    )
    return Answer(
        id="a0123456789abcdef",
        question_id="slack:T1:C1:1.0",
        kind=draw(st.sampled_from(AnswerKind)),
        text=text,
        citations=citations,
        passages=(Passage("p1", "/a", draw(WILD), draw(WILD), 1, 1, Audience.everyone()),),
        model=draw(WILD),
        adapter=draw(WILD),
        prompt_version="p",
        timings=Timings(),
        created_at=datetime(2026, 11, 23, tzinfo=UTC),
        sentences=tuple(Sentence(0, end, False) for end in draw(st.lists(ends, max_size=3))),
    )


def is_taken(message: SlackMessage) -> bool:
    assert message.text.strip()
    assert len(message.text) <= 4_000
    assert wrong_blocks(list(message.blocks)) == ""
    return not message.simpler or is_taken(message.simpler)


@pytest.mark.slow
@settings(deadline=None)
@given(answers(), WILD)
def test_slack_takes_every_answer(answer: Answer, hint: str) -> None:
    assert is_taken(render.answer(answer, hint, "https://acme.slack.com/"))
    assert wrong_blocks(list(render.tail(answer, hint))) == ""


@pytest.mark.slow
@pytest.mark.parametrize("piece", PIECES)
def test_slack_takes_answers_of_many_of_one_kind(piece: str) -> None:
    given = Answer(
        "a0123456789abcdef",
        "slack:T1:C1:1.0",
        AnswerKind.ANSWERED,
        f"So: {piece * 3_000}",
        (),
        (),
        "m",
        None,
        "p",
        Timings(),
        datetime(2026, 11, 23, tzinfo=UTC),
    )
    assert is_taken(render.answer(given))


@settings(deadline=None)
@given(WILD)
def test_slack_takes_every_message_and_form(text: str) -> None:
    message = text_message(f"So: {text}")
    assert wrong_blocks(list(message.blocks)) == ""
    assert len(message.text) <= 4_000
    assert not re.search(r"&(?!amp;|lt;|gt;)", message.text)
    at = datetime(2026, 11, 23, tzinfo=UTC)
    known = Correction("a0123456789abcdef", "U1", at, text, text, Fault.WRONG, text)
    assert wrong_view(form("a0123456789abcdef", at, at, known)) == ""
    assert wrong_view(thanks()) == ""
