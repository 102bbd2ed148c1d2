"""A bounded pool of threads that can be emptied within a grace period."""

import logging
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from threading import Condition, Thread
from time import monotonic

log = logging.getLogger(__name__)

Work = Callable[[], object]
Failed = Callable[[Exception], None]


class Workers:
    """``threads`` threads that take work in the order it came.

    They are daemons: an answer that outlives the grace period does not hold the process. Its job
    is in the records, and the next start takes it again.
    """

    def __init__(self, name: str, threads: int) -> None:
        self._queue: SimpleQueue[tuple[Work, Failed] | None] = SimpleQueue()
        self._threads = threads
        self._changed = Condition()
        self._open = 0
        self._closed = False
        for n in range(threads):
            Thread(target=self._run, name=f"{name}-{n}", daemon=True).start()

    def submit(self, work: Work, failed: Failed) -> None:
        """Runs ``work`` soon, and ``failed`` with what it raised; after a close, neither."""
        with self._changed:
            if self._closed:
                return
            self._open += 1
        self._queue.put((work, failed))

    def close(self, grace: float) -> bool:
        """Takes no new work; whether all that was taken ended within ``grace`` seconds."""
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
                self._do(*item)
            finally:
                with self._changed:
                    self._open -= 1
                    self._changed.notify_all()

    def _do(self, work: Work, failed: Failed | None) -> None:
        """Whatever ``work`` raises, this thread goes on with the next; so for ``failed``."""
        try:
            work()
        except Exception as error:
            if failed is None:
                log.exception("What failed could not be told")
            else:
                self._do(partial(failed, error), None)
