import zipfile
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import IngestError, UnreadableSource
from knowledge.readers import zipped
from knowledge.readers.zipped import Zipped, is_encrypted_office, xml

WHAT = "Word file"


def archive(parts: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return out.getvalue()


def encrypted_office() -> bytes:
    """What its beginning and its list of streams look like; the rest is of no matter."""
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + "EncryptedPackage".encode("utf-16-le")
    )


def test_parts_are_read_by_name() -> None:
    with Zipped(archive({"a/b.xml": "<r>Öl</r>", "empty/": "", "c": b"\0"}), WHAT) as opened:
        assert opened.names == ["a/b.xml", "c"]
        assert opened.xml("a/b.xml").text == "Öl"
        assert opened.read("c") == b"\0"
        assert "a/b.xml" in opened
        assert opened.size("a/b.xml") == len("<r>Öl</r>".encode())


def test_missing_part_is_an_error_or_none() -> None:
    with Zipped(archive({"a": "<a/>", "broken": "<a"}), WHAT) as opened:
        assert opened.xml_if_any("b") is None
        assert opened.xml_if_any("broken") is None
        assert opened.size("b") == 0
        for name in ("b", "broken"):
            with pytest.raises(UnreadableSource, match="no readable Word file"):
                opened.xml(name)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a zip", b"\xd0\xcf\x11\xe0 an old file"])
def test_what_is_no_archive_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableSource, match="no readable Word file"):
        Zipped(content, WHAT)


def test_part_that_unpacks_to_far_more_than_its_size_is_refused() -> None:
    with pytest.raises(UnreadableSource, match="far more than its size"):
        Zipped(archive({"word/document.xml": b"\0" * 2_000_000}), WHAT)


def test_parts_that_are_too_much_together_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipped, "UNPACKED", 2_000)
    with pytest.raises(UnreadableSource, match="far more than its size"):
        Zipped(archive({str(n): "a" * 900 for n in range(3)}), WHAT)


def test_archive_of_too_many_parts_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipped, "PARTS", 2)
    with pytest.raises(UnreadableSource, match="more than 2 parts"):
        Zipped(archive({str(n): "a" for n in range(3)}), WHAT)


def test_part_that_lies_about_its_size_is_unpacked_no_further() -> None:
    content = bytearray(archive({"a": b"\0" * 500_000}))
    real = (500_000).to_bytes(4, "little")
    assert content.count(real) == 2
    with (
        Zipped(bytes(content).replace(real, (9_000).to_bytes(4, "little")), WHAT) as opened,
        pytest.raises(UnreadableSource, match="damaged"),  # its checksum is another's
    ):
        opened.read("a")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_part_that_is_packed_in_another_way_is_refused(method: int) -> None:
    with (
        Zipped(archive({"a": b"abc"}, method), WHAT) as opened,
        pytest.raises(UnreadableSource, match="pack it as usual"),
    ):
        opened.read("a")


def test_damaged_part_is_refused() -> None:
    content = archive({"a": "<a>word</a>"}, zipfile.ZIP_STORED).replace(b"word", b"wort", 1)
    with Zipped(content, WHAT) as opened, pytest.raises(UnreadableSource, match="damaged"):
        opened.xml("a")


def test_office_file_with_a_password_is_said_to_have_one() -> None:
    assert is_encrypted_office(encrypted_office())
    assert not is_encrypted_office(archive({"EncryptedPackage": "a"}))
    with pytest.raises(UnreadableSource, match="password"):
        Zipped(encrypted_office(), WHAT)


def test_open_document_with_a_password_is_said_to_have_one() -> None:
    manifest = (
        "<m:manifest xmlns:m='m'><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>"
    )
    with pytest.raises(UnreadableSource, match="password"):
        Zipped(archive({"META-INF/manifest.xml": manifest, "content.xml": b"\x01"}), WHAT)


def test_archive_with_a_password_is_said_to_have_one() -> None:
    content = bytearray(archive({"a": "abc"}))
    content[6] |= 1  # the flags of the part, in front of it and in the list of parts
    content[content.index(b"PK\x01\x02") + 8] |= 1
    with Zipped(bytes(content), WHAT) as opened, pytest.raises(UnreadableSource, match="password"):
        opened.read("a")


@pytest.mark.parametrize(
    "subset",
    [
        '<!ENTITY a SYSTEM "file:///etc/hostname">',
        '<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">',
        '<!ENTITY % a SYSTEM "http://127.0.0.1/x.dtd"> %a;',
    ],
)
def test_xml_with_entities_is_refused(subset: str) -> None:
    with pytest.raises(UnreadableSource):
        xml(f"<!DOCTYPE r [{subset}]><r>&a;</r>".encode(), WHAT)


def test_xml_with_a_document_type_of_a_public_standard_is_read() -> None:
    kind = b'<!DOCTYPE r PUBLIC "-//X//EN" "http://127.0.0.1:1/x.dtd">'
    assert xml(kind + b"<r><!-- not this --><?nor this?>text</r>", WHAT).text == "text"


def test_deeply_nested_xml_is_refused() -> None:
    with pytest.raises(UnreadableSource, match="no readable"):
        xml(b"<a>" * 100_000 + b"</a>" * 100_000, WHAT)


@given(st.binary(max_size=300))
def test_any_bytes_are_opened_or_one_of_our_errors(content: bytes) -> None:
    whole = archive({"a.xml": "<a>text</a>", "b": b"bytes"})
    at = len(content) % len(whole)
    for noise in (content, b"PK\x03\x04" + content, whole[:at] + content + whole[at:]):
        try:
            with Zipped(noise, WHAT) as opened:
                for name in opened.names:
                    opened.read(name)
                    opened.xml_if_any(name)
        except IngestError:
            continue
