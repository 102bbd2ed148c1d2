"""A git repository: the files of one branch, of which only those that changed are loaded."""

import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path, PurePosixPath

from domain.documents import Skipped
from domain.errors import GoneSource, UnreadableSource, UnsupportedSource
from knowledge.readers import skipping, unread
from knowledge.readers.base import File
from knowledge.sources.base import Entry, Fetched, Listing
from knowledge.sources.fetch import Fetcher
from knowledge.sources.git_address import GitAddress, is_branch
from knowledge.sources.git_log import times_of_files
from knowledge.sources.git_program import GitProgram
from knowledge.sources.network import Deadline, addresses_of
from knowledge.sources.unpacking import too_large

LIMIT = 50_000_000
"""The largest file that is read, in bytes."""

_SECONDS = 1_800.0
_MOST_BYTES = 5_000_000_000
_MOST_FILES = 100_000
_COMMITS = 200  # of which the times of files are known
_MOST_PACKS = 100  # after which everything is loaded anew
_AT_ONCE = 2_000  # files that are asked for in one request
_AHEAD = 100  # files that are read from git at once
_MOST_AHEAD = 20_000_000  # bytes of these
_LOOK_UP_SECONDS = 20.0
_PINS = (2, 37)  # the first version that can be told the address of a host
_TIP = "refs/phi3/tip"
_LFS = b"version https://git-lfs.github.com/spec/"
_LONGEST_POINTER = 1_024
_FILE, _PROGRAM, _LINK, _MODULE = "100644", "100755", "120000", "160000"


@dataclass(frozen=True, slots=True)
class _Blob:
    name: str
    path: bytes


class GitConnector:
    """Reads the files of a branch: ``git+https://host/repo.git#branch``.

    ``folder`` keeps what was loaded, without what does not interest. A file's id in git is its
    version. A host in a private network is refused unless the ``fetcher`` allows it, and git is
    told the address that was checked.
    """

    def __init__(
        self,
        uri: str,
        fetcher: Fetcher,
        folder: Path,
        *,
        limit: int = LIMIT,
        seconds: float = _SECONDS,
        most: int = _MOST_BYTES,
    ) -> None:
        self._address = GitAddress.parse(uri)
        self._uri, self._folder, self._limit = uri, folder, limit
        self._fetcher, self._seconds, self._most = fetcher, seconds, most
        self._git: GitProgram | None = None
        self._blobs: dict[str, _Blob] = {}
        self._sizes: dict[str, int] = {}
        self._place: dict[str, int] = {}
        self._read_ahead: dict[str, bytes] = {}
        self._times: dict[bytes, datetime] = {}

    def list(self, known: Mapping[str, str], cursor: str) -> Listing:  # noqa: ARG002
        """The files of the branch, loaded if they changed. Raises IngestError."""
        git = self._git = self._program()
        with git.locked():
            self._prepare(git)
            branch = self._address.branch or _default_branch(git)
            refs = f"+refs/heads/{branch}:{_TIP}"
            options = ("--quiet", "--no-tags", "--no-write-fetch-head", f"--depth={_COMMITS}")
            git.run("fetch", *options, "--filter=blob:none", "origin", refs, online=True)
            skipped = self._look_through(git, branch)
            is_cut = len(self._blobs) > _MOST_FILES
            self._blobs = dict(islice(self._blobs.items(), _MOST_FILES))
            changed = {it.name for uri, it in self._blobs.items() if known.get(uri) != it.name}
            self._load(git, changed)
        self._times = times_of_files(git, self._folder, _TIP)
        entries = [Entry(uri, blob.name) for uri, blob in self._blobs.items()]
        if is_cut:
            reason = f"files beyond the first {_MOST_FILES:,} are not read"
            skipped = (*skipped, Skipped(self._uri, reason))
        tip = git.run("rev-parse", _TIP).decode().strip()
        return Listing(
            tuple(entries),
            skipped,
            is_complete=not is_cut,
            moved=self._moved(branch, known),
            cursor=tip,
        )

    def read(self, entry: Entry, version: str) -> Fetched | None:
        """A file that was listed before. Raises GoneSource if the branch lost it since."""
        blob = self._blobs.get(entry.uri)
        if blob is None or self._git is None:
            raise GoneSource("its branch does not have it any more")
        if blob.name == version:
            return None
        if blob.name not in self._sizes:  # it is read again although it did not change
            with self._git.locked():
                self._load(self._git, {one.name for one in self._blobs.values()})
        if blob.name not in self._sizes:
            raise UnreadableSource("its server does not have it")
        if self._sizes[blob.name] > self._limit:
            raise too_large(self._limit)
        content = self._content(self._git, blob.name)
        if content.startswith(_LFS) and len(content) < _LONGEST_POINTER:
            raise UnsupportedSource("files that are kept outside of git (LFS) are not read")
        name = PurePosixPath(os.fsdecode(blob.path)).name
        return Fetched(File(content, name), blob.name, self._times.get(blob.path))

    def _content(self, git: GitProgram, name: str) -> bytes:
        """A file's content. Starting git takes longer than that, so the next ones are read too."""
        if name not in self._read_ahead:
            names, size = [name], self._sizes[name]
            for other in islice(self._sizes, self._place[name] + 1, self._place[name] + _AHEAD):
                size += self._sizes[other]
                if size > _MOST_AHEAD:
                    break
                names.append(other)
            self._read_ahead = _contents(git, names)
        return self._read_ahead.pop(name)

    def _program(self) -> GitProgram:
        network = [f"protocol.{self._address.scheme}.allow=always"]
        ssh = ""
        if self._address.host:
            ip = self._checked_address()
            port = self._address.port
            if self._address.host not in (ip, f"[{ip}]"):
                network.append(f"http.curloptResolve={self._address.host}:{port}:{ip}")
            ssh = _ssh(self._address.host, port, ip)
        given = [part for setting in network for part in ("-c", setting)]
        git = GitProgram(
            self._folder, network=given, ssh=ssh, seconds=self._seconds, most=self._most
        )
        if self._address.host and git.version < _PINS:
            raise UnreadableSource("the program git is too old: it must be 2.37 or later")
        return git

    def _checked_address(self) -> str:
        """The address of the host, which git uses instead of looking the name up again."""
        host = self._address.host.strip("[]")
        found = addresses_of(host, self._address.port, Deadline(_LOOK_UP_SECONDS))
        self._fetcher.refuse_private(host, found)
        if not found:
            raise UnreadableSource("there is no such host", host)
        first = min(found, key=lambda address: address.version)
        return f"[{first}]" if first.version == 6 else str(first)

    def _prepare(self, git: GitProgram) -> None:
        packs = self._folder / "objects" / "pack"
        if packs.is_dir() and len(list(packs.glob("*.pack"))) > _MOST_PACKS:
            shutil.rmtree(self._folder)
        git.run("init", "--quiet", "--bare", "--template=", str(self._folder))
        git.run("config", "--replace-all", "remote.origin.url", self._address.url)

    def _look_through(self, git: GitProgram, branch: str) -> tuple[Skipped, ...]:
        """Finds the files of the branch, and says which are left out."""
        self._blobs.clear()
        skipped: list[Skipped] = []
        listed = git.run("ls-tree", "-r", "-z", "--full-tree", _TIP)
        for line in listed.split(b"\0")[:-1]:
            about, _, path = line.partition(b"\t")
            mode, _, name = about.decode().split()
            uri = self._address.of_file(branch, path)
            parts = os.fsdecode(path).split("/")
            if any(part.startswith(".") for part in parts):
                continue
            if reason := _reason(mode, parts):
                skipped.append(Skipped(uri, reason))
            else:
                self._blobs[uri] = _Blob(name, path)
        return tuple(skipped)

    def _moved(self, branch: str, known: Iterable[str]) -> dict[str, str]:
        """The files that were read of a branch of another name, if the repository names it."""
        if self._address.branch:
            return {}
        on_branch = self._address.of_file(branch, b"")
        found = {uri: on_branch + uri.partition("#")[2].partition(":")[2] for uri in known}
        return {uri: to for uri, to in found.items() if uri != to and to in self._blobs}

    def _load(self, git: GitProgram, names: set[str]) -> None:
        """Loads the files of these ids that are not here yet, and notes the size of each."""
        absent = sorted(names - _sizes(git).keys())
        options = ("--quiet", "--no-tags", "--no-write-fetch-head", "--filter=blob:none")
        for start in range(0, len(absent), _AT_ONCE):
            wanted = "\n".join(absent[start : start + _AT_ONCE]).encode()
            quick = ("-c", "fetch.negotiationAlgorithm=noop")
            git.run(*quick, "fetch", *options, "origin", "--stdin", given=wanted, online=True)
        sizes = _sizes(git)
        in_order = dict.fromkeys(blob.name for blob in self._blobs.values() if blob.name in names)
        self._sizes = {name: sizes[name] for name in in_order if name in sizes}
        self._place = {name: place for place, name in enumerate(self._sizes)}


