import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import ForbiddenSource, GoneSource, IngestError, UnreadableSource
from knowledge.readers.base import File
from knowledge.sources import git, git_program
from knowledge.sources.base import Entry
from knowledge.sources.fetch import Fetcher
from knowledge.sources.git import GitConnector
from knowledge.sources.git_address import GitAddress
from tests.knowledge.sources.git_server import Repository, serving


class Reading:
    """Reads a repository again and again, and keeps what an ingest would."""

    def __init__(self, uri: str, folder: Path) -> None:
        self.uri, self.folder = uri, folder
        self.fetcher = Fetcher(allowed_private_hosts=["127.0.0.1", "localhost"])
        self.known: dict[str, str] = {}
        self.read: dict[str, bytes] = {}
        self.modified: dict[str, datetime | None] = {}
        self.names: list[str] = []
        self.skipped: dict[str, str] = {}
        self.moved: dict[str, str] = {}
        self.failed: dict[str, str] = {}

    def connector(self) -> GitConnector:
        return GitConnector(self.uri, self.fetcher, self.folder, limit=10_000)

    def again(self) -> list[str]:
        """The paths of the files that were read now."""
        self.read.clear()
        self.failed.clear()
        self.names.clear()
        connector = self.connector()
        listing = connector.list(self.known, "")
        self.skipped = {self._path(one.source): one.reason for one in listing.skipped}
        self.moved = dict(listing.moved)
        entries = list(listing.entries)
        before, self.known = self.known, {}
        for entry in entries:
            version = before.get(entry.uri, "")
            if entry.version == version:
                self.known[entry.uri] = version
                continue
            try:
                found = connector.read(entry, version)
            except IngestError as e:
                self.failed[self._path(entry.uri)] = e.public
                continue
            assert found is not None
            assert isinstance(found.content, File)
            self.names.append(found.content.name)
            self.read[self._path(entry.uri)] = found.content.content
            self.modified[self._path(entry.uri)] = found.modified
            self.known[entry.uri] = found.version
        return sorted(self.read)

    def _path(self, uri: str) -> str:
        return uri.rpartition(":")[2]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "handbook")


@pytest.fixture
def reading(repository: Repository, tmp_path: Path) -> Reading:
    return Reading(repository.uri, tmp_path / "cache" / "handbook")


def test_only_changed_files_are_read_again(repository: Repository, reading: Reading) -> None:
    repository.commit(lunch="At noon.", tea="At four.")
    assert reading.again() == ["lunch.md", "tea.md"]
    assert reading.read["lunch.md"] == b"At noon."
    assert reading.again() == []
    repository.commit(tea="At five.")
    assert reading.again() == ["tea.md"]
    repository.git("mv", "tea.md", "five.md")
    (repository.folder / "lunch.md").unlink()
    repository.commit()
    assert reading.again() == ["five.md"]
    assert [uri.rpartition(":")[2] for uri in reading.known] == ["five.md"]


def test_branch_that_is_named_is_read(repository: Repository, reading: Reading) -> None:
    repository.commit(lunch="At noon.")
    repository.git("checkout", "--quiet", "-b", "next/year")
    repository.commit(lunch="At one.")
    repository.git("checkout", "--quiet", "main")
    reading.uri += "#next/year"
    assert reading.again() == ["lunch.md"]
    assert reading.read["lunch.md"] == b"At one."
    assert list(reading.known) == [f"git+file://{repository.folder}#next/year:lunch.md"]


def test_files_of_a_branch_that_was_renamed_are_known_by_its_new_name(
    repository: Repository, reading: Reading
) -> None:
    repository.commit(lunch="# Lunch", tea="# Tea")
    repository.write("more/a b#c:d.md", "# More")
    repository.commit()
    reading.again()
    known = dict(reading.known)
    repository.git("branch", "-m", "main", "team/trunk")
    repository.git("rm", "tea.md")
    repository.commit()
    assert len(reading.again()) == 2
    of_old = {uri.replace("#team/trunk:", "#main:"): uri for uri in reading.known}
    assert reading.moved == of_old
    assert len(known.keys() - of_old) == 1
    reading.again()
    assert reading.moved == {}


def test_files_of_another_branch_that_is_named_moved_nowhere(
    repository: Repository, reading: Reading
) -> None:
    repository.commit(tea="# Tea")
    reading.again()
    repository.git("branch", "next")
    reading.uri = f"{repository.uri}#next"
    assert reading.again() == ["tea.md"]
    assert reading.moved == {}


def test_branch_that_was_replaced_is_read(repository: Repository, reading: Reading) -> None:
    repository.commit(lunch="At noon.")
    reading.again()
    repository.git("commit", "--amend", "--allow-empty", "-m", "Another")
    repository.write("lunch.md", "At one.")
    repository.git("commit", "--amend", "-a", "-m", "Another")
    assert reading.again() == ["lunch.md"]


