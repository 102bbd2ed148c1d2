"""Where the files of this installation's adapters are: in folders here, and at their address."""

from collections.abc import Collection, Iterable
from logging import getLogger
from pathlib import Path
from shutil import rmtree

from domain.adapters import Adapter
from domain.errors import StoreFailed
from serving.adapter_cache import AdapterCache
from serving.adapter_manifest import MANIFEST

_log = getLogger(__name__)


class AdapterPlaces:
    """``cache`` is None if no address is set: then all adapters are in folders of this machine.

    Otherwise `Adapter.path` says where an adapter was published, and it is found by its name, also
    if the address has moved since.
    """

    def __init__(self, cache: AdapterCache | None = None) -> None:
        self._cache = cache

    def publish(self, folder: Path) -> str:
        """Publishes a new adapter's folder, and returns where it is from now on.

        Without an address it stays where it is. Raises StoreFailed; then no folder of it is left.
        """
        if self._cache is None:
            return str(folder)
        place = self._cache.store.where(folder.name)
        if place == str(folder):
            return place
        try:
            self._cache.store.put(folder)
            self._cache.adopt(folder)
        finally:
            rmtree(folder, ignore_errors=True)
        return place

    def publish_older(self, adapters: Iterable[Adapter]) -> None:
        """Publishes what was made here before an address was set. Raises StoreFailed."""
        if self._cache is None:
            return
        store = self._cache.store
        for one in adapters:
            file = Path(one.path) / MANIFEST
            is_here = file.is_absolute() and one.path != store.where(one.name) and file.is_file()
            if is_here and store.manifest(one.name) is None:
                store.put(file.parent)

    def folder_of(self, adapter: Adapter) -> Path:
        """The folder of an adapter on this machine, fetched if that is needed.

        Raises NotPublished, and StoreFailed.
        """
        folder = Path(adapter.path)
        if folder.is_absolute() and (folder.is_dir() or self._cache is None):
            return folder
        if self._cache is None:
            raise StoreFailed(
                f"The adapter {adapter.name} was published at an address: set PHI3_ADAPTERS.",
                adapter.path,
            )
        return self._cache.folder_of(adapter.name)

    def manifest_of(self, adapter: Adapter) -> bytes | None:
        """The text of an adapter's manifest; None if its files are gone. Raises StoreFailed."""
        file = Path(adapter.path) / MANIFEST
        if file.is_absolute() and file.is_file():
            return file.read_bytes()
        return self._cache.store.manifest(adapter.name) if self._cache else None

    def remove(self, names: Collection[str]) -> None:
        """Removes adapters at the address, and what is left there of those names.

        What other installations published there is never among ``names``. An address that does not
        answer is logged.
        """
        if self._cache is None:
            return
        try:
            for name in self._cache.store.found().intersection(names):
                self._cache.store.remove(name)
        except StoreFailed as e:
            _log.warning("Adapters that are not needed stay at their address: %s", e)

    def published(self) -> set[str]:
        """The names of what is at the address. Raises StoreFailed."""
        return self._cache.store.found() if self._cache else set()

    def can_publish(self) -> bool:
        """Whether this machine may write at the address, if one is set. Raises StoreFailed."""
        return self._cache is None or self._cache.store.can_write()

    def check(self) -> None:
        """Raises StoreFailed if nothing can be published here."""
        if not self.can_publish():
            raise StoreFailed(
                "PHI3_ADAPTERS cannot be written: give this user, or its credentials, the right to."
            )
