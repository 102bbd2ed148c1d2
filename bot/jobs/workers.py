"""A bounded pool of threads that can be emptied within a grace period."""

import logging
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from threading import Condition, Thread
from time import monotonic

log = logging.getLogger(__name__)

_LONGEST = 0.5
"""Seconds that other work waits for this work to begin, so that it goes on too."""

Work = Callable[[], object]
Failed = Callable[[Exception], None]


class Workers:
    """``threads`` threads that do work in the order in which it was submitted.

    They are daemons, so that an answer that takes longer than the grace period does not keep the
    process running. Its job is in the database, and is taken again after the next start.
    """

    def __init__(
        self, name: str, threads: int, before: Callable[[], object] = lambda: None
    ) -> None:
        """``before`` is called before each piece of work; it may wait, and raises nothing."""
        self._before = before
        self._queue: SimpleQueue[tuple[Work, Failed] | None] = SimpleQueue()
        self._threads = threads
        self._changed = Condition()
        self._open = 0
        self._closed = False
        for n in range(threads):
            Thread(target=self._run, name=f"{name}-{n}", daemon=True).start()

    @property
    def has_waiting(self) -> bool:
        """Whether work waits for a free thread."""
        with self._changed:
            return self._open > self._threads

    def submit(self, work: Work, failed: Failed) -> None:
        """Runs ``work`` soon, and ``failed`` with its exception; after ``close``, neither."""
        with self._changed:
            if self._closed:
                return
            self._open += 1
        self._queue.put((work, failed))

    def let_begin(self) -> None:
        """Waits until all submitted work has begun, but not for long."""
        ends = monotonic() + _LONGEST
        with self._changed:
            while self._open > self._threads and (left := ends - monotonic()) > 0:
                self._changed.wait(left)

    def close(self, grace: float) -> bool:
        """Accepts no new work; returns whether the accepted work ended within ``grace`` seconds."""
        ends = monotonic() + grace
        with self._changed:
            while self._open and (left := ends - monotonic()) > 0:
                self._changed.wait(left)
            self._closed = True
            for _ in range(self._threads):
                self._queue.put(None)
            return not self._open

    def _run(self) -> None:
        while item := self._queue.get():
            try:
                self._before()
                self._do(*item)
            finally:
                with self._changed:
                    self._open -= 1
                    # Each wake costs, so it is only for what ``let_begin`` and ``close`` wait for.
                    if self._open in (0, self._threads):
                        self._changed.notify_all()

    def _do(self, work: Work, failed: Failed | None) -> None:
        """Does one piece of work; no exception of ``work`` or ``failed`` ends the thread."""
        try:
            work()
        except Exception as error:
            if failed is None:
                log.exception("What failed could not be told")
            else:
                self._do(partial(failed, error), None)
