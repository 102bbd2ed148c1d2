from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.blocks import Block, Code, Content, Heading, Item, ItemList, Paragraph, Table, Where
from domain.errors import EmptySource, IngestError, UnreadableSource
from knowledge.readers.base import File
from knowledge.readers.markdown import read
from tests.hostile import is_linear


def content(text: str, address: str = "") -> Content:
    return read(File(text.encode(), address=address))


def blocks(text: str) -> list[Block]:
    return list(content(text).blocks)


def test_text_is_plain_and_nothing_is_escaped() -> None:
    text = r"Set `max_*`, **not** a_b\_c & E\_4032 \[1\] to 10<sup>6</sup> &lt; 5."
    assert blocks(text) == [Paragraph("Set max_*, not a_b_c & E_4032 [1] to 10^6 < 5.")]


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("front", "title"),
    [
        ("title: Our Rules", "Our Rules"),
        ('title:  "Our: Rules"  \nlayout: x', "Our: Rules"),
        ("a: b\nTitle: 'Rules'", "Rules"),
        ("title: >-\n  Our\n  Rules\nx: y", "Our Rules"),
        ("title: 'half", "'half"),
        ("title:", "Other"),
        ("# title: no\nb: c", "Other"),
    ],
)
def test_front_matter_names_the_document_and_is_left_out(front: str, title: str, ends: str) -> None:
    found = content(f"---\n{front}\n---\n# Other\n\nText".replace("\n", ends))
    assert found.title == title
    assert found.blocks[-1] == Paragraph("Text", Where(anchor="other"))
    assert len(found.blocks) == 2


def test_front_matter_of_toml_is_one_too() -> None:
    assert content('+++\ntitle = "Rules"\n+++\nText') == Content((Paragraph("Text"),), "Rules")


def test_fields_of_the_front_matter_that_say_something_are_a_paragraph() -> None:
    text = "---\nowner: Anna\nsidebar: 3\ntags: [pay, 'gym']\nkeywords:\n  - a\n  - b\n---\nText"
    assert blocks(text) == [
        Paragraph("Owner: Anna. Tags: pay, gym. Keywords: a, b."),
        Paragraph("Text"),
    ]


def test_line_at_the_top_is_no_front_matter_by_itself() -> None:
    assert blocks("---\n\nText\n\nMore") == [Paragraph("Text"), Paragraph("More")]


def test_underlined_headings_are_headings() -> None:
    found = content("Travel rules\n============\n\nGeneral.\n\nFlights\n-------\n\nOnly economy.")
    assert found.title == "Travel rules"
    assert found.blocks[:4:2] == (
        Heading("Travel rules", 1, Where(anchor="travel-rules")),
        Heading("Flights", 2, Where(anchor="flights")),
    )


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("# Héllo, Wörld & co.", "héllo-wörld--co"),
        ("# The `E_1` **rule**", "the-e_1-rule"),
        ("# [Linked](x.md) name", "linked-name"),
        ("# Own {#my-id}", "my-id"),
        ("# ##", ""),
    ],
)
def test_headings_have_the_anchors_that_github_gives_them(heading: str, anchor: str) -> None:
    assert blocks(f"{heading}\n\nText")[-1] == Paragraph("Text", Where(anchor=anchor))


def test_equal_headings_have_different_anchors() -> None:
    anchors = [b.where.anchor for b in blocks("# A\n\n# A\n\n## A") if isinstance(b, Heading)]
    assert anchors == ["a", "a-1", "a-2"]


def test_bold_question_is_known_as_such() -> None:
    assert blocks("**Who pays?**\n\nWe do.") == [
        Paragraph("Who pays?", is_bold=True),
        Paragraph("We do."),
    ]


def test_table_has_its_header_row() -> None:
    assert blocks("| A | B |\n|---|--:|\n| 1 \\| 2 | `x` |\n| 10<sup>6</sup> | |") == [
        Table((("A", "B"),), (("1 | 2", "x"), ("10^6", "")))
    ]


def test_html_within_is_read_as_html() -> None:
    text = """<details><summary>More?</summary>\n\n*Yes*.\n\n</details>

<table><tr><th rowspan=2>A<th>B<tr><th>C<tr><td>1<td>2</table>\n\n<!-- no -->"""
    assert blocks(text) == [
        Paragraph("More?", is_bold=True),
        Paragraph("Yes."),
        Table((("A", "B"), ("A", "C")), (("1", "2"),)),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Log in as <your name>.", "Log in as <your name>."),
        ("<placeholder>", "<placeholder>"),
        ("Run `rm <file>` in <DIR>/x", "Run rm <file> in <DIR>/x"),
        ("<team-id>\nis yours", "<team-id> is yours"),
        ("a < b and List<String>", "a < b and List<String>"),
        ("cp <path> <target>, <time>", "cp <path> <target>, <time>"),
        ("<path>", "<path>"),
        ("<b>Not</b> the <label> of <object>", "Not the <label> of <object>"),
        ("<label>Name</label> and <time>12:00</time>", "Name and 12:00"),
        ("Between <script> and </script>", "Between <script> and </script>"),
    ],
)
def test_what_is_no_tag_of_html_stays_as_text(text: str, said: str) -> None:
    assert blocks(text) == [Paragraph(said)]


