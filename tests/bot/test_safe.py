"""Text from documents and models has no mentions and no links in Slack."""

import re
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answers import render
from bot.answers.blocks import BLOCKS, SECTION, TOTAL, text_message
from bot.answers.safe import escape_markdown, escape_mrkdwn, plain_text
from domain.blocks import NOWHERE, Where
from domain.questions import Answer, AnswerKind, Citation, Timings
from domain.text import truncate
from tests.slack_double import texts
from tests.slack_reading import links, pings

HOSTILE = st.lists(
    st.sampled_from(
        "<!channel> <!here> <@U1> <#C1|x> <https://evil.example|safe> @here @everyone &lt; "
        "&amp;lt; "
        "[safe](https://evil.example) ![](http://e.example/x.png) www.evil.example evil.example "
        "mailto:a@b.example ``` ` ** <!subteam^S1> \\[ \\ : / . ] ( ) < > | & # \n".split(" ")
    )
    | st.text(max_size=5),
    max_size=30,
).map("".join)


@pytest.mark.slow
@settings(deadline=None)
@given(HOSTILE)
def test_escaped_text_has_no_markup_and_looks_the_same(text: str) -> None:
    safe = escape_mrkdwn(text)

    assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", safe)
    assert unescape(safe) == text


@settings(deadline=None)
@given(HOSTILE)
def test_escaped_prose_looks_the_same(text: str) -> None:
    assert unescape(escape_markdown(text)).replace("\u2060", "") == text.replace("\u2060", "")


def test_code_and_numbers_in_prose_are_untouched() -> None:
    text = "It takes 3.5 days, e.g. sys.argv[1], os.environ['A'], main.py, a.yaml: a_b, C#, 5 @ 2."
    assert escape_markdown(text) == text


def elements(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, list):
        return [found for item in value for found in elements(item)]
    if isinstance(value, dict):
        return [value, *(found for item in value.values() for found in elements(item))]
    return []


def an_answer(
    text: str, title: str, quote: str, source: str, kind: AnswerKind, where: Where = NOWHERE
) -> Answer:
    citation = Citation(1, source, title, quote, "p1", (len(text),), where)
    return Answer(
        id="a0123456789abcdef",
        question_id="slack:T1:C1:1.0",
        kind=kind,
        text=text,
        citations=(citation,) * 9,
        passages=(),
        model=title,
        adapter=title,
        prompt_version="p",
        timings=Timings(),
        created_at=datetime(2026, 11, 23, tzinfo=UTC),
    )


@settings(deadline=None)
@given(HOSTILE, HOSTILE, HOSTILE, st.sampled_from(AnswerKind), st.booleans())
def test_message_has_literal_text_and_only_links_to_its_sources(
    text: str, title: str, quote: str, kind: AnswerKind, is_page: bool
) -> None:
    source = "https://docs.example.com/a" if is_page else f"/docs/{title}"
    where = Where(sheet=title, anchor=quote)
    shown = render.answer(an_answer(text, title, quote, source, kind, where), hint=quote)

    assert not pings(shown.text)
    # Only what a source holds may be a link.
    assert all(url == source or url.partition("//")[2] in quote for url in links(shown.text))
    kinds = {element.get("type") for element in elements(list(shown.blocks))} - {None}
    assert kinds <= {
        "markdown",
        "rich_text",
        "rich_text_section",
        "text",
        "link",
        "context",
        "plain_text",
        "context_actions",
        "feedback_buttons",
        "actions",
        "button",
    }
    urls = {element["url"] for element in elements(list(shown.blocks)) if "url" in element}
    assert {url.partition("#")[0] for url in urls} <= {source}
    assert not re.search(r"[^\w#%=./:~-]", "".join(urls), re.ASCII)


@settings(deadline=None)
@given(st.integers(0, 60_000), st.integers(0, 20_000), st.sampled_from(AnswerKind))
def test_message_stays_within_slacks_limits(length: int, other: int, kind: AnswerKind) -> None:
    long = "x" * other
    given = an_answer("wort " * (length // 5), long, long, "/d", kind, Where(sheet=long))
    shown = render.answer(given, hint=long)
    found = list(texts(list(shown.blocks)))
    others = list(texts([block for block in shown.blocks if block["type"] != "markdown"]))

    assert len(shown.blocks) <= BLOCKS
    assert all(found)
    assert all(len(text) <= SECTION for text in others)
    assert sum(map(len, found)) <= TOTAL < 13_200


@settings(deadline=None)
@given(HOSTILE)
def test_errors_and_hints_are_literal(text: str) -> None:
    shown = text_message(text)

    assert not re.search(r"[<>]", shown.text)
    assert "".join(texts(list(shown.blocks))).count("<") <= text.count("<")


def test_code_and_bold_are_shown_as_such() -> None:
    (block,) = text_message(
        "Run `make up` in **your** folder:\n```sh\nmake <up>\n```\nDone."
    ).blocks

    assert [element["type"] for element in block["elements"]] == [
        "rich_text_section",
        "rich_text_preformatted",
        "rich_text_section",
    ]
    assert block["elements"][0]["elements"][1] == {
        "type": "text",
        "text": "make up",
        "style": {"code": True},
    }
    assert block["elements"][1]["elements"] == [{"type": "text", "text": "make <up>"}]


def test_peoples_text_is_read_as_slack_shows_it() -> None:
    written = (
        "<@UBOT> who is <@U2|ann> in <#C1|general>? <https://x.example|here> &lt;b&gt; <!here>"
    )

    assert plain_text(written, "UBOT") == "who is @ann in #general? here <b> @here"
    assert plain_text("<mailto:a@b.example> <@UBOT|expert>", "UBOT") == "a@b.example"
    assert plain_text(f"&amp;lt; &#{'9' * 9_000};") == f"&lt; &#{'9' * 9_000};"


@settings(deadline=None)
@given(st.text(), st.integers(0, 50))
def test_truncated_text_is_never_longer_than_its_limit(text: str, room: int) -> None:
    assert len(truncate(text, room)) <= max(room, len(" …"))
