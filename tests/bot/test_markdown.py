"""A model's Markdown keeps its structure and its code, and leads nowhere but to sources."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answers.markdown import fitting, grouped, joined, nothing_held, pieces
from bot.answers.streaming import MOST, MarkdownStream
from tests.slack_reading import code, links, pings

TEXT = """# Laptops

New ones arrive within **five days**, says _the desk_.

- Open a ticket
  1. with `sys.argv[1]` and ``a ` b``
  2. then wait
- Bring `items[0]`

  ```py
  print(rows[1][2], a < b && c)
  ```

| model | price |
| :--- | ---: |
| Air | 5 |
| Pro | 7 \\\\| 8 |

> Quoted
> twice

---

Done, ~~or not~~."""

GUIDE = "https://docs.example.com/a_b(c)?x=1&y=2"


def shown(text: str) -> str:
    return joined(pieces(text, GUIDE.__eq__))


def test_structure_is_shown_as_it_was_written() -> None:
    assert shown(TEXT.replace("\\\\", "\\")) == TEXT.replace("\\\\", "\\")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("~~~sh\nmake [1]\n~~~", "```sh\nmake [1]\n```"),
        ("a\n\n    make [1]\n", "a\n\n```\nmake [1]\n```"),
        ("```\nmake [1]", "```\nmake [1]\n```"),
        ("````\n```\n````", "````\n```\n````"),
        ("```<b> onload=x\na\n```", "```\na\n```"),
    ],
)
def test_code_of_every_form_is_written_as_a_closed_fence(text: str, written: str) -> None:
    assert shown(text) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (f"See [the guide]({GUIDE} 'title').", "See [the guide](<>)."),
        (f"See <{GUIDE}>", "See [https://docs.example.com/a\\_b(c)?x=1&y=2](<>)"),
        ("See [the guide](https://evil.example/a).", "See the guide."),
        (
            f"[https://docs.example.com/other]({GUIDE})",
            "[https://docs.example.com/a\\_b(c)?x=1&y=2](<>)",
        ),
        ("![a picture](https://evil.example/x.png)", "a picture"),
        ("[evil](https://evil.example).com", None),
        ("[https](https://evil.example)://evil.example", None),
        ("[1]: https://evil.example 'x'\n\n[1] says", None),
        ("<a href='https://evil.example'>x</a>", None),
    ],
)
def test_only_what_a_source_holds_is_a_link(text: str, written: str | None) -> None:
    address = "https://docs.example.com/a_b%28c%29?x=1&y=2"
    found = shown(text)
    assert links(found) <= {address}
    if written is not None:
        assert found == written.replace("<>", address)


def test_address_of_a_source_in_prose_is_a_link() -> None:
    held = "https://docs.example.com/a"
    found = joined(pieces(f"See {held}, or {held}/b.", held.__eq__))
    assert found.startswith(f"See [{held}]({held}), or https:")
    assert links(found) == {held}


def test_what_is_nested_too_deeply_is_shown_as_plain_text() -> None:
    assert "deep" in shown("> " * 10_000 + "deep")
    assert "deep" in shown("- " * 10_000 + "deep")
    assert not links(shown("> " * 10_000 + "[deep](https://evil.example)"))


def test_table_beyond_slacks_limits_is_cut_or_shown_as_code() -> None:
    rows = "| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 150
    assert shown(rows).count("| 1 | 2 |") == 99
    assert shown(rows).endswith("… 51")
    (wide,) = code(shown("| a " * 30 + "|\n" + "|---" * 30 + "|\n"))
    assert wide.count("a") == 30


WILD = st.lists(
    st.sampled_from(
        [
            *(
                "```",
                "```\n",
                "~~~\n",
                "`",
                "``",
                "\n",
                "\n\n",
                "    ",
                "- ",
                "1. ",
                "> ",
                "# ",
                "|",
            ),
            *(
                "| a | b |\n|---|---|\n",
                "[a](https://evil.example)",
                "[1]: ",
                "![x](",
                "](",
                "[",
                ")",
            ),
            *(
                "<!channel>",
                "<@U1>",
                "@here",
                "https://evil.example/x",
                "www.evil.example",
                "a.com",
            ),
            *(
                "<https://evil.example|safe>",
                "&lt;!here&gt;",
                "**",
                "_",
                "~~",
                "\\",
                "<b>",
                "word ",
            ),
            *("\u202e", "\u200b", "\x00", "---\n", "slack://x", "javascript:x", "mailto:a@b.com"),
        ]
    )
    | st.text(max_size=4),
    max_size=30,
).map("".join)


@settings(deadline=None)
@given(WILD)
def test_wild_markdown_pings_nobody_and_leads_nowhere(text: str) -> None:
    found = joined(pieces(text))
    assert pings(found) == []
    assert links(found) == set()


@settings(deadline=None)
@given(WILD, st.integers(20, 300))
def test_what_fits_is_well_formed(text: str, room: int) -> None:
    kept, is_all = fitting(pieces(text), room)
    groups = grouped(kept, 100)
    assert joined(kept) == joined(pieces(text)) if is_all else len(joined(kept)) <= room
    assert all(not links(group) and not pings(group) for group in groups)
    assert all(len(group) <= 100 or "\n\n" not in group or code(group) for group in groups)


@settings(deadline=None)
@given(WILD | st.just(TEXT), st.lists(st.integers(1, 40), max_size=30))
def test_stream_pings_nobody_and_ends_as_the_whole_answer(text: str, sizes: list[int]) -> None:
    stream, sent, end = MarkdownStream(), "", 0
    for size in sizes:
        end += size
        sent += stream.more(text[:end])
        assert pings(sent) == []
        assert links(sent) == set()
    sent += stream.more(text, is_all=True)
    if stream.is_whole:
        assert sent == joined(pieces(text))


def test_usual_answers_are_streamed_whole_and_early() -> None:
    stream, longest, waited, sent = MarkdownStream(), 0, 0, ""
    for end in range(1, len(TEXT) + 1):
        piece = stream.more(TEXT[:end])
        waited = 0 if piece else waited + 1
        longest = max(longest, waited)
        sent += piece
    sent += stream.more(TEXT, is_all=True)
    assert stream.is_whole
    assert sent == joined(pieces(TEXT, nothing_held))
    assert longest < 60


def test_stream_that_is_too_long_stands_still() -> None:
    stream = MarkdownStream()
    sent = "".join(stream.more("word " * n) for n in range(0, 3_000, 100))
    sent += stream.more("word " * 3_000, is_all=True)
    assert not stream.is_whole
    assert 0 < len(sent) <= MOST
