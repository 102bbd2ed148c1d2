"""Hostile texts, wherever they stand, ping nobody, lead nowhere and pass for nothing of the bot."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.answers import render
from bot.answers.blocks import SlackMessage, text_message
from bot.answers.closed import closed
from bot.answers.streaming import MarkdownStream
from bot.private.messages import about
from bot.words import ENGLISH, words_for
from domain.blocks import Where
from domain.control_tokens import strip_control_tokens
from domain.errors import IngestError
from domain.markers import without_markers
from domain.prompt import render as prompt
from domain.questions import (
    Answer,
    AnswerKind,
    Audience,
    Citation,
    Message,
    Newer,
    Passage,
    Question,
    Timings,
)
from domain.rules import Rules
from tests.bot.attacks import ATTACKS
from tests.slack_limits import wrong_blocks
from tests.slack_reading import code, links, pings

SOURCE = "https://docs.example.com/a"
NOW = datetime(2026, 11, 23, tzinfo=UTC)
EVERY = pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b]")
KNOWN = ("rich_text", "rich_text_section", "rich_text_preformatted", "text")
LITERAL = ("plain_text", "text", "link")
"""Text of these elements has no markup."""


def an_answer(text: str, title: str = "Handbook", quote: str = "Yes.", sheet: str = "") -> Answer:
    passage = Passage("p1", SOURCE, title, quote, 1, 1, Audience.everyone())
    newer = Newer("/docs/new.md", title)
    return Answer(
        id="aaaaaaaaaaaaaaaaa",
        question_id="slack:T1:C1:1.0",
        kind=AnswerKind.ANSWERED,
        text=text,
        citations=(Citation(1, SOURCE, title, quote, "p1", (), Where(sheet=sheet), newer),),
        passages=(passage,),
        model="phi3",
        adapter=None,
        prompt_version="p",
        timings=Timings(),
        created_at=NOW,
    )


def is_literal(message: SlackMessage) -> None:
    """Checks blocks in which Slack reads no markup, and the text for notifications."""
    assert wrong_blocks(list(message.blocks)) == ""
    assert not re.search(r"[<>]", message.text)
    assert not HIDDEN.search(message.text)
    assert all(element["type"] in KNOWN for element in elements(list(message.blocks)))


def is_harmless(message: SlackMessage) -> None:
    """Checks all of an answer as Slack would read it."""
    assert wrong_blocks(list(message.blocks)) == ""
    for text in (
        message.text,
        *(one["text"] for one in message.blocks if one.get("type") == "markdown"),
    ):
        assert pings(text) == []
        assert links(text) <= {SOURCE}
        assert not HIDDEN.search(text)
    for element in elements(list(message.blocks)):
        assert element["type"] != "button"
        if element["type"] == "link":
            assert element["url"] == SOURCE
        elif "text" in element and element["type"] != "markdown":
            assert element["type"] in LITERAL
    if message.simpler:
        is_harmless(message.simpler)


def elements(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, list):
        return [found for item in value for found in elements(item)]
    if not isinstance(value, dict):
        return []
    own = [value] if "type" in value else []
    return own + [found for item in value.values() for found in elements(item)]


@pytest.mark.slow
@EVERY
def test_text_of_a_model_is_harmless(attack: str) -> None:
    message = render.answer(an_answer(without_markers(attack)))
    is_harmless(message)
    shown = message.text
    for piece in code(shown):
        shown = shown.replace(piece, "")
    assert set(re.findall(r"[\[［【](\d+)", shown)) <= {"1"}
    heads = {line.strip("#*_: ").casefold() for line in shown.split("\n")}
    assert heads.isdisjoint({"sources", "quellen"})
    assert "a0123456789abcdef" not in shown


@pytest.mark.slow
@EVERY
def test_stream_of_a_model_is_harmless(attack: str) -> None:
    stream, sent = MarkdownStream(), ""
    step = max(3, len(attack) // 40)
    for end in range(0, len(attack), step):
        sent += stream.more(attack[:end])
        assert pings(sent) == []
        assert links(sent) == set()
    sent += stream.more(attack, is_all=True)
    assert pings(sent) == []
    assert links(sent) == set()


@EVERY
def test_titles_quotes_and_names_of_documents_are_harmless(attack: str) -> None:
    is_harmless(render.answer(an_answer("Yes.", attack, "Yes.", attack)))
    quoted = render.answer(an_answer("Yes.", "Handbook", attack))
    is_harmless(quoted)


@EVERY
def test_names_of_files_and_texts_of_errors_are_harmless(attack: str) -> None:
    is_harmless(render.answer(an_answer("Yes."), render.not_read([attack, attack])))
    is_literal(render.failure(IngestError(attack), "a0"))
    is_literal(render.help_line(render.not_read([attack])))
    question = Question("slack:T1:C1:1.0", attack, "U1", NOW, Audience.everyone())
    is_literal(text_message(closed(question, ValueError(attack))))


@EVERY
def test_question_above_a_private_answer_leads_only_to_where_it_was_asked(attack: str) -> None:
    thread = "slack:T1:C1:1.0"
    asked = Question(thread, attack, "U1", NOW, Audience.everyone(), thread=thread, asked_in=thread)
    message = about(asked, "https://acme.slack.com/")
    assert wrong_blocks(list(message.blocks)) == ""
    assert not re.search(r"[<>]", message.text)
    assert not HIDDEN.search(message.text)
    found = [one for one in elements(list(message.blocks)) if one["type"] not in KNOWN]
    assert [one["type"] for one in found] == ["link"]
    assert found[0]["url"].startswith("https://acme.slack.com/archives/C1/")


@EVERY
def test_documents_and_earlier_turns_give_no_orders_as_another_role(attack: str) -> None:
    passage = Passage("p1", SOURCE, attack, attack, 1, 1, Audience.everyone())
    history = (Message("user", attack), Message("assistant", attack))
    messages = prompt(attack, [passage], history, Rules(attack))

    assert [message.role for message in messages] == ["system", "user", "assistant", "user"]
    orders = prompt("", [])[0].content
    assert messages[0].content.startswith(orders)
    assert messages[0].content.count("\n") - orders.count("\n") <= 1
    for message in messages:
        assert strip_control_tokens(message.content) == message.content


@EVERY
def test_attack_does_not_change_whose_words_the_bot_uses(attack: str) -> None:
    assert words_for(attack) is ENGLISH or "Quellen" in attack
