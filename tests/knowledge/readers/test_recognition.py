import gzip
import struct
import zipfile
from contextlib import suppress
from io import BytesIO
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import IngestError, UnreadableSource, UnsupportedSource
from knowledge.readers import kinds
from knowledge.readers.base import File
from knowledge.readers.recognition import recognized, refuse_declared
from tests.knowledge.readers.noise import damaged, file

TYPES = (
    '<Types><Override PartName="/book.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)


def zipped(*names: str, mimetype: str = "") -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        if mimetype:
            made.writestr("mimetype", mimetype)
        for name in names:
            made.writestr(name, "x")
    return out.getvalue()


def size(value: object) -> str | None:
    """Bytes in the name of a test: zipped ones hold the time, and so differ at each run."""
    return f"{len(value)} bytes" if isinstance(value, bytes) else None


WORD = zipped("[Content_Types].xml", "word/document.xml")
PAGE = b"<!DOCTYPE html><html><p>Hi"
MAIL = b"From: a@b.example\nTo: c@d.example\nSubject: Hi\nDate: today\n\nHello"


@pytest.mark.parametrize(
    ("content", "name", "declared", "kind"),
    [
        (b"%PDF-1.7 ...", "page.html", "text/html", kinds.PDF),
        (b"\n\n%PDF-1.4", "", "application/octet-stream", kinds.PDF),
        (b"%PDF-1.4", "scan", "application/x-pdf", kinds.PDF),
        (WORD, "a.docx", "", kinds.DOCX),
        (WORD, "download", "application/zip", kinds.DOCX),
        (WORD, "a.pdf", "application/pdf", kinds.DOCX),
        (zipped("[Content_Types].xml", "ppt/x.xml"), "a.pptx", "", kinds.PPTX),
        (zipped("[Content_Types].xml", "xl/x.xml"), "a.xlsx", "", kinds.XLSX),
        (zipped(mimetype="application/vnd.oasis.opendocument.text"), "a", "", kinds.ODT),
        (zipped(mimetype="application/vnd.oasis.opendocument.text-template"), "a", "", kinds.ODT),
        (zipped(mimetype="application/epub+zip"), "book", "", kinds.EPUB),
        (zipped("a.txt"), "a.docx", "", kinds.ZIP),
        (gzip.compress(b"x"), "a.tar.gz", "", kinds.GZIP),
        (PAGE, "a.txt", "text/plain", kinds.HTML),
        (PAGE, "report.pdf", "application/pdf", kinds.HTML),
        (b"\xef\xbb\xbf<!-- saved --> <html>", "", "", kinds.HTML),
        (PAGE.decode().encode("utf-16"), "a.htm", "", kinds.HTML),
        (b"# Hi", "README.md", "text/plain; charset=utf-8", kinds.MARKDOWN),
        (b"# Hi", "README.md", "application/octet-stream", kinds.MARKDOWN),
        (b"hi", "LICENSE", "", kinds.TEXT),
        (b"hi", "a.unknown", "", kinds.TEXT),
        (b"<p>hi", "page", "text/html", kinds.HTML),
        (b"a,b\n1,2", "export", "text/csv; header=present", kinds.CSV),
        (MAIL, "mail", "", kinds.EML),
        (MAIL, "mail.txt", "", kinds.TEXT),
        (b"From a@b.example Mon\n" + MAIL, "archive", "", kinds.MBOX),
        (b"def f(): ...", "a.PY", "", kinds.SOURCE_CODE),
    ],
    ids=size,
)
def test_kind_is_known_by_content_then_by_name(
    content: bytes, name: str, declared: str, kind: str
) -> None:
    assert recognized(File(content, name, kind=declared)) == kind


@pytest.mark.parametrize(
    ("content", "name", "what"),
    [
        (b"\x89PNG\r\n\x1a\n...", "a.txt", "pictures"),
        (b"\xff\xd8\xff\xe0", "a", "pictures"),
        (b"<svg>", "logo.svg", "pictures"),
        (b"\0\0\0 ftypisom", "a", "films"),
        (b"ID3\x04", "a.pdf", "sound"),
        (b"\x7fELF", "a", "programs"),
        (b"{\\rtf1 hi}", "a.doc", "save them as .docx"),
        (file("bookings.doc"), "bookings.xls", "old Word"),  # its text holds the word Workbook
        (bytes(range(256)), "plan.dat", "unknown kinds"),
        (Random(1).randbytes(300), "backup", "unknown kinds"),
        (b"text in front\n" + bytes(range(256)) * 40, "plan.dat", "unknown kinds"),
        (b"-----BEGIN PRIVATE KEY-----", "server.key", "keys and certificates"),
        (zipped("index.xml"), "talk.key", "export them as PDF"),
        (zipped("META-INF/MANIFEST.MF"), "tool.jar", "programs"),
        (zipped("a"), "tool.whl", "programs"),
        (zipped("index.xml"), "letter.pages", "export them as PDF"),
        (zipped("[Content_Types].xml", "visio/document.xml"), "plan.vsdx", "drawings"),
        (zipped("[Content_Types].xml", "visio/document.xml"), "plan", "other files of Office"),
        (zipped("a", mimetype="application/vnd.oasis.opendocument.graphics"), "a", "OpenDocument"),
        (b"<office:document>", "letter.fodt", "save them as .odt"),
    ],
    ids=size,
)
def test_what_is_not_read_is_named(content: bytes, name: str, what: str) -> None:
    with pytest.raises(UnsupportedSource, match=what):
        recognized(File(content, name))


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"\0\0\0\0", "a.pdf"),
        (b"   \n", "a.docx"),
        (WORD[:60], "a.docx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "a.docx"),
        (file("cranes.xls")[:3000], "a.xls"),
        (zipped("[Content_Types].xml"), "a.docx"),
    ],
    ids=size,
)
def test_what_is_damaged_or_locked_is_unreadable(content: bytes, name: str) -> None:
    with pytest.raises(UnreadableSource):
        recognized(File(content, name))


