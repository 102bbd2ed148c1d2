from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import Event, Thread

import pytest

from knowledge.model_lock import ModelLock


def test_waiting_question_comes_before_passages_that_waited_longer() -> None:
    lock, order, threads = ModelLock(), list[str](), list[Thread]()

    def wait(name: str, use: Callable[[], AbstractContextManager[None]]) -> None:
        def work() -> None:
            with use():
                order.append(name)

        threads.append(Thread(target=work))
        threads[-1].start()

    with lock.for_passages():
        for _ in range(3):
            wait("passages", lock.for_passages)
        wait("question", lock.for_question)
        while not lock._questions:
            Event().wait(0.01)
    for thread in threads:
        thread.join(60)
    assert order == ["question", "passages", "passages", "passages"]


def test_lock_is_free_after_an_error() -> None:
    lock = ModelLock()
    for use in (lock.for_question, lock.for_passages):
        with pytest.raises(ZeroDivisionError), use():
            raise ZeroDivisionError
    for use in (lock.for_question, lock.for_passages):
        with use():
            assert lock._questions == 0
