"""Adapters in a folder that every server sees, as on a shared disk."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfile, rmtree
from uuid import uuid4

from domain.errors import NotPublished, StoreFailed
from serving.adapter_manifest import MANIFEST, first_difference, is_name, listed_files
from serving.adapter_store import files_in_order

_HALF = ".half-"
"""What the name of a folder begins with while it is written or removed."""


class FolderStore:
    """Implements AdapterStore. Only its owner may read what is published: weights can repeat what
    people wrote.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def where(self, name: str) -> str:
        return str(self._root / name)

    def put(self, folder: Path) -> None:
        half, place = self._root / f"{_HALF}{folder.name}", self._root / folder.name
        if place == folder:
            return
        with _told(self._root):
            if place.exists():
                self._check_same(folder, place)
                return
            rmtree(half, ignore_errors=True)
            try:
                half.mkdir(mode=0o700)
                for path in files_in_order(folder):
                    _copy(path, half / path.name)
                _flush(half)
                half.rename(place)
                _flush(self._root)
            finally:
                rmtree(half, ignore_errors=True)

    def manifest(self, name: str) -> bytes | None:
        if not is_name(name):
            return None
        with _told(self._root):
            self._check_root()
            try:
                return (self._root / name / MANIFEST).read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                return None

    def fetch(self, name: str, file: str, to: Path) -> None:
        with _told(self._root):
            try:
                copyfile(self._root / name / file, to)
            except FileNotFoundError as e:
                raise NotPublished(f"The adapter {name} lacks {file} at its address.") from e

    def found(self) -> set[str]:
        with _told(self._root):
            self._check_root()
            names = {path.name.removeprefix(_HALF) for path in self._root.iterdir()}
        return {name for name in names if is_name(name)}

    def remove(self, name: str) -> None:
        half, place = self._root / f"{_HALF}{name}", self._root / name
        with _told(self._root):
            rmtree(half, ignore_errors=True)
            if place.is_dir():
                place.rename(half)
                rmtree(half)

    def can_write(self) -> bool:
        probe = self._root / f".probe-{uuid4().hex}"
        with _told(self._root):
            self._check_root()
            try:
                probe.touch()
                probe.unlink()
            except PermissionError:
                return False
        return True

    def _check_root(self) -> None:
        """A share that is not mounted is an error, not an empty address."""
        if not self._root.is_dir():
            raise StoreFailed(
                "The folder of PHI3_ADAPTERS does not exist: mount or create it.", str(self._root)
            )

    def _check_same(self, folder: Path, place: Path) -> None:
        text = (folder / MANIFEST).read_bytes()
        if self.manifest(folder.name) == text and not first_difference(place, listed_files(text)):
            return
        raise taken(folder.name)


def taken(name: str) -> StoreFailed:
    return StoreFailed(f"Another adapter {name} is published already; an adapter never changes.")


@contextmanager
def _told(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as e:
        raise StoreFailed(
            "The folder of PHI3_ADAPTERS cannot be read or written.", f"{root}: {e}"
        ) from e


def _copy(source: Path, to: Path) -> None:
    copyfile(source, to)
    to.chmod(0o600)
    _flush(to)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
