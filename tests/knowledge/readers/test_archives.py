import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.blocks import Block, Content, Heading, Paragraph
from domain.errors import EmptySource, UnreadableSource, UnsupportedSource
from knowledge.readers import archives
from knowledge.readers.archives import read
from knowledge.readers.base import File
from tests.knowledge.readers.noise import damaged, file, survives

KINDS = ["team.zip", "team.tgz", "team.tar.bz2", "team.tar.xz"]


def read_part(part: File) -> Content:
    """Reads text only."""
    if not part.content:
        raise EmptySource("it is empty")
    if part.name.endswith(".png"):
        raise UnsupportedSource("pictures")
    if part.name.endswith(".bad"):
        raise UnreadableSource("it is damaged")
    text = part.content.decode("utf-8", "replace")
    return Content((Heading(part.name, 1), Paragraph(text.strip() or "-")))


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return out.getvalue()


def tarred(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as made:
        for name, content in members.items():
            about = tarfile.TarInfo(name)
            about.size = len(content)
            made.addfile(about, io.BytesIO(content))
    return out.getvalue()


def content(packed: bytes, name: str = "") -> Content:
    return read(File(packed, name), read_part)


def texts(blocks: tuple[Block, ...]) -> list[str]:
    return [getattr(block, "text", "") for block in blocks]


@pytest.mark.parametrize("name", KINDS)
def test_each_file_stands_under_its_path(name: str) -> None:
    found = content(file(name), name)
    assert set(found.blocks) == {
        Heading("team/rules/Größen.md", 1),
        Heading("Größen.md", 2),
        Paragraph("# Travel\n\nFlights under 700 km are not paid."),
        Heading("team/rules/cranes.txt", 1),
        Heading("cranes.txt", 2),
        Paragraph("Cranes stop at wind force 7."),
    }
    assert found.notes == ("files left out: 1 × pictures",)


def test_a_packed_file_is_read_by_its_own_name() -> None:
    found = content(file("cranes.txt.gz"), "cranes.txt.gz")
    assert texts(found.blocks) == ["cranes.txt", "Cranes stop at wind force 7."]


def test_archives_with_a_password_say_so() -> None:
    with pytest.raises(UnreadableSource, match="password"):
        content(file("locked.zip"))


def test_what_fails_is_named_and_the_rest_is_read() -> None:
    found = content(zipped({"a.bad": b"x", "b.txt": b"good", "empty.txt": b""}))
    assert texts(found.blocks) == ["b.txt", "b.txt", "good"]
    assert found.notes == ("not read: a.bad: it is damaged",)


def test_a_damaged_member_costs_itself() -> None:
    packed = bytearray(zipped({"a.txt": b"first words " * 50, "b.txt": b"good"}))
    packed[36:46] = bytes(10)
    found = content(bytes(packed))
    assert texts(found.blocks) == ["b.txt", "b.txt", "good"]
    assert found.notes == ("not read: a.txt: it is damaged in the archive",)


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_no_more_than_so_many_files_are_read(
    pack: Callable[[dict[str, bytes]], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MEMBERS", 3)
    found = content(pack({f"{n}.txt": b"x" for n in range(9)}))
    assert texts(found.blocks)[::3] == ["0.txt", "1.txt", "2.txt"]
    assert found.notes == ("only the first 3 files are read",)


def test_no_more_than_so_many_bytes_are_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "UNPACKED", 1_000)
    found = content(zipped({"a.txt": b"x" * 900, "b.txt": b"y" * 900}))
    assert texts(found.blocks)[0::3] == ["a.txt"]


def test_a_member_that_unpacks_to_far_more_is_left_out() -> None:
    found = content(zipped({"bomb.txt": bytes(20_000_000), "a.txt": b"good"}))
    assert texts(found.blocks) == ["a.txt", "a.txt", "good"]
    assert found.notes == ("files left out: 1 × large files",)


def test_streams_that_unpack_to_far_more_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "UNPACKED", 1_000_000)
    monkeypatch.setattr(archives, "_MEMBER", 1_000_000)
    about = tarfile.TarInfo("a.txt")
    about.size = 10**12
    for beginning in (b"", about.tobuf()):
        with pytest.raises(UnreadableSource, match="far more"):
            content(gzip.compress(beginning + bytes(3_000_000)))


def test_links_out_of_an_archive_are_not_followed() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as made:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE):
            about = tarfile.TarInfo("a.txt")
            about.type, about.linkname = kind, "/etc/passwd"
            made.addfile(about)
    with pytest.raises(EmptySource):
        content(out.getvalue())


def test_names_are_read_as_the_program_that_wrote_them_meant() -> None:
    packed = zipped({"Gr\\Ma\u00dfe.txt": b"x"})
    assert texts(content(packed).blocks)[0] == "Gr/Maße.txt"


@pytest.mark.parametrize("name", [*KINDS, "cranes.txt.gz"])
def test_damaged_archives_cost_only_themselves(name: str) -> None:
    @given(damaged(file(name)))
    @settings(deadline=None)
    def check(packed: bytes) -> None:
        survives(lambda: content(packed, name))

    check()


@given(st.binary(max_size=2_000))
@settings(deadline=None)
def test_any_bytes_cost_only_themselves(packed: bytes) -> None:
    for sign in (b"", b"PK\3\4", b"\x1f\x8b", b"BZh9", b"\xfd7zXZ\0"):
        survives(lambda sign=sign: content(sign + packed))  # type: ignore[misc]
