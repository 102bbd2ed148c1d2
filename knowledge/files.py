"""What people name to be ingested as a list of sources, and what a file of this machine holds.

A link in a folder is followed only where it leads to something within that folder, or within a
folder that the operator allowed; each file is read once, however many links lead to it. What a
person names is read wherever it lies.
"""

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from domain.documents import Skipped
from domain.errors import ForbiddenSource, UnreadableSource
from knowledge.extract import media_type
from knowledge.fetch import SLACK_FILE, Fetched
from knowledge.unpacking import too_large

OUTSIDE = "a link that leads out of the folder; PHI3_INGEST_LINKED_FOLDERS can allow it"
HIDDEN = "a link to something hidden"


@dataclass(frozen=True, slots=True)
class Expanded:
    """``roots`` has the folder that each file was found in; a file that was named has none."""

    uris: tuple[str, ...]
    folders: tuple[str, ...]
    roots: dict[str, str]
    skipped: tuple[Skipped, ...]


def expand(targets: Iterable[str | Path], linked: Sequence[Path] = ()) -> Expanded:
    """The sources that ``targets`` name, each once; links may lead to the folders ``linked``."""
    uris: dict[str, None] = {}
    folders: list[str] = []
    roots: dict[str, str] = {}
    skipped: list[Skipped] = []
    for target in targets:
        if is_remote(str(target)):
            uris[str(target)] = None
            continue
        path = Path(target).expanduser().resolve()
        if not path.is_dir():
            uris[str(path)] = None
            continue
        folders.append(str(path))
        walk = _Walk(path, (path, *(folder.resolve() for folder in linked)))
        for uri in walk.files():
            uris[uri] = None
            roots.setdefault(uri, str(path))
        skipped += walk.skipped
    return Expanded(tuple(uris), tuple(folders), roots, tuple(dict.fromkeys(skipped)))


@dataclass(slots=True)
class _Walk:
    """One way through a folder: first what lies in it, then what links in it lead to."""

    root: Path
    allowed: tuple[Path, ...]
    skipped: list[Skipped] = field(default_factory=list)
    _links: list[Path] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    def files(self) -> Iterator[str]:
        """The files, without hidden ones and what Office leaves behind."""
        yield from self._under(self.root)
        for link in self._links:  # grows while the folders that links lead to are read
            yield from self._behind(link)

    def _under(self, folder: Path) -> Iterator[str]:
        waiting = [folder]
        while waiting:
            inside: list[Path] = []
            for entry in self._entries(waiting.pop()):
                path = Path(entry.path)
                if entry.is_symlink():
                    self._links.append(path)
                elif entry.is_dir():
                    inside.append(path)
                elif self._is_new(path):
                    yield str(path)
            waiting += reversed(inside)

    def _entries(self, folder: Path) -> list[os.DirEntry[str]]:
        if not self._is_new(folder):
            return []
        try:
            with os.scandir(folder) as found:
                visible = [entry for entry in found if not entry.name.startswith((".", "~$"))]
        except OSError as e:
            self.skipped.append(Skipped(_name(folder), f"it cannot be opened: {e.strerror}"))
            return []
        return sorted(visible, key=lambda entry: entry.name)

    def _behind(self, link: Path) -> Iterator[str]:
        try:
            target = link.resolve(strict=True)
        except (OSError, RuntimeError):  # the latter for links that lead to each other
            self.skipped.append(Skipped(_name(link), "a link that leads nowhere"))
            return
        home = next((folder for folder in self.allowed if target.is_relative_to(folder)), None)
        if home is None:
            self.skipped.append(Skipped(_name(link), OUTSIDE))
        elif any(map(_is_hidden, target.relative_to(home).parts)):
            self.skipped.append(Skipped(_name(link), HIDDEN))
        elif target.is_dir():
            yield from self._under(link)
        elif self._is_new(link):
            yield str(link)

    def _is_new(self, path: Path) -> bool:
        real = os.path.realpath(path)
        is_new = real not in self._seen
        self._seen.add(real)
        return is_new


def is_remote(uri: str) -> bool:
    return "://" in uri or uri.startswith(SLACK_FILE)


def has_a_name(uri: str) -> bool:
    """Whether ``uri`` can be written down: names of files may be any bytes."""
    try:
        return bool(uri.encode())
    except UnicodeEncodeError:
        return False


def read_file(path: Path, limit: int, within: Sequence[Path]) -> Fetched:
    """The content of a file of at most ``limit`` bytes that really lies in one of ``within``.

    These are folders without links in their paths. The file that was opened is what is checked, so
    that a link which is put in its place meanwhile changes nothing. Raises UnsupportedSource,
    UnreadableSource, ForbiddenSource, and FileNotFoundError where it is gone.
    """
    try:
        kind = media_type(path.name)
        # Looked at before it is opened, since opening a pipe or a device may do something.
        if not stat.S_ISREG(path.stat().st_mode):
            raise UnreadableSource("it is not a file")
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            opened = os.fstat(file.fileno())
            if not stat.S_ISREG(opened.st_mode):
                raise UnreadableSource("it is not a file")
            _refuse_outside(path, opened, within)
            if opened.st_size > limit:
                raise too_large(limit)
            content = file.read(limit + 1)
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as e:
        reason = getattr(e, "strerror", None)
        raise UnreadableSource(
            f"it cannot be read: {reason}" if reason else "it cannot be read", str(e)
        ) from e
    if len(content) > limit:
        raise too_large(limit)
    return Fetched(content, kind)


def _refuse_outside(path: Path, opened: os.stat_result, within: Sequence[Path]) -> None:
    real = Path(os.path.realpath(path))
    is_the_opened = os.path.samestat(os.lstat(real), opened)
    if not is_the_opened or not any(real.is_relative_to(folder) for folder in within):
        raise ForbiddenSource(f"it is {OUTSIDE}")


def _is_hidden(name: str) -> bool:
    """Names like ``..data`` are those of volumes that Kubernetes swaps as a whole."""
    return name.startswith(".") and not name.startswith("..")


def _name(path: Path) -> str:
    return str(path).encode(errors="backslashreplace").decode()
