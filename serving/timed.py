"""Runs work that may never end, such as a read from a disk that does not answer."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from multiprocessing.pool import ThreadPool
from typing import TypeVar

Result = TypeVar("Result")


async def in_time(work: Callable[[], Result], seconds: float) -> Result:
    """The result of ``work``, which runs in a thread; raises what it raises.

    Raises TimeoutError after ``seconds``. The thread then goes on, but nothing waits for it, not
    even the end of the process.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Result] = loop.create_future()

    def tell(end: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(lambda: None if done.done() else end())

    # Its threads end with the process, which would wait for those of an executor.
    pool = ThreadPool(1)
    pool.apply_async(
        work,
        callback=lambda result: tell(partial(done.set_result, result)),
        error_callback=lambda error: tell(partial(done.set_exception, error)),
    )
    pool.close()
    return await asyncio.wait_for(done, seconds)
