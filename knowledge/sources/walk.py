"""Lists the files of a folder.

A link within a folder is followed only if its target is in the same folder, or in a folder that the
operator allows. Each file is listed once, also if several links lead to it.
"""

import os
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from domain.documents import Failure, Skipped
from knowledge.missing import inside
from knowledge.readers import skipping

OUTSIDE = "a link that leads out of the folder; PHI3_INGEST_LINKED_FOLDERS can allow it"
HIDDEN = "a link to something hidden"
BROKEN = "a broken link"
UNFOLLOWED = (
    "a link that cannot be followed: is a share not mounted? What was read behind it is kept; "
    "delete the link to remove that"
)


class Found(NamedTuple):
    """A file: its path as it is listed, and ``place``, where it really is.

    ``looked`` is None for one that vanished, or is no longer readable.
    """

    path: str
    place: str
    looked: os.stat_result | None


@dataclass(slots=True)
class Walk:
    """Lists a folder: first the files in it, then those that links in it lead to.

    ``allowed`` are the folders that links may lead into, ``root`` too; their paths have no links.
    ``known`` is what was read before: it is not lost if a link to it leads nowhere just now.
    ``unreadable`` are folders that could not be opened, and such links.
    """

    root: Path
    allowed: tuple[Path, ...]
    known: Collection[str] = ()
    skipped: list[Skipped] = field(default_factory=list)
    unreadable: list[Failure] = field(default_factory=list)
    _links: list[Path] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    def files(self) -> Iterator[Found]:
        """The files without hidden ones."""
        yield from self._under(self.root)
        for link in self._links:  # grows when a linked folder contains links too
            yield from self._follow(link)

    def _under(self, folder: Path) -> Iterator[Found]:
        waiting = [folder]
        while waiting:
            at = waiting.pop()
            real = os.path.realpath(at)  # once for a folder: looking at each of its files is slow
            folders: list[Path] = []
            for entry in self._entries(at, real):
                try:
                    is_link, is_folder = entry.is_symlink(), entry.is_dir(follow_symlinks=False)
                except OSError as e:  # some file systems do not say it with the name
                    self._cannot_open(entry.path, e)
                    continue
                if is_link:
                    self._links.append(Path(entry.path))
                elif is_folder:
                    if reason := skipping.reason_for_folder(entry.name):
                        self.skipped.append(Skipped(named(entry.path), reason))
                    else:
                        folders.append(Path(entry.path))
                elif reason := skipping.reason([entry.name]):
                    self.skipped.append(Skipped(named(entry.path), reason))
                elif self._is_new(place := os.path.join(real, entry.name)):  # noqa: PTH118 - as above
                    yield Found(entry.path, place, _stat(entry))
            waiting += reversed(folders)

    def _entries(self, folder: Path, real: str) -> list[os.DirEntry[str]]:
        if not self._is_new(real):
            return []
        try:
            with os.scandir(folder) as found:
                visible = [entry for entry in found if not entry.name.startswith((".", "~$"))]
        except OSError as e:
            self._cannot_open(str(folder), e)
            return []
        return sorted(visible, key=lambda entry: entry.name)

    def _cannot_open(self, path: str, error: OSError) -> None:
        reason = f"it cannot be opened: {error.strerror}"
        self.unreadable.append(Failure(named(path), reason))

    def _follow(self, link: Path) -> Iterator[Found]:
        try:
            target = link.resolve(strict=True)
            is_folder = target.is_dir()
        except (OSError, RuntimeError):  # RuntimeError: links that lead to each other
            if self._was_read(str(link)):
                self.unreadable.append(Failure(named(str(link)), UNFOLLOWED))
            else:
                self.skipped.append(Skipped(named(str(link)), BROKEN))
            return
        home = next((folder for folder in self.allowed if target.is_relative_to(folder)), None)
        if home is None:
            self.skipped.append(Skipped(named(str(link)), OUTSIDE))
        elif any(map(_is_hidden, target.relative_to(home).parts)):
            self.skipped.append(Skipped(named(str(link)), HIDDEN))
        elif is_folder:
            yield from self._under(link)
        elif self._is_new(str(target)):
            yield Found(str(link), str(target), look_at(link))

    def _was_read(self, link: str) -> bool:
        below = inside(link)
        return any(uri == link or uri.startswith(below) for uri in self.known)

    def _is_new(self, real: str) -> bool:
        is_new = real not in self._seen
        self._seen.add(real)
        return is_new


def look_at(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None


def is_file(looked: os.stat_result) -> bool:
    return stat.S_ISREG(looked.st_mode)


def named(path: str) -> str:
    """A path for people: the bytes of its name that are not UTF-8 are written as escapes."""
    return path.encode(errors="backslashreplace").decode()


def _stat(entry: os.DirEntry[str]) -> os.stat_result | None:
    try:
        return entry.stat(follow_symlinks=False)
    except OSError:
        return None


def _is_hidden(name: str) -> bool:
    """Whether a name is hidden. ``..data`` is not: Kubernetes names mounted volumes like this."""
    return name.startswith(".") and not name.startswith("..")
