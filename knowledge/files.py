"""Lists the files that an ingest names, and reads files of this machine.

A link within a folder is followed only if its target is in the same folder, or in a folder that the
operator allows. Each file is read once, also if several links lead to it. A file or folder that a
person names directly is read wherever it is.
"""

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from domain.documents import Failure, Skipped
from domain.errors import ForbiddenSource, UnreadableSource
from knowledge.readers import skipping
from knowledge.readers.base import File
from knowledge.sources.fetch import SLACK_FILE
from knowledge.sources.unpacking import too_large

OUTSIDE = "a link that leads out of the folder; PHI3_INGEST_LINKED_FOLDERS can allow it"
HIDDEN = "a link to something hidden"


@dataclass(frozen=True, slots=True)
class Expanded:
    """The sources to read. ``roots`` has the folder of each file that was found in one.

    ``unreadable`` are folders that could not be opened.
    """

    uris: tuple[str, ...]
    folders: tuple[str, ...]
    roots: dict[str, str]
    skipped: tuple[Skipped, ...]
    unreadable: tuple[Failure, ...]


def expand(targets: Iterable[str | Path], linked: Sequence[Path] = ()) -> Expanded:
    """The sources that ``targets`` name, each once; links may also lead into ``linked``."""
    uris: dict[str, None] = {}
    folders: list[str] = []
    roots: dict[str, str] = {}
    skipped: list[Skipped] = []
    unreadable: list[Failure] = []
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
        unreadable += walk.unreadable
    once = tuple(dict.fromkeys(skipped)), tuple(dict.fromkeys(unreadable))
    return Expanded(tuple(uris), tuple(folders), roots, *once)


@dataclass(slots=True)
class _Walk:
    """Lists a folder: first the files in it, then those that links in it lead to."""

    root: Path
    allowed: tuple[Path, ...]
    skipped: list[Skipped] = field(default_factory=list)
    unreadable: list[Failure] = field(default_factory=list)
    _links: list[Path] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    def files(self) -> Iterator[str]:
        """The files, without hidden ones and the lock files of Office."""
        yield from self._under(self.root)
        for link in self._links:  # grows when a linked folder contains links too
            yield from self._follow(link)

    def _under(self, folder: Path) -> Iterator[str]:
        waiting = [folder]
        while waiting:
            inside: list[Path] = []
            for entry in self._entries(waiting.pop()):
                path = Path(entry.path)
                if entry.is_symlink():
                    self._links.append(path)
                elif entry.is_dir():
                    if reason := skipping.reason_for_folder(entry.name):
                        self.skipped.append(Skipped(_name(path), reason))
                    else:
                        inside.append(path)
                elif reason := skipping.reason([entry.name]):
                    self.skipped.append(Skipped(_name(path), reason))
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
            self.unreadable.append(Failure(_name(folder), f"it cannot be opened: {e.strerror}"))
            return []
        return sorted(visible, key=lambda entry: entry.name)

    def _follow(self, link: Path) -> Iterator[str]:
        try:
            target = link.resolve(strict=True)
        except (OSError, RuntimeError):  # RuntimeError: links that lead to each other
            self.skipped.append(Skipped(_name(link), "a broken link"))
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
    """Whether ``uri`` is valid UTF-8: a file's name may be any bytes."""
    try:
        return bool(uri.encode())
    except UnicodeEncodeError:
        return False


def read_file(path: Path, limit: int, within: Sequence[Path]) -> File:
    """Reads a file of at most ``limit`` bytes that must be in one of the folders ``within``.

    The paths of these folders must have no links. The check looks at the file that was opened, so
    replacing it by a link at that moment has no effect. Raises UnsupportedSource, UnreadableSource,
    ForbiddenSource, and FileNotFoundError if it no longer exists.
    """
    try:
        # It is checked before it is opened, since opening a pipe or a device may have effects.
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
    return File(content, path.name)


def _refuse_outside(path: Path, opened: os.stat_result, within: Sequence[Path]) -> None:
    real = Path(os.path.realpath(path))
    is_the_opened = os.path.samestat(os.lstat(real), opened)
    if not is_the_opened or not any(real.is_relative_to(folder) for folder in within):
        raise ForbiddenSource(f"it is {OUTSIDE}")


def _is_hidden(name: str) -> bool:
    """Whether a name is hidden. ``..data`` is not: Kubernetes names mounted volumes like this."""
    return name.startswith(".") and not name.startswith("..")


def _name(path: Path) -> str:
    return str(path).encode(errors="backslashreplace").decode()
