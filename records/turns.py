"""Lets threads do something by turns, in the order in which they came."""

from collections import deque
from threading import Lock


class Turns:
    """A lock that is handed to the thread that waits longest; those in a hurry go first.

    Python's lock may be taken by any thread when it is released, so that one could wait for long.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._taken = False
        self._waiting: deque[Lock] = deque()
        self._hurried: deque[Lock] = deque()

    def acquire(self, seconds: float, *, hurried: bool = False) -> bool:
        """Waits for a turn for at most ``seconds``; returns whether this thread has it now."""
        queue = self._hurried if hurried else self._waiting
        with self._lock:
            if not self._taken:
                self._taken = True
                return True
            mine = Lock()
            mine.acquire()
            queue.append(mine)
        if mine.acquire(timeout=seconds):
            return True
        with self._lock:
            if mine not in queue:
                return True  # it was handed over at the last moment
            queue.remove(mine)
            return False

    def release(self) -> None:
        with self._lock:
            queue = self._hurried or self._waiting
            if queue:
                queue.popleft().release()
            else:
                self._taken = False
