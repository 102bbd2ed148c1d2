"""Work that may never end is not waited for."""

import asyncio
import threading

import pytest

from serving.timed import in_time


def test_the_result_and_the_error_come_as_from_a_call() -> None:
    async def scene() -> None:
        assert await in_time(lambda: 7, 10) == 7
        with pytest.raises(ValueError, match="invalid"):
            await in_time(lambda: int("none"), 10)

    asyncio.run(scene())


def test_work_that_does_not_end_is_given_up_and_later_work_is_done() -> None:
    gate = threading.Event()

    async def scene() -> None:
        with pytest.raises(TimeoutError):
            await in_time(gate.wait, 0.05)
        assert await in_time(lambda: 7, 10) == 7

    asyncio.run(scene())  # which does not wait for the thread either
    gate.set()


def test_a_result_that_comes_after_the_loop_has_ended_is_dropped() -> None:
    gate, ended = threading.Event(), threading.Event()

    def work() -> None:
        gate.wait()
        ended.set()

    async def scene() -> None:
        with pytest.raises(TimeoutError):
            await in_time(work, 0.05)

    asyncio.run(scene())
    gate.set()
    assert ended.wait(60)
