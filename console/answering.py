"""The questions that this process is answering; pages read the words while they come."""

import json
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from threading import Condition, Lock

from domain.errors import Phi3Error, Stopped, public_text
from domain.questions import Answer, Question

log = logging.getLogger(__name__)

AT_ONCE = 8
"""So many questions are answered at a time; others wait for their turn."""

MOST = 24
"""So many are answered or wait; of more, people are told to come back. Each page that shows the
words holds one of the 40 threads that answer requests (anyio's default), and others need some."""

_PING_SECONDS = 15.0
"""Often enough that nothing between the browser and here gives the connection up."""

_FAILED = "The question could not be answered. The log of the console says why."


class Running:
    """One question while it is answered."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._changed = Condition()
        self._is_stopping = False
        self._is_done = False

    @property
    def is_stopping(self) -> bool:
        """Whether somebody stopped it; it ends with what was written."""
        return self._is_stopping

    def add(self, piece: str) -> None:
        """Raises Stopped if somebody stopped it."""
        with self._changed:
            self.check()
            self._pieces.append(piece)
            self._changed.notify_all()

    def check(self) -> None:
        """Raises Stopped if somebody stopped it."""
        if self._is_stopping:
            raise Stopped

    def stop(self, seconds: float) -> bool:
        """Takes no more pieces. Waits for the end, which the next one brings; whether it came."""
        with self._changed:
            self._is_stopping = True
            return self._changed.wait_for(lambda: self._is_done, seconds)

    def end(self) -> None:
        with self._changed:
            self._is_done = True
            self._changed.notify_all()

    def events(self) -> Iterator[str]:
        """Server-sent events: the pieces as JSON, from the first one, and at last ``done``."""
        seen = 0

        def is_news() -> bool:
            return self._is_done or len(self._pieces) > seen

        while True:
            with self._changed:
                self._changed.wait_for(is_news, _PING_SECONDS)
                new, is_done = "".join(self._pieces[seen:]), self._is_done
                seen = len(self._pieces)
            if new:
                yield f"data: {json.dumps(new)}\n\n"
            if is_done:
                yield "event: done\ndata: \n\n"
                return
            if not new:
                yield ": still answering\n\n"


class Answering:
    """Answers questions in threads of its own, so that no lost connection ends an answer.

    A question that is being answered is not begun again. Why the last attempt failed is kept until
    the next one.
    """

    def __init__(self, answer: Callable[[Question, Callable[[str], None]], Answer]) -> None:
        self._answer = answer
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="answering")
        self._running: dict[str, Running] = {}
        self._failed: dict[str, str] = {}
        self._lock = Lock()

    def begin(self, question: Question) -> bool:
        """Begins to answer, unless that has begun; False if too many are answered already."""
        with self._lock:
            if question.id in self._running:
                return True
            if len(self._running) >= MOST:
                return False
            self._failed.pop(question.id, None)
            running = self._running[question.id] = Running()
        done = self._threads.submit(self._make, question, running)
        done.add_done_callback(partial(self._ended, question.id, running))
        return True

    def find(self, question_id: str) -> Running | None:
        return self._running.get(question_id)

    def why_failed(self, question_id: str) -> str:
        """Empty if no attempt of this process failed."""
        return self._failed.get(question_id, "")

    def _make(self, question: Question, running: Running) -> Answer:
        running.check()  # it may have waited for its turn
        return self._answer(question, running.add)

    def _ended(self, question_id: str, running: Running, done: Future[Answer]) -> None:
        failed = _why(done.exception())
        with self._lock:
            if failed:
                while len(self._failed) >= MOST:
                    del self._failed[next(iter(self._failed))]
                self._failed[question_id] = failed
            del self._running[question_id]
        running.end()


def _why(error: BaseException | None) -> str:
    """What people are told of it; empty if there is none."""
    if error is None:
        return ""
    if isinstance(error, Stopped):
        return public_text(error)
    if isinstance(error, Phi3Error):
        log.warning("A question could not be answered: %s", error)
        return public_text(error)
    log.error("A question could not be answered", exc_info=error)
    return _FAILED
