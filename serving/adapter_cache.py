"""Copies of published adapters on this machine, each checked before it is used."""

from logging import getLogger
from pathlib import Path
from shutil import rmtree
from uuid import uuid4

from filelock import FileLock, Timeout

from domain.errors import NotPublished, StoreFailed, is_full_disk
from serving.adapter_manifest import MANIFEST, first_difference, is_name, listed_files
from serving.adapter_store import AdapterStore

_FETCHED = ".fetched-"
"""What the name of a folder begins with until its files are complete, and once it is removed."""

_LOCK_SECONDS = 600

_log = getLogger(__name__)


class AdapterCache:
    """Several threads and processes may use one folder at once."""

    def __init__(self, store: AdapterStore, folder: Path) -> None:
        self.store = store
        self.folder = folder

    def folder_of(self, name: str) -> Path:
        """The folder of an adapter, with exactly the files that were published.

        A copy that was changed is fetched again. If the address does not answer, a copy that is as
        its own manifest says is used. Raises NotPublished, and StoreFailed.
        """
        place = self.folder / name
        try:
            published = self.store.manifest(name)
        except StoreFailed as e:
            if is_name(name) and _is_intact(place, None):
                _log.warning("%s is used as it was fetched: %s", name, e)
                return place
            raise
        if published is None:
            raise NotPublished(f"There is no adapter {name} at the address of PHI3_ADAPTERS.")
        if not _is_intact(place, published):
            self._fetch(name, published)
        return place

    def adopt(self, folder: Path) -> None:
        """Moves a folder that was published from here into the cache. Raises OSError."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.rename(self.folder / folder.name)
        try:
            with FileLock(self.folder / ".lock", timeout=_LOCK_SECONDS):
                self._clean_up()
        except (StoreFailed, Timeout) as e:
            _log.warning("Old copies of adapters stay here: %s", e)

    def _fetch(self, name: str, published: bytes) -> None:
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with FileLock(self.folder / ".lock", timeout=_LOCK_SECONDS):
                # Another process may have fetched it meanwhile.
                if not _is_intact(self.folder / name, published):
                    self._replace(name, published)
        except Timeout as e:
            raise StoreFailed(f"Another process takes too long to fetch {name}.") from e
        except OSError as e:
            raise StoreFailed(f"The adapter {name} cannot be written here.", str(e)) from e

    def _replace(self, name: str, published: bytes) -> None:
        self._clean_up()
        fetched, changed, place = self._new_folder(), self._new_folder(), self.folder / name
        try:
            fetched.mkdir(mode=0o700)
            self._download(name, published, fetched)
            if place.exists():
                _log.warning("The copy of %s was changed: it is fetched again", name)
                place.rename(changed)
            fetched.rename(place)
        finally:
            for half in (fetched, changed):
                rmtree(half, ignore_errors=True)

    def _download(self, name: str, published: bytes, to: Path) -> None:
        try:
            files = listed_files(published)
        except ValueError as e:
            raise NotPublished(f"The manifest of {name} cannot be read.", str(e)) from e
        for file in files:
            self._fetch_file(name, file, to / file)
            (to / file).chmod(0o600)
        if changed := first_difference(to, files):
            raise NotPublished(
                f"{changed} of {name} is not what was published: the adapter is damaged at its "
                "address."
            )
        (to / MANIFEST).write_bytes(published)
        (to / MANIFEST).chmod(0o600)

    def _fetch_file(self, name: str, file: str, to: Path) -> None:
        try:
            self.store.fetch(name, file, to)
        except StoreFailed as e:
            if is_full_disk(e.__cause__):
                raise StoreFailed(f"This disk has no room for the adapter {name}.", str(e)) from e
            raise

    def _clean_up(self) -> None:
        """Removes what killed fetches left, and copies of adapters that are no longer published."""
        known = self.store.found()
        for path in self.folder.iterdir():
            if path.is_dir() and path.name not in known:
                rmtree(path, ignore_errors=True)

    def _new_folder(self) -> Path:
        return self.folder / f"{_FETCHED}{uuid4().hex}"


def _is_intact(folder: Path, published: bytes | None) -> bool:
    """Whether the files are as the manifest says, and that is ``published`` if it is known."""
    try:
        own = (folder / MANIFEST).read_bytes()
        return published in (None, own) and first_difference(folder, listed_files(own)) is None
    except (OSError, ValueError):
        return False
