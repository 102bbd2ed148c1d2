from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.blocks import Block, Code, Heading, Item, ItemList, Paragraph
from domain.errors import EmptySource, IngestError, UnreadableSource
from knowledge.readers.base import File
from knowledge.readers.text import read, read_text


def blocks(text: str) -> list[Block]:
    return list(read(File(text.encode())).blocks)


def test_blank_lines_part_paragraphs() -> None:
    assert blocks("One\nline.\r\n\r\n  Two.\fThree.") == [
        Paragraph("One line."),
        Paragraph("Two."),
        Paragraph("Three."),
    ]


def test_lists_keep_their_marks_and_depth() -> None:
    assert blocks("Bring:\n- a badge\n  that is valid\n  1) one\n  2) two\n- a pen") == [
        Paragraph("Bring:"),
        ItemList(
            (
                Item("a badge that is valid"),
                Item("one", 1, "1)"),
                Item("two", 1, "2)"),
                Item("a pen"),
            )
        ),
    ]


def test_underlined_lines_are_headings() -> None:
    found = read(File(b"Travel rules\n============\nGeneral.\n\nFlights\n-------\n\nEconomy."))
    assert found.title == "Travel rules"
    assert found.blocks == (
        Heading("Travel rules", 1),
        Paragraph("General."),
        Heading("Flights", 2),
        Paragraph("Economy."),
    )


@pytest.mark.parametrize(
    "text",
    ["    def f():\n        return 1", "Name    Room\nAnna    4.12\nBert    4.13", "a\tb\nc\td"],
)
def test_what_is_laid_out_by_blanks_stays_as_it_is(text: str) -> None:
    (code,) = blocks(text)
    assert isinstance(code, Code)
    assert code.text.strip() == text.strip()


def test_text_is_read_in_the_encoding_that_its_sender_names() -> None:
    assert read(File("Ответ: да".encode("koi8-r"), charset="koi8-r")).blocks == (
        Paragraph("Ответ: да"),
    )


@pytest.mark.parametrize("text", ["", " \n\t\n", "\u200b"])
def test_file_without_text_is_empty(text: str) -> None:
    with pytest.raises(EmptySource):
        blocks(text)


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(UnreadableSource, match="not text"):
        read(File(bytes(range(256))))


@settings(deadline=None)  # the first one imports a lot
@given(st.binary(max_size=300))
def test_any_bytes_become_blocks_or_one_of_our_errors(text: bytes) -> None:
    with suppress(IngestError):
        read(File(text))


@given(st.text(alphabet="-1. a)\n\t=*", max_size=60))
def test_every_word_of_a_text_is_in_its_blocks(text: str) -> None:
    with suppress(EmptySource):
        said = repr(read_text(text).blocks)
        assert text.count("a") <= said.count("a")