def test_pictures_are_refused_before_they_are_loaded() -> None:
    with pytest.raises(UnsupportedSource, match="pictures"):
        refuse_declared("image/png; q=1")
    for other in ("", "text/html", "application/octet-stream"):
        refuse_declared(other)


@pytest.mark.parametrize(
    "name", ["bookings.doc", "cranes.xls", "wind.msg", "cranes.xlsx", "talk.odp"]
)
@given(data=st.data())
def test_damaged_files_have_a_kind_or_an_error(name: str, data: st.DataObject) -> None:
    with suppress(IngestError):
        assert recognized(File(data.draw(damaged(file(name))))) in kinds.SUFFIXES.values()


@pytest.mark.parametrize(("place", "value"), [(30, 2), (44, 30_000_000), (72, 30_000_000)])
@pytest.mark.parametrize("name", ["bookings.doc", "wind.msg"])
def test_old_office_files_whose_header_promises_more_than_they_hold_are_damaged(
    name: str, place: int, value: int
) -> None:
    changed = bytearray(file(name))
    struct.pack_into("<H" if place == 30 else "<I", changed, place, value)
    with pytest.raises(UnreadableSource, match="damaged"):
        recognized(File(bytes(changed)))


def test_office_file_whose_list_of_types_is_damaged_is_told_by_its_folders() -> None:
    content = bytearray(zipped("[Content_Types].xml", "word/document.xml"))
    content[content.index(b"[Content_Types].xml") + 25] ^= 0xFF
    assert recognized(File(bytes(content))) == kinds.DOCX


def test_packed_folder_of_an_office_file_is_an_archive() -> None:
    assert recognized(File(zipped("[Content_Types].xml", "a.md"), "backup.zip")) == kinds.ZIP


def test_part_that_is_packed_in_another_way_is_not_looked_into() -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as made:
        made.writestr("[Content_Types].xml", TYPES)
    with pytest.raises(UnsupportedSource, match="other files of Office"):
        recognized(File(out.getvalue()))


@given(st.binary(max_size=600), st.sampled_from(["", *kinds.SUFFIXES]), st.text(max_size=20))
def test_any_bytes_have_a_kind_or_an_error(content: bytes, suffix: str, declared: str) -> None:
    try:
        kind = recognized(File(content, f"a{suffix}", kind=declared))
    except IngestError:
        return
    assert kind in kinds.SUFFIXES.values()
