"""A file that is no backup, or a damaged or hostile one, is refused with one line."""

import gzip
import io
import json
import os
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cli.backup.manifest import FORMAT, NAME, Kind, Manifest
from cli.backup.reading import opened_backup
from cli.backup.writing import written
from domain.errors import BackupFailed, BackupInvalid
from tests.records.makers import NOW

LINES = [b'["id"]\n', b"[1]\n", b"[2]\n"]


def ignore(*_: object) -> None:
    pass


def manifest(parts: tuple[Any, ...] = ()) -> Manifest:
    return Manifest(
        id="1",
        program="0.1.0",
        revision="0046",
        made_at=NOW,
        database="sqlite",
        index=None,
        adapters={},
        missing=(),
        settings={},
        secrets=(),
        parts=parts,
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A small backup."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "weights").write_bytes(bytes(range(256)) * 5)
    with written(folder / "backup.tar", ignore) as writer:
        writer.add_lines("database/jobs.jsonl.gz", Kind.ROWS, "jobs", LINES)
        writer.add_file("files/000000", "adapters/night-1/weights", folder / "weights")
        writer.end(manifest(tuple(writer.parts)))
    return (folder / "backup.tar").read_bytes()


def verified(file: Path) -> Manifest:
    with opened_backup(file) as backup:
        backup.verify(ignore)
        return backup.manifest


def refusal(file: Path) -> str:
    with pytest.raises(BackupInvalid) as caught:
        verified(file)
    line = str(caught.value)
    assert "\n" not in line
    assert len(line) < 500
    return line


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "backup.tar"


def test_a_whole_backup_is_accepted_and_gives_back_what_was_written(
    file: Path, whole: bytes, tmp_path: Path
) -> None:
    file.write_bytes(whole)
    verified(file)
    with opened_backup(file) as backup:
        rows, weights = backup.manifest.parts
        assert [line + b"\n" for line in backup.lines(rows)] == LINES
        backup.copy(weights, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == bytes(range(256)) * 5


def test_tar_can_read_it(whole: bytes) -> None:
    with tarfile.open(fileobj=io.BytesIO(whole)) as archive:
        assert archive.getnames() == ["database/jobs.jsonl.gz", "files/000000", NAME]


@pytest.mark.parametrize("content", [b"", b"no", b"\0" * 1024, b"PK\x03\x04" + b"x" * 2000])
def test_another_file_is_no_backup(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    refusal(file)


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(BackupFailed, match="cannot be read"):
        verified(tmp_path / "no")
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        assert "no plain file" in refusal(path)


@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_backup_that_was_cut_or_changed_anywhere_is_refused(
    whole: bytes, file: Path, data: st.DataObject
) -> None:
    """Only bytes that nothing depends on may change: the padding, and dates in headers."""
    at = data.draw(st.integers(0, len(whole) - 1))
    if data.draw(st.booleans()):
        file.write_bytes(whole[:at])
        # All that is there may be whole, but for the end of the archive itself.
        if at < len(whole) - 1024:
            refusal(file)
        return
    changed = bytearray(whole)
    changed[at] ^= data.draw(st.integers(1, 255))
    file.write_bytes(changed)
    try:
        found = verified(file)
    except BackupInvalid as error:
        assert "\n" not in str(error)  # noqa: PT017
    else:
        assert [part.name for part in found.parts] == ["database/jobs.jsonl.gz", "files/000000"]


@given(st.binary(max_size=3000))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_bytes_are_refused(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    refusal(file)


Member = tuple[tarfile.TarInfo, bytes]


def member(name: str, content: bytes = b"", **more: object) -> Member:
    made = tarfile.TarInfo(name)
    made.size = len(content)
    for key, value in more.items():
        setattr(made, key, value)
    return made, content


Parts = list[dict[str, Any]]


def archive(
    file: Path, members: list[Member], parts: Parts, more: dict[str, Any] | None = None
) -> Path:
    """A tar archive of the members, and the manifest that goes with these parts."""
    read = json.loads(manifest().as_bytes()) | {"parts": parts} | (more or {})
    with closing(tarfile.open(file, "w", format=tarfile.GNU_FORMAT)) as made:
        for one, content in [*members, member(NAME, json.dumps(read).encode())]:
            made.addfile(one, io.BytesIO(content))
    return file


def part(name: str, content: bytes, more: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "name": name,
        "kind": "file",
        "of": "adapters/night-1/weights",
        "size": len(content),
        "sha256": sha256(content).hexdigest(),
        "unpacked": 0,
        "lines": 0,
    } | (more or {})


BAD_MEMBERS: dict[str, Member] = {
    "a link": member("files/000000", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
    "a hard link": member("files/000000", type=tarfile.LNKTYPE, linkname="/etc/passwd"),
    "a device": member("files/000000", type=tarfile.CHRTYPE),
    "a pipe": member("files/000000", type=tarfile.FIFOTYPE),
    "a folder": member("files", type=tarfile.DIRTYPE),
    "a sparse file": member("files/000000", type=tarfile.GNUTYPE_SPARSE),
    "a name that is too long": member("files/" + "x" * 300),
    "a way out": member("../../outside"),
    "an absolute name": member("/etc/cron.d/x"),
    "a file that is not named": member("files/000001", b"x"),
}


@pytest.mark.parametrize("kind", BAD_MEMBERS)
def test_members_that_a_backup_never_has_are_refused(file: Path, kind: str) -> None:
    refusal(archive(file, [BAD_MEMBERS[kind]], [part("files/000000", b"")]))


PLACES = [
    "adapters/../../outside", "adapters/night-1/../../../x", "/etc/passwd", "adapters/night-1",
    "adapters//weights", "adapters/./weights", "adapters/night-1/.ssh", "logs/a/b", "phi3.db",
    "adapters/night 1/x", "adapters/night-1/x/y", "nights/\x00/x", "adapters\\night-1\\x", "",
    "uploads/a/1", "uploads/a/1/..", "uploads/../1/x", "uploads/a/b/x", "uploads/a/1/x/y",
    "uploads/a/1/", "uploads/a/1/\x00", "uploads/a.b/1/x", "uploads/a/1/x\\y", "uploads/a/²/x",
]  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_a_file_goes_to_no_other_place(file: Path, place: str) -> None:
    named = part("files/000000", b"x") | {"of": place}
    refusal(archive(file, [member("files/000000", b"x")], [named]))


def packed(content: bytes) -> bytes:
    return gzip.compress(content, 9, mtime=0)


ROWS = "database/jobs.jsonl.gz"
BOMB = packed(b"\n" * 50_000_000)


def rows(content: bytes, **more: Any) -> tuple[list[Member], Parts]:
    return [member(ROWS, content)], [part(ROWS, content, {"kind": "rows", "of": "jobs"} | more)]


BAD_PARTS: dict[str, Callable[[], tuple[list[Member], Parts]]] = {
    "a bomb": lambda: rows(BOMB, unpacked=10, lines=10),
    "a line without end": lambda: rows(packed(bytes(70_000_000)), unpacked=70_000_000, lines=1),
    "fewer lines": lambda: rows(packed(b"[]\n"), unpacked=3, lines=2),
    "a line that does not end": lambda: rows(packed(b"[]"), unpacked=2, lines=1),
    "less than was said": lambda: rows(packed(b"[]\n"), unpacked=30, lines=1),
    "no gzip": lambda: rows(b"[]\n", unpacked=3, lines=1),
    "half of a gzip": lambda: rows(packed(b"[]\n" * 100)[:-5], unpacked=300, lines=100),
    "something behind a gzip": lambda: rows(packed(b"[]\n") * 2, unpacked=6, lines=2),
    "another hash": lambda: rows(packed(b"[]\n"), unpacked=3, lines=1, sha256="0" * 64),
    "a hash that is none": lambda: rows(packed(b"[]\n"), unpacked=3, lines=1, sha256="../x"),
    "a negative size": lambda: rows(packed(b"[]\n"), unpacked=-3, lines=1),
    "a number that is none": lambda: rows(packed(b"[]\n"), unpacked=3, lines="1"),
    "a kind that is none": lambda: rows(packed(b"[]\n"), unpacked=3, lines=1, kind="sql"),
    "more fields": lambda: rows(packed(b"[]\n"), unpacked=3, lines=1, run="rm"),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", BAD_PARTS)
def test_parts_that_are_not_as_the_manifest_says_are_refused(file: Path, kind: str) -> None:
    refusal(archive(file, *BAD_PARTS[kind]()))


def test_a_part_that_comes_twice_is_refused(file: Path) -> None:
    one = member("files/000000", b"x")
    refusal(archive(file, [one, one], [part("files/000000", b"x")]))
    refusal(archive(file, [one], [part("files/000000", b"x")] * 2))


@pytest.mark.parametrize(
    "more",
    [
        {"format": "x"}, {"format": None}, {"made_at": "yesterday"}, {"made_at": 1},
        {"revision": "../../x"}, {"revision": 46}, {"index": []}, {"index": {"place": 1}},
        {"settings": []}, {"settings": {"A": 1}},
        {"settings": {"A=1\nB": "x"}}, {"secrets": ["A\nB=1"]}, {"adapters": {"../x": "live"}},
        {"parts": 1}, {"parts": [1]}, {"secrets": 1}, {"id": None},
        {"made_at": "0001-01-01T00:00:00+23:00"},
    ],
    ids=str,
)  # fmt: skip
def test_a_manifest_that_is_none_is_refused(file: Path, more: dict[str, Any]) -> None:
    assert "manifest" in refusal(archive(file, [], [], more))


@pytest.mark.parametrize("text", [b"", b"[", b"[]", b"1", b"\xff", b"[" * 100_000])
def test_a_manifest_that_is_no_json_is_refused(file: Path, text: bytes) -> None:
    with closing(tarfile.open(file, "w")) as made:
        made.addfile(*_opened(member(NAME, text)))
    refusal(file)


def _opened(one: Member) -> tuple[tarfile.TarInfo, io.BytesIO]:
    return one[0], io.BytesIO(one[1])


def test_a_backup_of_a_newer_program_says_to_update(file: Path) -> None:
    line = refusal(archive(file, [], [], {"format": FORMAT + 1, "program": "9.9.9"}))
    assert line == (
        "The backup was made by a newer version of phi3 (9.9.9): update phi3, then restore it."
    )


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner),
    max_leaves=10,
)


@given(st.sampled_from(sorted(json.loads(manifest().as_bytes()))), json_values)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_value_in_a_manifest_is_read_or_refused(file: Path, name: str, value: object) -> None:
    archive(file, [], [], {name: value})
    try:
        verified(file)
    except BackupInvalid as error:
        assert "\n" not in str(error)  # noqa: PT017


def test_a_line_that_is_too_long_is_not_written(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.backup.writing.LONGEST_LINE", 10)

    def lines() -> Iterator[bytes]:
        yield b"x" * 11

    def write() -> None:
        with written(file, ignore) as writer:
            writer.add_lines(ROWS, Kind.ROWS, "jobs", lines())

    with pytest.raises(BackupFailed, match="too large"):
        write()
    assert not list(file.parent.iterdir())


def test_a_file_that_is_there_is_not_written_over(file: Path) -> None:
    file.write_text("kept")

    def write() -> None:
        with written(file, ignore):
            pass

    with pytest.raises(BackupFailed, match="already"):
        write()
    assert file.read_text() == "kept"
