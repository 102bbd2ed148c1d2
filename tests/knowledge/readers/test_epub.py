import zipfile
from io import BytesIO

import pytest
from hypothesis import given, settings

from domain.blocks import Content, Heading, Paragraph, Table
from domain.errors import EmptySource, UnreadableSource
from knowledge.readers import html
from knowledge.readers.base import File
from knowledge.readers.epub import read
from tests.knowledge.readers.noise import damaged, file, survives


def read_part(part: File) -> Content:
    text = part.content.decode("utf-8", "replace").strip()
    if not text:
        raise EmptySource("it is empty")
    if text == "bad":
        raise UnreadableSource("it is damaged")
    return Content((Paragraph(text),), f"Title of {part.name}")


def book(chapters: dict[str, str], *, spine: str = "", more: dict[str, str] | None = None) -> bytes:
    items = "".join(
        f'<item id="{name}" href="{name}" media-type="application/xhtml+xml"/>' for name in chapters
    )
    spine = spine or "".join(f'<itemref idref="{name}"/>' for name in chapters)
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("mimetype", "application/epub+zip")
        made.writestr(
            "META-INF/container.xml",
            '<container><rootfiles><rootfile full-path="in/book.opf"/></rootfiles></container>',
        )
        made.writestr(
            "in/book.opf",
            f"<package><metadata><title>Rules</title></metadata><manifest>{items}</manifest>"
            f"<spine>{spine}</spine></package>",
        )
        for name, text in chapters.items():
            made.writestr(f"in/{name}", text)
        for name, text in (more or {}).items():
            made.writestr(name, text)
    return out.getvalue()


def test_a_book_is_read_in_its_order() -> None:
    found = read(File(file("book.epub")), html.read)
    said = [getattr(block, "text", "") for block in found.blocks]
    assert said.index("Wind") < said.index("Cranes stop at wind force 7.") < said.index("Loads")
    assert [block.text for block in found.blocks if isinstance(block, Heading)] == ["Wind", "Loads"]
    table = next(block for block in found.blocks if isinstance(block, Table))
    assert "1200 kg" in str(table)


def test_the_spine_tells_the_order() -> None:
    spine = '<itemref idref="b"/><itemref idref="a"/><itemref idref="none"/>'
    found = read(File(book({"a": "first", "b": "second"}, spine=spine)), read_part)
    assert found.title == "Rules"
    assert found.blocks == (
        Heading("Title of b", 1),
        Paragraph("second"),
        Heading("Title of a", 1),
        Paragraph("first"),
    )


def test_damaged_chapters_are_named_and_the_rest_is_read() -> None:
    found = read(File(book({"a": "bad", "b": "good", "c": ""})), read_part)
    assert found.blocks[-1] == Paragraph("good")
    assert found.notes == ("not read: a: it is damaged",)
    with pytest.raises(UnreadableSource):
        read(File(book({"a": "bad"})), read_part)


def test_chapters_outside_of_the_book_are_not_read() -> None:
    made = book({"a": "x"}).replace(b'href="a"', b'href="/"')
    with pytest.raises(UnreadableSource):
        read(File(made), read_part)


def test_protected_and_empty_books_say_so() -> None:
    with pytest.raises(UnreadableSource, match="password"):
        read(File(book({"a": "x"}, more={"META-INF/rights.xml": "<r/>"})), read_part)
    with pytest.raises(EmptySource):
        read(File(book({"a": ""})), read_part)


@given(damaged(file("book.epub")))
@settings(deadline=None)
def test_damaged_books_cost_only_themselves(content: bytes) -> None:
    survives(lambda: read(File(content), read_part))
