from domain.blocks import Content, Heading, Paragraph
from domain.errors import EmptySource, UnreadableSource, UnsupportedSource
from knowledge.readers.base import File
from knowledge.readers.parts import Parts, deeper


def test_headings_move_down_and_no_further_than_the_lowest() -> None:
    blocks = (Heading("a", 1), Paragraph("text"), Heading("b", 6))
    assert deeper(blocks) == (Heading("a", 2), Paragraph("text"), Heading("b", 6))
    assert deeper(blocks, 3)[0] == Heading("a", 4)


def read_part(part: File) -> Content:
    match part.name:
        case "film":
            raise UnsupportedSource("films")
        case "scan":
            raise EmptySource("it holds no text")
        case "broken":
            raise UnreadableSource("it is damaged")
    return Content((Heading("Wind", 1), Paragraph("words")), "Crane rules", ("a note",))


def test_a_part_stands_under_its_name_and_title() -> None:
    parts = Parts(read_part)
    assert parts.read(File(b"x"), "rules.docx", 2) == (
        Heading("rules.docx: Crane rules", 2),
        Heading("Wind", 3),
        Paragraph("words"),
    )
    assert parts.all_notes("files") == ("rules.docx: a note",)


def test_what_is_not_read_is_counted_and_what_failed_is_named() -> None:
    parts = Parts(read_part)
    for name in ("film", "film", "scan", "broken"):
        assert parts.read(File(b"x", name), name, 1) == ()
    assert parts.all_notes("files") == (
        "files left out: 2 × films",
        "not read: scan: it holds no text",
        "not read: broken: it is damaged",
    )
