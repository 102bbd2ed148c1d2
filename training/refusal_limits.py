"""Where adapters refuse, as their manifests say. It is fast to import."""

from collections.abc import Callable
from functools import lru_cache
from logging import getLogger
from pathlib import Path

from domain.errors import Phi3Error
from training.publish import MANIFEST, read_manifest

_log = getLogger(__name__)


class KnownLimits:
    """The limits of adapters, from their manifests; several threads may ask at once.

    ``folder_of`` gives an adapter's folder, or raises a Phi3Error if there is none.
    """

    def __init__(self, folder_of: Callable[[str], str]) -> None:
        self._folder_of = folder_of
        self._folders: dict[str, Path] = {}

    def __call__(self, adapter: str) -> float | None:
        """The limit of an adapter; None if it has none, or cannot be read."""
        try:
            if adapter not in self._folders:
                self._folders[adapter] = Path(self._folder_of(adapter))
            path = self._folders[adapter] / MANIFEST
            found = path.stat()
            return _read(path, found.st_ino, found.st_mtime_ns)
        except (Phi3Error, OSError) as e:
            _log.warning("It is not known when the adapter %s refuses: %s", adapter, e)
            return None


@lru_cache(maxsize=16)
def _read(path: Path, number: int, changed_at: int) -> float | None:  # noqa: ARG001
    """From a file with this number and time of change; so a changed one is read again."""
    return read_manifest(path.parent).refuse_above
