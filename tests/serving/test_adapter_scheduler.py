"""The scheduling of adapters, without a model."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from domain.errors import AdapterNotLoaded
from serving.adapter_scheduler import AdapterScheduler


class Stage:
    """Runs requests through the scheduler, and records the order of events."""

    def __init__(self) -> None:
        self.turns = AdapterScheduler(self.activate)
        self.active: str | None = None
        self.log: list[str] = []
        self.may_end = asyncio.Event()

    async def activate(self, adapter: str | None) -> None:
        await asyncio.sleep(0)
        if adapter == "missing":
            raise AdapterNotLoaded("missing is not loaded.")
        self.active = adapter

    async def request(self, name: str, adapter: str | None) -> None:
        async with self.turns.turn(adapter):
            self.log.append(name)
            await self.may_end.wait()
            assert self.active == adapter

    def begin(self, name: str, adapter: str | None) -> "asyncio.Task[None]":
        return asyncio.create_task(self.request(name, adapter))


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def play(scene: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(scene, 10))


def test_requests_for_one_adapter_run_together() -> None:
    async def scene() -> None:
        stage = Stage()
        tasks = [stage.begin("1", "red"), stage.begin("2", "red")]
        await settle()
        assert stage.log == ["1", "2"]
        assert stage.turns.running == 2
        stage.may_end.set()
        await asyncio.gather(*tasks)

    play(scene())


def test_a_request_for_another_adapter_waits_until_the_active_one_drains() -> None:
    async def scene() -> None:
        stage = Stage()
        tasks = [stage.begin("red", "red"), stage.begin("blue", "blue")]
        await settle()
        assert (stage.log, stage.active, stage.turns.waiting) == (["red"], "red", 1)
        stage.may_end.set()
        await asyncio.gather(*tasks)
        assert (stage.log, stage.active) == (["red", "blue"], "blue")

    play(scene())


def test_later_requests_for_the_active_adapter_do_not_overtake_waiting_ones() -> None:
    async def scene() -> None:
        stage = Stage()
        tasks = [stage.begin("red 1", "red")]
        await settle()
        tasks += [stage.begin("blue", "blue"), stage.begin("red 2", "red")]
        await settle()
        assert stage.log == ["red 1"]
        stage.may_end.set()
        await asyncio.gather(*tasks)
        assert stage.log == ["red 1", "blue", "red 2"]

    play(scene())


def test_all_requests_that_wait_for_one_adapter_start_together() -> None:
    async def scene() -> None:
        stage = Stage()
        tasks = [stage.begin("base", None)]
        await settle()
        waiting = [("red 1", "red"), ("blue", "blue"), ("red 2", "red")]
        tasks += [stage.begin(*each) for each in waiting]
        await settle()
        stage.may_end.set()
        await asyncio.gather(*tasks)
        assert stage.log == ["base", "red 1", "red 2", "blue"]

    play(scene())


def test_a_request_that_gives_up_waiting_is_forgotten() -> None:
    async def scene() -> None:
        stage = Stage()
        first = stage.begin("base", None)
        await settle()
        given_up, last = stage.begin("red", "red"), stage.begin("base again", None)
        await settle()
        given_up.cancel()
        await settle()
        assert stage.log == ["base", "base again"]
        stage.may_end.set()
        await asyncio.gather(first, last)
        assert (stage.turns.running, stage.turns.waiting) == (0, 0)

    play(scene())


def test_a_cancelled_running_request_frees_its_place() -> None:
    async def scene() -> None:
        stage = Stage()
        first, second = stage.begin("red", "red"), stage.begin("blue", "blue")
        await settle()
        first.cancel()
        await settle()
        assert stage.log == ["red", "blue"]
        stage.may_end.set()
        await second

    play(scene())


def test_only_requests_that_wait_for_a_failed_switch_get_its_error() -> None:
    async def scene() -> None:
        stage = Stage()
        stage.may_end.set()
        missing, red = stage.begin("missing", "missing"), stage.begin("red", "red")
        with pytest.raises(AdapterNotLoaded):
            await missing
        await red
        assert stage.log == ["red"]

    play(scene())
