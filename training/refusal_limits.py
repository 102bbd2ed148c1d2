"""Where adapters refuse, as the nights that made them found. It is fast to import."""

from collections.abc import Callable
from functools import cache
from logging import getLogger
from pathlib import Path

from domain.adapters import Adapter
from domain.errors import NotFound, Phi3Error
from training.publish import MANIFEST, read_manifest

_log = getLogger(__name__)


class KnownLimits:
    """The limits of adapters; several threads may ask at once.

    ``find`` gives an adapter as it is stored, or raises a Phi3Error.
    """

    def __init__(self, find: Callable[[str], Adapter]) -> None:
        self._find = find

    def __call__(self, adapter: str) -> float | None:
        """The limit of an adapter; None if it has none, is the starter, or cannot be read."""
        try:
            found = self._find(adapter)
            return _of_manifest(found.path) if found.refuse_above is None else found.refuse_above
        except NotFound:
            return None
        except Phi3Error as e:
            _log.warning("It is not known when the adapter %s refuses: %s", adapter, e)
            return None


@cache
def _of_manifest(folder: str) -> float | None:
    """The limit of an adapter that was made before limits were kept in the database."""
    path = Path(folder)
    return read_manifest(path).refuse_above if (path / MANIFEST).is_file() else None