def _reason(mode: str, parts: Sequence[str]) -> str:
    """Why a file is left out; else an empty text."""
    if mode == _MODULE:
        return "other repositories within one (submodules) are not read"
    if mode == _LINK:
        return "links"
    if mode not in (_FILE, _PROGRAM):
        return "something that is no file"
    if reason := skipping.reason(parts):
        return reason
    what = unread.BY_SUFFIX.get(PurePosixPath(parts[-1]).suffix.lower())
    return unread.refusal(what).public if what else ""


def _default_branch(git: GitProgram) -> str:
    said = git.run("ls-remote", "--symref", "origin", "HEAD", online=True).decode(errors="replace")
    for line in said.splitlines():
        target, _, name = line.partition("\t")
        branch = target.removeprefix("ref: refs/heads/")
        if name == "HEAD" and branch != target and is_branch(branch):
            return branch
    raise UnreadableSource("it has no branch: name one behind a #")


def _sizes(git: GitProgram) -> dict[str, int]:
    """The sizes of all that is here, by their ids, in bytes."""
    form = "--batch-check=%(objectname) %(objectsize)"
    said = git.run("cat-file", form, "--batch-all-objects", "--unordered")
    pairs = (line.split() for line in said.decode().splitlines())
    return {name: int(size) for name, size in pairs}


def _contents(git: GitProgram, names: Sequence[str]) -> dict[str, bytes]:
    """The contents of files by their ids. Git writes ``ID blob SIZE``, a line end, and the file."""
    said = git.run("cat-file", "--batch", given="\n".join(names).encode())
    found: dict[str, bytes] = {}
    at = 0
    for name in names:
        end = said.index(b"\n", at)
        size = int(said[at:end].split()[2])
        found[name] = said[end + 1 : end + 1 + size]
        at = end + size + 2
    return found


def _ssh(host: str, port: int, ip: str) -> str:
    """The command that connects to the address that was checked, without asking anything."""
    alias = host.strip("[]") if port == 22 else f"[{host.strip('[]')}]:{port}"
    options = {
        "BatchMode": "yes",
        "StrictHostKeyChecking": "yes",
        "ConnectTimeout": "20",
        "HostName": ip.strip("[]"),
        "HostKeyAlias": f"'{alias}'",
    }
    return " ".join(["ssh", *(f"-o {name}={value}" for name, value in options.items())])