def test_files_know_when_they_were_changed(repository: Repository, reading: Reading) -> None:
    repository.commit("2026-02-01T10:00:00+02:00", lunch="At noon.", tea="At four.")
    repository.commit("2026-03-01T00:00:00Z", tea="At five.")
    repository.commit("2099-03-01T00:00:00Z", late="Never.")
    reading.again()
    assert reading.modified == {
        "lunch.md": datetime(2026, 2, 1, 8, tzinfo=UTC),
        "tea.md": datetime(2026, 3, 1, tzinfo=UTC),
        "late.md": None,
    }


@pytest.mark.slow
def test_files_of_commits_that_are_not_loaded_have_no_date(
    repository: Repository, reading: Reading
) -> None:
    repository.commit(old="Old.")
    for n in range(250):
        repository.git("commit", "--quiet", "--allow-empty", "-m", str(n))
    repository.commit(new="New.")
    reading.again()
    assert reading.modified["old.md"] is None
    assert reading.modified["new.md"]


def test_what_is_no_document_is_left_out_and_not_loaded(
    repository: Repository, reading: Reading
) -> None:
    repository.write("photo.png", b"\x89PNG" + os.urandom(5_000))
    repository.write("node_modules/x/readme.md", "# X")
    repository.write("poetry.lock", "x")
    repository.write(".github/workflow.yml", "x: y")
    repository.write("stored.pdf", "version https://git-lfs.github.com/spec/v1\noid sha256:x\n")
    (repository.folder / "link.md").symlink_to("/etc/passwd")
    repository.commit(lunch="At noon.")
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},part")
    repository.git("commit", "--quiet", "-m", "A part")
    assert reading.again() == ["lunch.md"]
    assert reading.skipped == {
        "photo.png": "pictures are not read",
        "node_modules/x/readme.md": "installed packages",
        "poetry.lock": "lock files",
        "link.md": "links",
        "part": "other repositories within one (submodules) are not read",
    }
    assert "LFS" in reading.failed["stored.pdf"]
    loaded = sum(path.stat().st_size for path in reading.folder.glob("objects/**/*.pack"))
    assert loaded < 3_000


def test_file_that_is_too_large_fails_alone(repository: Repository, reading: Reading) -> None:
    repository.write("large.txt", os.urandom(6_000).hex())
    repository.commit(lunch="At noon.")
    assert reading.again() == ["lunch.md"]
    assert "larger" in reading.failed["large.txt"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["a b.md", "größe.md", b"\xff\xfe.md", "a\nb.md", ":x#?%41.md", '"']
)
def test_names_may_be_any_bytes(
    repository: Repository, reading: Reading, name: str | bytes
) -> None:
    repository.write(name, "At noon.")
    repository.commit()
    assert len(reading.again()) == 1
    (uri,) = reading.known
    assert uri.isascii()
    assert "#main:" in uri
    assert os.fsencode(reading.names[0]) == os.fsencode(name)


@pytest.mark.slow
def test_repository_of_a_server_is_read(tmp_path: Path, repository: Repository) -> None:
    repository.commit(lunch="At noon.", tea="At four.")
    with serving(tmp_path) as (url, sent):
        assert Reading(f"git+{url}/handbook/.git", tmp_path / "1").again() == ["lunch.md", "tea.md"]
        url = url.replace("127.0.0.1", "localhost")
        reading = Reading(f"git+{url}/handbook/.git", tmp_path / "cache")
        assert reading.again() == ["lunch.md", "tea.md"]
        assert reading.again() == []
        repository.commit(tea="At five.")
        sent.clear()
        assert reading.again() == ["tea.md"]
        asked = b"".join(sent)
        assert repository.git("rev-parse", "HEAD:tea.md").encode() in asked
        assert repository.git("rev-parse", "HEAD:lunch.md").encode() not in asked
        with pytest.raises(UnreadableSource, match="no such branch"):
            Reading(f"{reading.uri}#other", tmp_path / "cache").again()
        with pytest.raises(UnreadableSource, match="does not exist"):
            Reading(f"git+{url}/nothing", tmp_path / "other").again()


def test_private_host_is_refused_before_git_runs(tmp_path: Path) -> None:
    for host in ("127.0.0.1:1", "localhost:1", "10.0.0.1", "[::1]:9", "169.254.169.254"):
        for scheme in ("https", "http", "ssh"):
            connector = GitConnector(f"git+{scheme}://{host}/a", Fetcher(), tmp_path / "x")
            with pytest.raises(ForbiddenSource, match="private network"):
                connector.list({}, "")
    assert not list(tmp_path.iterdir())


