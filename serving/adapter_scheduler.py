"""Decides which adapter answers next: one at a time, in the order of the requests."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any


@dataclass(slots=True, eq=False)
class _Waiter:
    adapter: str | None
    admitted: "asyncio.Future[None]"


class AdapterScheduler:
    """Lets requests for the active adapter run together, and switches adapters between them.

    A request for another adapter waits until the running ones have ended. While one waits, later
    requests for the active adapter wait behind it, so that none waits forever. After a switch, all
    requests that wait for that adapter start at once. ``activate`` switches the model to an
    adapter; it is never called while a request runs.
    """

    def __init__(self, activate: Callable[[str | None], Coroutine[Any, Any, None]]) -> None:
        self._activate = activate
        self._active: str | None = None
        self._running = 0
        self._waiting: deque[_Waiter] = deque()
        self._switch: asyncio.Task[None] | None = None

    @property
    def active(self) -> str | None:
        """The active adapter; None is the base model."""
        return self._active

    @property
    def running(self) -> int:
        return self._running

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    @asynccontextmanager
    async def turn(self, adapter: str | None) -> AsyncIterator[None]:
        """Runs its body while ``adapter`` is active. Raises the errors of ``activate``."""
        await self._enter(adapter)
        try:
            yield
        finally:
            self._running -= 1
            self._advance()

    async def _enter(self, adapter: str | None) -> None:
        waiter = _Waiter(adapter, asyncio.get_running_loop().create_future())
        self._waiting.append(waiter)
        self._advance()
        try:
            await waiter.admitted
        except asyncio.CancelledError:
            if waiter in self._waiting:
                self._waiting.remove(waiter)
            elif not waiter.admitted.cancelled() and waiter.admitted.exception() is None:
                self._running -= 1
            self._advance()
            raise

    def _advance(self) -> None:
        """Starts the waiting requests for the active adapter, or switches to the next one's."""
        if self._switch is not None:
            return
        while self._waiting and self._waiting[0].adapter == self._active:
            self._admit(self._waiting.popleft())
        if self._waiting and self._running == 0:
            adapter = self._waiting[0].adapter
            self._switch = asyncio.create_task(self._activate(adapter))
            self._switch.add_done_callback(partial(self._turned, adapter))

    def _turned(self, adapter: str | None, switch: "asyncio.Task[None]") -> None:
        self._switch = None
        if switch.cancelled():
            return
        if error := switch.exception():
            self._refuse(adapter, error)
        else:
            self._active = adapter
        for waiter in [w for w in self._waiting if w.adapter == self._active]:
            self._waiting.remove(waiter)
            self._admit(waiter)
        self._advance()

    def _admit(self, waiter: _Waiter) -> None:
        if not waiter.admitted.done():
            self._running += 1
            waiter.admitted.set_result(None)

    def _refuse(self, adapter: str | None, error: BaseException) -> None:
        for waiter in [w for w in self._waiting if w.adapter == adapter]:
            self._waiting.remove(waiter)
            if not waiter.admitted.done():
                waiter.admitted.set_exception(error)