@pytest.mark.parametrize(
    "tag",
    [
        "the <script> tag",
        "a <style> of its own",
        "a <template> element",
        "<select> and <title>",
        "<script> tags go last",
        "<textarea>",
        "<pre>",
        "<noscript>",
        '<video src="a.mp4">',
        "<!-- and no end",
        "> <style>\n> x",
    ],
)
def test_what_follows_a_tag_that_nobody_closes_is_read(tag: str) -> None:
    found = blocks(f"{tag}\n\n# Refunds\n\nRefunds take *9* days.")
    assert "<" in getattr(found[0], "text", "")
    assert found[1:] == [
        Heading("Refunds", 1, Where(anchor="refunds")),
        Paragraph("Refunds take 9 days.", Where(anchor="refunds")),
    ]


@pytest.mark.parametrize(
    "tag",
    [
        '<iframe width="5" src="https://e.org/x" />',
        '<Video src="a.mp4" />',
        '<video src="a.mp4" controls />',
        '<script src="x.js" async />',
        '<canvas id="x"/>',
        "<script>\nlet a = '<b>'\n\n# no\n</script>",
        "<style>\na {}\n</style>",
        "<noscript>\n\n*no*\n\n</noscript>",
        '<video src="a.mp4"></video>',
        "<!-- no -->",
    ],
)
def test_what_shows_no_words_is_left_out_and_nothing_after_it(tag: str) -> None:
    assert blocks(f"{tag}\n\n## Refunds\n\nRefunds take 9 days.") == [
        Heading("Refunds", 2, Where(anchor="refunds")),
        Paragraph("Refunds take 9 days.", Where(anchor="refunds")),
    ]


def test_an_address_may_end_with_a_slash() -> None:
    assert blocks("<a href=https://e.org/>form</a>") == [Paragraph("form (https://e.org/)")]


def test_lists_keep_their_depth_marks_and_ticks() -> None:
    assert blocks("- [x] done\n- [ ] open\n  1. one\n\n* other") == [
        ItemList((Item("[x] done"), Item("[ ] open"), Item("one", 1, "1."))),
        ItemList((Item("other"),)),
    ]


def test_code_is_kept_as_it_is() -> None:
    assert blocks("```py\ndef f(a_b):\n\n    return '*<x>*'\n```\n\n    # indented") == [
        Code("def f(a_b):\n\n    return '*<x>*'"),
        Code("# indented"),
    ]


def test_footnotes_stand_behind_the_paragraph_that_refers_to_them() -> None:
    text = "Paid[^late] late.\n\nEnd, again[^late].\n\n[^late]: Not on *Fridays*."
    assert blocks(text) == [
        Paragraph("Paid [1] late."),
        Paragraph("[1] Not on Fridays."),
        Paragraph("End, again [1]."),
    ]


def test_definitions_and_what_is_struck_out() -> None:
    assert blocks("Owner\n: Anna\n\n~~Old.~~ New.") == [
        ItemList((Item("Owner: Anna"),)),
        Paragraph("New."),
    ]


def test_relative_links_lead_on_from_the_address() -> None:
    found = content("[form](../f.pdf) [x](#y)", "https://git.example.org/a/b/README.md")
    assert found.blocks == (Paragraph("form (https://git.example.org/a/f.pdf) x"),)


def test_pictures_say_what_their_description_says() -> None:
    assert blocks("![Plan of the second floor](x.png)") == [Paragraph("Plan of the second floor")]


@pytest.mark.parametrize(
    "text", ["", " \n\t", "---\ntitle: x\n---\n", "<!-- x -->", "[a]: http://b"]
)
def test_file_without_text_is_empty(text: str) -> None:
    with pytest.raises(EmptySource):
        content(text)


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(UnreadableSource, match="not text"):
        read(File(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"))


@settings(deadline=None)  # the first one imports a lot
@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_become_blocks_or_one_of_our_errors(text: bytes) -> None:
    with suppress(IngestError):
        read(File(text))


@pytest.mark.slow
@pytest.mark.parametrize(
    "part",
    [
        *(
            "*a ",
            "**a*",
            "[",
            "[a](",
            ">",
            "- ",
            "`a",
            "![a]",
            "<a",
            "_a_",
            "[^1]",
            "a\n: b\n",
            "~~a ",
        ),
        *("|a", "# a\n", "&", "<div>\n", "[a]: b\n", "- [x] a\n", "---\n", "a: b\n", "![", "<x-y>"),
        *("<script>\n", "<b>", "<b>\n\n", "<b / ", "</style>", "<!--\n"),
    ],
)
def test_reading_takes_twice_as_long_for_twice_as_much(part: str) -> None:
    def read_text(text: str) -> None:
        with suppress(IngestError):
            content(text)

    assert is_linear(read_text, lambda n: f"{part * (n // 20)}\n\n[^1]: x")


def test_front_matter_may_end_with_three_dots() -> None:
    found = content("---\ntitle: Yard rules\nowner: Ivo\n...\nNobody stands below the hook.\n")
    assert found.title == "Yard rules"
    assert found.blocks == (
        Paragraph("Owner: Ivo."),
        Paragraph("Nobody stands below the hook."),
    )