def test_git_gets_the_address_that_was_checked(
    tmp_path: Path, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No other program can look this name up."""
    repository.commit(lunch="At noon.")
    with serving(tmp_path) as (url, _):
        port = int(url.rpartition(":")[2])
        answer = [(2, 1, 6, "", ("127.0.0.1", port))]
        monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: answer)
        reading = Reading(f"git+http://rebind.test:{port}/handbook/.git", tmp_path / "cache")
        reading.fetcher = Fetcher(allowed_private_hosts=["rebind.test"])
        assert reading.again() == ["lunch.md"]


def test_settings_and_hooks_from_outside_do_not_count(
    repository: Repository, reading: Reading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.commit(lunch="At noon.")
    outside = tmp_path / "outside"
    monkeypatch.setenv("GIT_DIR", str(outside))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "url.ext::touch.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "file://")
    reading.again()
    hook = reading.folder / "hooks" / "reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {outside}\n")
    hook.chmod(0o755)
    repository.commit(lunch="At one.")
    assert reading.again() == ["lunch.md"]
    assert not outside.exists()


def test_folder_that_is_damaged_or_locked_is_used_again(
    repository: Repository, reading: Reading
) -> None:
    repository.commit(lunch="At noon.")
    reading.again()
    for name in ("shallow.lock", "config.lock", "refs/phi3/tip.lock", "objects/pack/tmp_pack_x"):
        (reading.folder / name).touch()
    repository.commit(lunch="At one.")
    assert reading.again() == ["lunch.md"]
    assert not list(reading.folder.glob("**/*.lock"))
    (reading.folder / "HEAD").unlink()
    shutil.rmtree(reading.folder / "refs")
    repository.commit(lunch="At two.")
    assert reading.again() == ["lunch.md"]


@pytest.mark.slow
def test_git_that_takes_too_long_or_too_much_is_ended(
    repository: Repository, reading: Reading, tmp_path: Path
) -> None:
    repository.commit(lunch="At noon.")
    slow = GitConnector(reading.uri, reading.fetcher, tmp_path / "a", seconds=-1)
    large = GitConnector(reading.uri, reading.fetcher, tmp_path / "b", most=-1)
    script = tmp_path / "git"
    script.write_text("#!/bin/sh\nsleep 30\n")
    script.chmod(0o755)
    for connector, says in ((slow, "longer than"), (large, "larger than")):
        program = connector._program()
        program._program = str(script)
        with pytest.raises(UnreadableSource, match=says):
            program.run("fetch")


@pytest.mark.slow
def test_time_of_all_runs_of_git_is_bounded_together(
    repository: Repository, reading: Reading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each look at the clock is 100 s after the one before."""
    monkeypatch.setattr(git_program, "monotonic", iter(range(0, 10**9, 100)).__next__)
    script = tmp_path / "git"
    script.write_text("#!/bin/sh\nsleep 0.1\n")
    script.chmod(0o755)
    connector = GitConnector(reading.uri, reading.fetcher, tmp_path / "a", seconds=1_000)
    program = connector._program()
    program._program = str(script)
    monkeypatch.setattr(git_program, "_LOOK", 0.06)
    with pytest.raises(UnreadableSource, match="longer than 1000"):
        list(map(program.run, ["fetch"] * 9))


def test_files_beyond_the_first_ones_are_not_loaded(
    repository: Repository, reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git, "_MOST_FILES", 2)
    repository.commit(a="At noon.", b="At one.", c=os.urandom(6_000).hex())
    assert reading.again() == ["a.md", "b.md"]
    assert "beyond the first 2" in next(iter(reading.skipped.values()))
    loaded = sum(path.stat().st_size for path in reading.folder.glob("objects/**/*.pack"))
    assert loaded < 3_000


def test_repository_that_is_being_read_is_not_read_twice(
    repository: Repository, reading: Reading
) -> None:
    repository.commit(lunch="At noon.")
    with reading.connector()._program().locked(), pytest.raises(UnreadableSource, match="already"):
        reading.again()
    assert reading.again() == ["lunch.md"]


@pytest.mark.slow
def test_reading_that_is_killed_is_done_again(
    repository: Repository, reading: Reading, tmp_path: Path
) -> None:
    for n in range(40):
        repository.write(f"{n}.md", os.urandom(2_000).hex())
    repository.commit()
    code = (
        "from pathlib import Path; from knowledge.sources.fetch import Fetcher;"
        "from knowledge.sources.git import GitConnector;"
        f"GitConnector({reading.uri!r}, Fetcher(), Path({str(reading.folder)!r})).list({{}}, '')"
    )
    for wait in (0.15, 0.2, 0.25, 0.3, 0.4):
        process = subprocess.Popen(
            [sys.executable, "-c", code], env={"PYTHONPATH": str(Path.cwd())}
        )
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.wait()
    for _ in range(300):
        try:
            found = reading.again()
        except UnreadableSource:  # the last git is not finished
            time.sleep(0.1)
        else:
            break
    assert len(found) == 40


def test_folder_that_is_no_repository_and_an_empty_one_are_refused(
    tmp_path: Path, repository: Repository, reading: Reading
) -> None:
    with pytest.raises(UnreadableSource, match="has no branch"):
        reading.again()
    with pytest.raises(UnreadableSource, match="does not exist"):
        Reading(f"git+file://{tmp_path}/nothing", tmp_path / "cache").again()


def test_file_that_was_not_listed_is_gone(repository: Repository, reading: Reading) -> None:
    repository.commit(lunch="At noon.")
    connector = reading.connector()
    connector.list({}, "")
    with pytest.raises(GoneSource):
        connector.read(Entry(f"{reading.uri}#main:tea.md"), "")


def test_missing_program_is_said_in_one_line(
    reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(UnreadableSource, match="git is not installed"):
        reading.again()


@pytest.mark.parametrize(
    ("uri", "branch", "name"),
    [
        ("git+https://github.com/o/r.git", "main", "#main:a/b%20c%23%3A.md"),
        ("git+ssh://git@github.com/o/r.git", "v1#2", "#v1%232:a/b%20c%23%3A.md"),
        ("git+https://gitlab.e.org:8443/r", "a/b", "#a/b:a/b%20c%23%3A.md"),
        ("git+file:///srv/r", "main", "#main:a/b%20c%23%3A.md"),
    ],
)
def test_file_is_named_by_its_repository_and_not_by_a_page(
    uri: str, branch: str, name: str
) -> None:
    assert GitAddress.parse(uri).of_file(branch, b"a/b c#:.md") == uri + name


@pytest.mark.parametrize(
    "uri",
    [
        "https://e.org/r",
        "git+ext::sh -c touch% /tmp/x",
        "git+ext://x/y",
        "git+https://me:secret@e.org/r",
        "git+https://me@e.org/r",
        "git+https://-oProxyCommand=x/r",
        "git+ssh://-oProxyCommand=x/r",
        "git+ssh://-x@e.org/r",
        "git+file://e.org/srv",
        "git+file:///srv/../etc",
        "git+file:///srv/%2e%2e/etc",
        "git+https://e.org/r?x=y",
        "git+https://e.org/a b",
        "git+https://e.org/",
        "git+https://e.org/r#--upload-pack=x",
        "git+https://e.org/r#a..b",
        "git+https://e.org/r#a:b",
        "git+https://[/r",
        "git+https://e.org:x/r",
        "git+https://e.org/$(x)",
    ],
)
def test_address_that_could_mean_something_else_is_refused(uri: str) -> None:
    with pytest.raises((ForbiddenSource, UnreadableSource)):
        GitAddress.parse(uri)


@given(st.text(max_size=40), st.sampled_from(["git+https://", "git+ssh://", "git+file:///", ""]))
def test_any_address_is_plain_or_refused(text: str, start: str) -> None:
    try:
        address = GitAddress.parse(start + text)
    except IngestError:
        return
    assert address.url.isascii()
    assert not {" ", "'", "$", ";", "\n"} & set(address.url)


def test_files_that_did_not_change_can_be_read_again(
    repository: Repository, reading: Reading
) -> None:
    repository.commit(lunch="At noon.")
    reading.again()
    shutil.rmtree(reading.folder)
    connector = reading.connector()
    (entry,) = connector.list(reading.known, "").entries
    found = connector.read(entry, "")
    assert found is not None
    assert isinstance(found.content, File)
    assert found.content.content == b"At noon."


def test_repository_is_read_by_ssh_at_the_address_that_was_checked(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Instead of ssh runs a program that notes how it was called, and does what it was told."""
    repository.commit(lunch="At noon.")
    script, called = tmp_path / "ssh", tmp_path / "called"
    script.write_text(f'#!/bin/bash\necho "$@" >> {called}\neval "${{@: -1}}"\n')
    script.chmod(0o755)
    real = git._ssh
    monkeypatch.setattr(git, "_ssh", lambda *a: real(*a).replace("ssh ", f"{script} ", 1))
    reading = Reading(f"git+ssh://git@localhost:2222{repository.folder}", tmp_path / "cache")
    assert reading.again() == ["lunch.md"]
    line = called.read_text().splitlines()[0]
    for option in (
        *("BatchMode=yes", "StrictHostKeyChecking=yes", "HostName=127.0.0.1"),
        *("HostKeyAlias=[localhost]:2222", "-p 2222 git@localhost"),
    ):
        assert option in line


def test_git_that_cannot_be_told_the_address_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git, "_PINS", (999, 0))
    with pytest.raises(UnreadableSource, match="too old"):
        Reading("git+https://localhost/r", tmp_path / "cache").again()
