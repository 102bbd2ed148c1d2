import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.documents import Failure, Skipped
from domain.errors import ForbiddenSource, UnreadableSource, UnsupportedSource
from knowledge.readers.base import File
from knowledge.sources import files
from knowledge.sources.base import Entry, Fetched, Listing
from knowledge.sources.files import FilesConnector, read_file
from knowledge.sources.walk import BROKEN, HIDDEN, OUTSIDE, UNFOLLOWED


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "a.md").write_text("a")
    (docs / "deep").mkdir()
    (docs / "deep" / "b.md").write_text("b")
    return docs


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "keys.txt").write_text("password")
    return secrets


def listed(folder: Path, *linked: Path) -> Listing:
    return FilesConnector(folder, linked=linked).list({}, "")


def uris(listing: Listing) -> list[str]:
    return [entry.uri for entry in listing.entries]


def names(listing: Listing, folder: Path) -> list[str]:
    return [str(Path(uri).relative_to(folder)) for uri in uris(listing)]


def reasons(listing: Listing) -> dict[str, str]:
    named: list[Skipped | Failure] = [*listing.skipped, *listing.unreadable]
    return {Path(one.source).name: one.reason for one in named}


def absolute(link: Path, target: Path) -> None:
    link.symlink_to(target)


def relative(link: Path, target: Path) -> None:
    link.symlink_to(os.path.relpath(target, link.parent))


def in_two_steps(link: Path, target: Path) -> None:
    step = link.parent / ".step"
    step.symlink_to(target)
    link.symlink_to(".step")


@pytest.mark.parametrize("make", [absolute, relative, in_two_steps])
def test_link_that_leads_out_of_the_folder_is_left_out(
    docs: Path, secrets: Path, make: Callable[[Path, Path], None]
) -> None:
    make(docs / "readme.txt", secrets / "keys.txt")
    found = listed(docs)
    assert names(found, docs) == ["a.md", "deep/b.md"]
    assert reasons(found) == {"readme.txt": OUTSIDE}


def test_folder_that_a_link_leads_to_outside_is_left_out_and_named(
    docs: Path, secrets: Path
) -> None:
    (docs / "more").symlink_to(secrets)
    (docs / "up").symlink_to("..")
    found = listed(docs)
    assert names(found, docs) == ["a.md", "deep/b.md"]
    assert reasons(found) == {"more": OUTSIDE, "up": OUTSIDE}


def test_folder_whose_name_begins_with_the_roots_name_is_outside(
    docs: Path, tmp_path: Path
) -> None:
    other = tmp_path / "docs-private"
    other.mkdir()
    (other / "x.md").write_text("x")
    (docs / "x.md").symlink_to(other / "x.md")
    assert reasons(listed(docs)) == {"x.md": OUTSIDE}


def test_links_within_the_folder_are_followed_and_each_file_is_listed_once(docs: Path) -> None:
    (docs / "again.md").symlink_to("a.md")
    (docs / "chain.md").symlink_to("again.md")
    (docs / "deeper").symlink_to("deep")
    found = listed(docs)
    assert names(found, docs) == ["a.md", "deep/b.md"]
    assert not found.skipped


def test_links_in_a_circle_end(docs: Path) -> None:
    (docs / "deep" / "root").symlink_to(docs)
    (docs / "one").symlink_to("two")
    (docs / "two").symlink_to("one")
    found = listed(docs)
    assert names(found, docs) == ["a.md", "deep/b.md"]
    assert reasons(found) == dict.fromkeys(["one", "two"], "a broken link")


def test_what_was_read_behind_a_link_that_leads_nowhere_is_only_not_looked_at(
    docs: Path, tmp_path: Path
) -> None:
    share = tmp_path / "share"
    for name in ("archive", "policy.md", "policy.md.old"):
        (docs / name).symlink_to(share / name)
    known = {str(docs / "archive" / "1.md"): "1", str(docs / "policy.md"): "1"}
    found = FilesConnector(docs, linked=[share]).list(known, "")
    assert [(one.source, one.reason) for one in found.unreadable] == [
        (str(docs / "archive"), UNFOLLOWED),
        (str(docs / "policy.md"), UNFOLLOWED),
    ]
    assert found.skipped == (Skipped(str(docs / "policy.md.old"), BROKEN),)


