"""Marks are put into answers without any change to their code, links and tables."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from domain.markdown import Markdown, code_spans, span_at
from domain.markers import without_markers
from domain.numbering import numbered
from domain.questions import Citation, Sentence
from domain.support.sentences import sentences

PARSER = MarkdownIt("commonmark").enable("table")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a `b` c", ["`b`"]),
        ("a ``b ` c`` d", ["``b ` c``"]),
        ("a ` b", []),
        ("a `b\nc` d", ["`b\nc`"]),
        ("a `b\n\nc` d", []),
        ("- a `b\n- c` d", []),
        ("\\`a` b", []),
        ("\\``a` b", ["`a`"]),
        ("```\na\n```\nb `c`", ["```\na\n```", "`c`"]),
        ("a\n```\nb", ["```\nb"]),
        ("````\n```\n````", ["````\n```\n````"]),
        ("~~~\na[1]\n```\n~~~\nb", ["~~~\na[1]\n```\n~~~"]),
        ("a\n\n    b[1]\n\n    c\n\nd", ["    b[1]\n\n    c"]),
        ("a\n    b[1]", []),
        ("- a\n\n  ```sh\n  b\n  ```\n  c", ["```sh\n  b\n  ```"]),
        ("1. a\n   ```\n   b", ["```\n   b"]),
        ("- a\n    - b\n    - c", []),
        ("- a\n\n      b", ["      b"]),
        ("> ```\n> a\n\nb", ["```\n> a"]),
        ("```a``` b", ["```a```"]),
        ("# a `b`\nc", ["`b`"]),
    ],
)
def test_code_is_found_as_in_markdown(text: str, code: list[str]) -> None:
    spans = code_spans(text)
    assert [text[span.start : span.end] for span in spans] == code
    inside = {n for n in range(len(text)) if span_at(spans, n)}
    assert len(inside) == sum(map(len, code))


def marked(text: str, *ends: int) -> str:
    citations = [Citation(n, "s", "t", "q", "p", (end,)) for n, end in enumerate(ends, 1)]
    return numbered(text, citations)


@pytest.mark.parametrize(
    ("text", "behind", "shown"),
    [
        ("Run:\n```\nmake it\n```\nDone.", "make it", "Run:\n```\nmake it\n```\n[1]\n\nDone."),
        ("- a\n  ~~~\n  b c\n  ~~~\n- d", "b c", "- a\n  ~~~\n  b c\n  ~~~\n  [1]\n\n- d"),
        ("> ```\n> b c\n> ```", "b c", "> ```\n> b c\n> ```\n> [1]"),
        ("Run:\n\n    make it\n\nDone.", "make it", "Run:\n\n    make it\n[1]\n\nDone."),
        ("Run:\n```\nmake it", "make it", "Run: [1]\n```\nmake it"),
        ("```\nmake it", "make it", "```\nmake it"),
        ("See `a.b`.", "a.b", "See `a.b` [1]."),
        (
            "See [the a. It](https://x.example/y).",
            "a.",
            "See [the a. It](https://x.example/y) [1].",
        ),
        ("See https://x.example/y.z.", "x.", "See https://x.example/y.z [1]."),
        ("See <https://x.example/y>.", "x.", "See <https://x.example/y> [1]."),
        ("| a | b |\n|---|---|\n| c | d |", "d |", "| a | b |\n|---|---|\n| c | d [1] |"),
        ("| a | b |\n|---|---|\n| c | d |", "-|", "| a | b [1] |\n|---|---|\n| c | d |"),
        ("Heading\n===\ntext", "===", "Heading [1]\n===\ntext"),
        ("Ten years.(See a.)", "years.", "Ten years. [1] (See a.)"),
    ],
)
def test_a_number_is_put_where_it_changes_nothing(text: str, behind: str, shown: str) -> None:
    assert marked(text, text.rindex(behind) + len(behind)) == shown


def test_headings_are_not_marked_as_unsupported() -> None:
    text = "# Laptops\n\n| model | price |\n|---|---|\n| Air | 5 |"
    doubted = [Sentence(0, span.end, supported=False) for span in sentences(text)]
    assert numbered(text, [], doubted) == text.replace("5 |", "5 [?] |")


def test_numbers_at_one_place_are_in_order_and_once_each() -> None:
    text = "```\na b\nc d\n```"
    assert marked(text, 7, 11, 7) == "```\na b\nc d\n```\n[1] [2] [3]"
    one = Citation(1, "s", "t", "q", "p", (7, 11))
    assert numbered(text, [one]) == "```\na b\nc d\n```\n[1]"


def code_of(text: str) -> list[str]:
    """The contents of all code in ``text``, as a parser of Markdown sees it."""
    return [
        token.content
        for block in PARSER.parse(text)
        for token in (block, *(block.children or ()))
        if token.type in ("fence", "code_block", "code_inline")
    ]


LINES = st.lists(
    st.sampled_from(
        [
            "```\n",
            "```py\n",
            "~~~\n",
            "````\n",
            "\n",
            "    print(a[1])\n",
            "  ```\n",
            "- items[0] is it.\n",
            "1. Use `sys.argv[1]` here.\n",
            "> It says ``a ` [2]`` so.\n",
            "> ~~~\n",
            "It `spans\nlines[1]` here.\n",
            "# Title `x[1]`\n",
            "Plain words here.\n",
            "Twice. And [1] again.\n",
            "\tcode[3]\n",
            "| a[1] | `b[2]` |\n|---|---|\n| c | d. |\n",
        ]
    ),
    max_size=10,
).map("".join)


@pytest.mark.slow
@settings(deadline=None, max_examples=300)
@given(LINES, st.randoms())
def test_no_mark_changes_what_a_parser_sees_as_code(text: str, random: Random) -> None:
    ends = [span.end for span in sentences(text)]
    chosen = random.sample(ends, min(3, len(ends)))
    doubted = [Sentence(0, end, supported=False) for end in chosen[2:]]
    citations = [Citation(n, "s", "t", "q", "p", (end,)) for n, end in enumerate(chosen[:2], 1)]

    assert code_of(numbered(text, citations, doubted)) == code_of(text)


@pytest.mark.slow
@settings(deadline=None, max_examples=300)
@given(LINES)
def test_removing_the_models_numbers_leaves_what_a_parser_sees_as_code(text: str) -> None:
    assert code_of(without_markers(text)) == code_of(text.strip("\n"))


@given(LINES, st.integers(1, 200))
def test_a_place_stays_the_place(text: str, end: int) -> None:
    if place := Markdown(text).place(min(end, len(text))):
        assert Markdown(text).place(place.at) == place
