"""The sources of an answer in Slack: their places in their documents, and links to those."""

from dataclasses import replace
from typing import Any

import pytest

from bot.answers import render
from domain.blocks import NOWHERE, Where
from domain.questions import AnswerKind, Citation, Newer
from tests.bot.test_safe import an_answer

PDF = "https://docs.example.com/handbook.pdf"


def cited(source: str, where: Where, n: int = 1, passage: str = "p1") -> Citation:
    return Citation(n, source, "Handbook › Leave", "30 days.", passage, (8,), where)


def rows(*citations: Citation) -> list[list[dict[str, Any]]]:
    """The elements of each source's row."""
    (block,) = render.sources(citations)
    return [section["elements"] for section in block["elements"][1:]]


@pytest.mark.parametrize(
    ("source", "where", "url", "text"),
    [
        (PDF, Where(page=3), f"{PDF}#page=3", "Handbook › Leave, page 3"),
        (f"{PDF}#page=1", Where(page=3), f"{PDF}#page=3", "Handbook › Leave, page 3"),
        (PDF, NOWHERE, PDF, "Handbook › Leave"),
        (
            "https://wiki.example.com/a?b=c",
            Where(anchor="<!here> (x)"),
            "https://wiki.example.com/a?b=c#%3C%21here%3E%20%28x%29",
            "Handbook › Leave",
        ),
    ],
)
def test_page_in_the_web_is_a_link_to_the_very_place(
    source: str, where: Where, url: str, text: str
) -> None:
    ((number, title, quote),) = rows(cited(source, where))

    assert number["text"] == "\n[1] "
    assert title == {"type": "link", "url": url, "text": text}
    assert quote["text"] == ": “30 days.”"


@pytest.mark.parametrize(
    ("newer", "shown"),
    [
        (
            Newer("https://docs.example.com/2026", "Leave 2026"),
            {"type": "link", "url": "https://docs.example.com/2026", "text": "Leave 2026"},
        ),
        (
            Newer("/docs/2026/leave.md", "Leave <!here>"),
            {"type": "text", "text": "Leave <!here>", "style": {"bold": True}},
        ),
        (
            Newer("/docs/2026/leave.md", ""),
            {"type": "text", "text": "leave.md", "style": {"bold": True}},
        ),
    ],
)
def test_source_that_is_old_leads_to_the_newer_version(newer: Newer, shown: dict[str, Any]) -> None:
    (row,) = rows(replace(cited(PDF, NOWHERE), newer=newer))
    assert row[-2]["text"] == " There is a newer version: "
    assert row[-1] == shown


@pytest.mark.parametrize(
    ("source", "where", "text", "file"),
    [
        ("/docs/handbook.pdf", Where(page=3), "Handbook › Leave, page 3", " (handbook.pdf)"),
        ("/docs/talk.pptx", Where(slide=2), "Handbook › Leave, slide 2", " (talk.pptx)"),
        ("/docs/a.md", Where(anchor="leave"), "Handbook › Leave", " (a.md)"),
        ("slack-file:F1", Where(sheet="<@U1> `x`"), "Handbook › Leave, sheet <@U1> `x`", ""),
    ],
)
def test_file_is_named_with_its_place_as_literal_text(
    source: str, where: Where, text: str, file: str
) -> None:
    ((_, title, quote),) = rows(cited(source, where))

    assert title == {"type": "text", "text": text, "style": {"bold": True}}
    assert quote["text"] == f"{file}: “30 days.”"


def test_two_pages_of_a_document_are_two_sources() -> None:
    first, second = rows(cited(PDF, Where(page=3)), cited(PDF, Where(page=9), 2, "p2"))

    assert (first[0]["text"], first[1]["url"]) == ("\n[1] ", f"{PDF}#page=3")
    assert (second[0]["text"], second[1]["url"]) == ("\n[2] ", f"{PDF}#page=9")


def test_workspace_without_markdown_sees_tables_as_code_and_headings_in_bold() -> None:
    answer = an_answer(
        "# Prices\n\n| a | b |\n|---|---|\n| 1 | 2 |", "T", "Q", PDF, AnswerKind.ANSWERED
    )
    simpler = render.answer(answer).simpler
    assert simpler
    title, table, *_ = simpler.blocks[0]["elements"]

    assert title["elements"][0] == {"type": "text", "text": "Prices", "style": {"bold": True}}
    assert table["type"] == "rich_text_preformatted"
    assert table["elements"][0]["text"].startswith("| a | b |")


def test_an_answer_that_is_all_a_list_of_references_is_shown() -> None:
    listed = "References:\n- two customers\n- one bank"
    alone, behind = (
        str(render.answer(an_answer(text, "T", "Q", PDF, AnswerKind.ANSWERED)).blocks)
        for text in (listed, f"Ask Ada.\n\n{listed}")
    )
    assert ("one bank" in alone, "one bank" in behind) == (True, False)
    assert "Ask Ada." in behind
