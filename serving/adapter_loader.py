"""Loads adapters when they are first asked for, so that several servers need not be told of them.

A request names its adapter, whose name never means another one. So whichever server gets it answers
with just that adapter.
"""

import asyncio
from functools import partial
from logging import getLogger
from pathlib import Path
from typing import TYPE_CHECKING

from domain.errors import (
    AdapterNotLoaded,
    GenerationError,
    NotPublished,
    ServerBusy,
    StoreFailed,
)
from serving.adapter_manifest import is_name
from serving.timed import in_time

if TYPE_CHECKING:
    from serving.adapter_cache import AdapterCache
    from serving.engine import Engine
    from serving.starter import Starter

MOST = 8
"""The most adapters that stay loaded: as many as one night and the days after it use, and more."""

FETCH_SECONDS = 600
"""The most time in which an adapter is fetched: a disk that others share may never answer."""

AT_ONCE = 16
"""The most adapters that are fetched at a time, each in a thread."""

_log = getLogger(__name__)


class AdapterLoader:
    """All calls must come from the loop of ``engine``. ``starter`` is loaded from its package."""

    def __init__(
        self, engine: "Engine", cache: "AdapterCache", starter: "Starter | None" = None
    ) -> None:
        self._engine = engine
        self._cache = cache
        self._starter = starter
        self._running: dict[str, asyncio.Task[bool]] = {}
        self._used: dict[str, None] = {}

    async def load(self, name: str) -> bool:
        """Loads an adapter unless it is loaded; False if there is none of that name.

        Raises AdapterNotLoaded if it cannot be fetched, or does not fit the model; and ServerBusy.
        """
        if name not in self._engine.adapters:
            if name not in self._running:
                if len(self._running) >= AT_ONCE:
                    raise ServerBusy("The model server fetches many adapters; try again later.")
                self._running[name] = asyncio.create_task(self._load(name))
                self._running[name].add_done_callback(lambda task: self._ended(name, task))
            # A client that leaves must not end what others wait for.
            if not await asyncio.shield(self._running[name]):
                return False
        self._used.pop(name, None)
        self._used[name] = None
        return True

    async def load_from(self, path: str, name: str) -> bool:
        """``load``, if ``path`` is where an adapter of that name is published; else False.

        Raises AdapterNotLoaded also if nothing is there.
        """
        if not is_name(name) or path.rstrip("/") != self._cache.store.where(name):
            return False
        if not await self.load(name):
            raise AdapterNotLoaded(f"There is no adapter {name} at the address of PHI3_ADAPTERS.")
        return True

    async def _load(self, name: str) -> bool:
        try:
            folder = await in_time(partial(self._folder_of, name), FETCH_SECONDS)
        except NotPublished as e:
            _log.info("%s", e)
            return False
        except TimeoutError as e:
            message = f"The adapter {name} could not be fetched in {FETCH_SECONDS} seconds."
            raise AdapterNotLoaded(message) from e
        except StoreFailed as e:
            raise AdapterNotLoaded(f"The adapter {name} cannot be fetched.", str(e)) from e
        await self._engine.load_adapter(name, str(folder))
        await self._unload_unused(name)
        return True

    def _ended(self, name: str, task: "asyncio.Task[bool]") -> None:
        self._running.pop(name)
        if not task.cancelled():
            task.exception()  # it is told to whoever waits, and else to nobody

    def _folder_of(self, name: str) -> Path:
        if self._starter and self._starter.name == name:
            return self._starter.folder
        if not is_name(name):
            raise NotPublished("No adapter has such a name.")
        return self._cache.folder_of(name)

    async def _unload_unused(self, new: str) -> None:
        """Unloads those that others were asked for since, but the latest ``MOST``."""
        loaded = [name for name in self._used if name in self._engine.adapters and name != new]
        for name in loaded[: max(0, len(loaded) + 1 - MOST)]:
            self._used.pop(name)
            try:
                await self._engine.unload_adapter(name)
            except GenerationError as e:
                _log.warning("The adapter %s stays loaded: %s", name, e)
