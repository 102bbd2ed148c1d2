"""Polite visits to one host: one at a time, with a pause, and not for ever."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from domain.errors import IngestError, UnreadableSource
from knowledge.sources.download import ServerIsBusy
from knowledge.sources.fetch import Fetcher, Page
from knowledge.sources.network import ServerFailed
from knowledge.sources.page_version import PageVersion

_PAUSE = 0.25  # seconds between two requests
_LONGEST_PAUSE = 10.0  # of what a site asks for
_LONGEST_WAIT = 120.0  # seconds after which a busy server may want to be asked again
_MOST_WAITING = 600.0  # seconds, all waits together
_FIRST_WAIT = 5.0  # if the server does not say how long
_ATTEMPTS = 3
_FAILURES = 5  # in a row, after which a server is left alone
_SECONDS = 7_200.0


class Visits:
    """Loads pages of one host. Several threads may use it; they wait for each other.

    It stops for good if the server fails several times in a row, asks to wait for long, or after
    ``seconds`` of work and pauses: then ``stopped`` says why, and each visit is refused.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        *,
        pause: float = _PAUSE,
        seconds: float = _SECONDS,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.stopped = ""
        self._fetcher = fetcher
        self._pause, self._seconds, self._sleep = pause, seconds, sleep
        self._spent = self._waited = 0.0
        self._failures = 0
        self._is_first = True
        self._lock = Lock()

    def slow_down(self, pause: float) -> None:
        """Makes the pauses as long as a site asks for, within a bound."""
        self._pause = max(self._pause, min(pause, _LONGEST_PAUSE))

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Counts the time of work with a page after it was loaded."""
        began = time.monotonic()
        try:
            yield
        finally:
            self._spend(time.monotonic() - began)

    def page(self, address: str, version: PageVersion | None = None) -> Page | None:
        """As `Fetcher.page`; waits for a busy server. Raises UnreadableSource once it stopped."""
        with self._lock:
            for attempt in range(_ATTEMPTS):
                try:
                    return self._visit(address, version or PageVersion())
                except ServerIsBusy as e:
                    if not self._wait(e, attempt):
                        self._count_failure(e)
                        raise
            raise AssertionError("the last attempt raises")

    def _visit(self, address: str, version: PageVersion) -> Page | None:
        if self.stopped:
            raise UnreadableSource(self.stopped)
        if not self._is_first:
            self._rest(self._pause)
        self._is_first = False
        began = time.monotonic()
        try:
            page = self._fetcher.page(address, version)
        except ServerIsBusy:
            raise
        except ServerFailed as e:
            self._count_failure(e)
            raise
        except IngestError:
            self._failures = 0
            raise
        finally:
            self._spend(time.monotonic() - began)
        self._failures = 0
        return page

    def _count_failure(self, error: ServerFailed) -> None:
        self._failures += 1
        if self._failures >= _FAILURES:
            said = f"its server failed {_FAILURES} times in a row: {error.public}"
            self.stopped = self.stopped or said

    def _wait(self, busy: ServerIsBusy, attempt: int) -> bool:
        """Waits as long as the server asks for; False if that is too long, or too often."""
        seconds = _FIRST_WAIT * 2**attempt if busy.seconds is None else busy.seconds
        if seconds > _LONGEST_WAIT or self._waited + seconds > _MOST_WAITING:
            self.stopped = self.stopped or "its server asks not to be read for some time"
        if self.stopped or attempt == _ATTEMPTS - 1:
            return False
        self._waited += seconds
        self._rest(seconds)
        return True

    def _rest(self, seconds: float) -> None:
        self._spend(seconds)
        self._sleep(seconds)

    def _spend(self, seconds: float) -> None:
        self._spent += seconds
        if self._spent > self._seconds:
            said = f"reading its site took longer than {self._seconds / 60:g} minutes"
            self.stopped = self.stopped or said
