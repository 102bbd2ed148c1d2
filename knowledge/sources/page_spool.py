"""Keeps pages that were loaded to find their links until they are read, on disk."""

import shutil
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp
from weakref import finalize

from knowledge.sources.fetch import Page

_MOST = 1_000_000_000  # bytes; what is beyond is loaded twice
_ABANDONED = 86_400.0  # seconds after which the files of a process that was killed are removed
_NAMED = "pages-"


class PageSpool:
    """Pages by their addresses, each given back once. Its files, in ``folder``, end with it."""

    def __init__(self, folder: Path) -> None:
        self._parent = folder
        self._folder: Path | None = None
        self._pages: dict[str, tuple[Page, Path]] = {}
        self._size = self._count = 0

    def keep(self, address: str, page: Page) -> None:
        if self._size + len(page.file.content) > _MOST:
            return
        self._count += 1
        try:
            self._folder = self._folder or self._opened()
            path = self._folder / str(self._count)
            path.write_bytes(page.file.content)
        except OSError:  # the disk is full
            return
        self._size += len(page.file.content)
        self._pages[address] = replace(page, file=replace(page.file, content=b"")), path

    def take(self, address: str) -> Page | None:
        """The page that was kept, or None."""
        if address not in self._pages:
            return None
        page, path = self._pages.pop(address)
        content = path.read_bytes()
        path.unlink()
        self._size -= len(content)
        return replace(page, file=replace(page.file, content=content))

    def _opened(self) -> Path:
        self._parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for other in self._parent.glob(f"{_NAMED}*"):
            with suppress(OSError):
                if other.stat().st_mtime < time.time() - _ABANDONED:
                    shutil.rmtree(other, ignore_errors=True)
        folder = Path(mkdtemp(prefix=_NAMED, dir=self._parent))
        finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return folder