def test_file_behind_a_link_says_where_it_really_is(docs: Path, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    (shared / "deep").mkdir(parents=True)
    (shared / "one.md").write_text("1")
    (shared / "deep" / "two.md").write_text("2")
    (docs / "link.md").symlink_to(shared / "one.md")
    (docs / "more").symlink_to(shared / "deep")
    places = {Path(one.uri).name: one.place for one in listed(docs, shared).entries}
    assert places == {
        "a.md": "",
        "b.md": "",
        "link.md": str(shared / "one.md"),
        "two.md": str(shared / "deep" / "two.md"),
    }


def test_mounted_volume_of_kubernetes_is_read(tmp_path: Path) -> None:
    data = tmp_path / "volume" / "..2026_11_01"
    (data / "part").mkdir(parents=True)
    (data / "c.md").write_text("c")
    (data / "part" / "d.md").write_text("d")
    volume = data.parent
    (volume / "..data").symlink_to(data.name)
    (volume / "c.md").symlink_to("..data/c.md")
    (volume / "part").symlink_to("..data/part")
    found = listed(volume)
    assert names(found, volume) == ["c.md", "part/d.md"]
    assert read_file(volume / "part" / "d.md", 100, [volume])[0].content == b"d"


def test_link_to_something_hidden_is_left_out(docs: Path) -> None:
    (docs / ".env").write_text("KEY=1")
    (docs / ".git").mkdir()
    (docs / ".git" / "config.txt").write_text("url")
    (docs / "env.txt").symlink_to(".env")
    (docs / "git").symlink_to(".git")
    found = listed(docs)
    assert names(found, docs) == ["a.md", "deep/b.md"]
    assert reasons(found) == {"env.txt": HIDDEN, "git": HIDDEN}


def test_allowed_folder_is_read_but_links_out_of_it_are_not_followed(
    docs: Path, secrets: Path, tmp_path: Path
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "s.md").write_text("s")
    (shared / "keys.txt").symlink_to(secrets / "keys.txt")
    (docs / "shared").symlink_to(shared)
    (docs / "one.md").symlink_to(shared / "s.md")
    found = listed(docs, shared)
    assert names(found, docs) == ["a.md", "deep/b.md", "one.md"]
    assert reasons(found) == {"keys.txt": OUTSIDE}


def test_path_that_a_person_names_is_read_anywhere(docs: Path, secrets: Path) -> None:
    (docs / "keys.txt").symlink_to(secrets / "keys.txt")
    (docs.parent / "link").symlink_to(docs)
    assert uris(listed((docs / "keys.txt").resolve())) == [str(secrets / "keys.txt")]
    assert names(listed((docs.parent / "link").resolve()), docs) == ["a.md", "deep/b.md"]


def test_folder_that_may_not_be_opened_is_named(docs: Path) -> None:
    (docs / "deep").chmod(0)
    try:
        found = listed(docs)
        if os.access(docs / "deep", os.R_OK):
            pytest.skip("root may open everything")
        assert reasons(found) == {"deep": "it cannot be opened: Permission denied"}
    finally:
        (docs / "deep").chmod(0o700)


class Unanswered:
    """A name of which the server of a share does not say what it is."""

    def __init__(self, path: Path) -> None:
        self.name, self.path = path.name, str(path)

    def is_symlink(self) -> bool:
        raise OSError(errno.ESTALE, "Stale file handle", self.path)


def test_name_of_which_a_share_does_not_say_what_it_is_is_named(
    docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = os.scandir

    @contextmanager
    def scandir(folder: Path) -> Iterator[list[object]]:
        with really(folder) as found:
            entries = [*found]
        yield [Unanswered(docs / "a.md") if one.name == "a.md" else one for one in entries]

    monkeypatch.setattr(os, "scandir", scandir)
    found = listed(docs)
    assert names(found, docs) == ["deep/b.md"]
    assert reasons(found) == {"a.md": "it cannot be opened: Stale file handle"}


def test_path_that_the_file_system_refuses_cannot_be_looked_at(docs: Path) -> None:
    connector = FilesConnector(docs / ("a" * 300))
    with pytest.raises(UnreadableSource, match="cannot be opened: File name too long"):
        connector.list({}, "")


def test_link_put_in_place_of_a_file_after_it_was_listed_is_not_read(
    docs: Path, secrets: Path
) -> None:
    [a, b] = uris(listed(docs))
    Path(a).unlink()
    Path(a).symlink_to(secrets / "keys.txt")
    (docs / "deep").rename(docs / "gone")
    (docs / "deep").symlink_to(secrets)
    (secrets / "b.md").write_text("password")
    for path in (a, b):
        with pytest.raises(ForbiddenSource, match="leads out of the folder"):
            read_file(Path(path), 100, [docs])


def test_link_that_changes_while_the_file_is_opened_is_not_read(
    docs: Path, secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link, inside = docs / "link.md", docs / "a.md"
    link.symlink_to(secrets / "keys.txt")
    really = os.path.realpath

    def swapped(path: Path) -> str:
        link.unlink()
        link.symlink_to(inside)
        return really(path)

    monkeypatch.setattr(os.path, "realpath", swapped)
    with pytest.raises(ForbiddenSource):
        read_file(link, 100, [docs])


@pytest.mark.parametrize("name", ["pipe.txt", "device.txt"])
def test_pipes_and_devices_are_never_opened(docs: Path, name: str) -> None:
    path = docs / name
    if name == "pipe.txt":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")
    with pytest.raises(UnreadableSource, match="not a file"):
        read_file(path, 100, [docs])


def test_film_is_told_by_its_beginning_however_large_it_is(docs: Path) -> None:
    film = docs / "film.mp4"
    film.write_bytes(b"\0\0\0\x20ftypisom" + bytes(200_000))
    with pytest.raises(UnsupportedSource, match="are not read"):
        read_file(film, 100_000, [docs])


def test_file_larger_than_the_limit_is_refused(docs: Path) -> None:
    (docs / "a.md").write_text("x" * 101)
    with pytest.raises(UnreadableSource, match="larger than"):
        read_file(docs / "a.md", 100, [docs])


def read(folder: Path, entry: Entry, version: str = "") -> Fetched | None:
    return FilesConnector(folder).read(entry, version)


def test_file_is_unchanged_while_its_version_is(
    docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_SETTLED", 0.0)
    os.utime(docs / "a.md", (1_000, 1_000))  # two writes within some milliseconds have one time
    first, other = listed(docs).entries
    fetched = read(docs, first)
    assert fetched
    assert fetched.version == first.version
    assert fetched.version != other.version
    assert read(docs, first, fetched.version) is None
    (docs / "a.md").write_text("b")
    [changed, _] = listed(docs).entries
    assert changed.version != first.version
    again = read(docs, changed, fetched.version)
    assert again
    assert again.content == File(b"b", "a.md")


def test_file_that_changed_a_moment_ago_has_no_version_yet(
    docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_SETTLED", 60.0)
    [entry, _] = listed(docs).entries
    fetched = read(docs, entry)
    assert fetched
    assert fetched.version == ""
    assert fetched.modified == datetime.fromtimestamp((docs / "a.md").stat().st_mtime, UTC)


def test_time_that_no_calendar_knows_is_left_out() -> None:
    looked = os.stat_result((0, 0, 0, 0, 0, 0, 0, 0, 10**15, 0))
    assert files._modified(looked) is None


def test_named_file_is_deleted_only_if_its_folder_can_be_looked_into(docs: Path) -> None:
    path = docs / "deep" / "b.md"
    known = {str(path): "1"}
    path.unlink()
    empty = FilesConnector(path).list(known, "")
    assert (empty.gone, [one.source for one in empty.unreadable]) == ((), [str(path)])
    (docs / "deep" / "c.md").write_text("c")
    assert FilesConnector(path).list(known, "").gone == (str(path),)


def test_folder_that_is_gone_cannot_be_looked_at(docs: Path) -> None:
    gone = docs.parent / "gone"
    with pytest.raises(UnreadableSource, match="does not exist"):
        FilesConnector(gone).list({str(gone / "a.md"): ""}, "")


def test_folder_that_held_nothing_is_no_document_of_itself(docs: Path) -> None:
    empty = docs.parent / "empty"
    with pytest.raises(UnreadableSource, match="no such file or folder"):
        FilesConnector(empty).list({}, "")
    # An earlier version has read it as a file.
    empty.mkdir()
    assert FilesConnector(empty).list({str(empty): ""}, "").gone == (str(empty),)
