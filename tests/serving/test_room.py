"""A server gives memory back to a night, answers meanwhile or says that it rests, and recovers."""

import asyncio
import gc
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import httpx2
import pytest

from domain.errors import ConfigError, GenerationError, ServerUnavailable
from domain.questions import Message
from serving.client import RoomRefused, ServerClient
from tests.lora import build_adapter
from tests.serving.conftest import TINY, Running, running, wait_until

QUESTION = [Message("user", "How many days of holiday does each person have?")]


@pytest.fixture(scope="module")
def giving(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    from serving.models import load, resolve

    folder = tmp_path_factory.mktemp("room")
    build_adapter(folder / "red", tiny, seed=1, manifest_base=TINY)
    files = resolve(str(tiny), tiny)
    options: dict[str, Any] = {"reload": lambda: load(files)[0]}
    with running(tiny, **options) as server:
        server.client.load_adapter("red", str(folder / "red"))
        yield server


@pytest.fixture(autouse=True)
def has_all_again(giving: Running) -> Iterator[None]:
    yield
    giving.client.take_back()
    assert giving.engine.room.given == "nothing"


def ask(server: Running, adapter: str | None = None, tokens: int = 12) -> str:
    return "".join(server.client.stream(QUESTION, adapter=adapter, max_tokens=tokens))


def cache(server: Running) -> Any:
    processor = server.engine._batcher._manager.batch_processor
    return processor.cache if processor else None


def weights(server: Running) -> int:
    return sum(weight.nbytes for weight in server.engine._model.parameters())


@pytest.mark.slow
def test_it_answers_the_same_with_a_smaller_cache_and_frees_the_large_one(giving: Running) -> None:
    before = ask(giving), ask(giving, "red")
    large, size = weakref.ref(cache(giving).cache_tensor), cache(giving).cache_tensor.nbytes
    giving.client.make_room("cache", 60)
    gc.collect()
    assert large() is None
    assert cache(giving).cache_tensor.nbytes < size / 3
    assert (ask(giving), ask(giving, "red")) == before
    giving.client.take_back()
    assert cache(giving).cache_tensor.nbytes == size
    assert (ask(giving), ask(giving, "red")) == before


@pytest.mark.slow
def test_without_its_model_it_says_that_it_rests_and_answers_the_same_afterwards(
    giving: Running,
) -> None:
    before, held = (ask(giving), ask(giving, "red")), weights(giving)
    giving.client.make_room("model", 60)
    assert (weights(giving), cache(giving)) == (0, None)
    assert not giving.client.healthy()
    assert httpx2.get(f"{giving.url}/ping").status_code == 200  # so that nothing ends it
    with pytest.raises(ServerUnavailable, match="not ready") as raised:
        ask(giving)
    assert "A night trains" in raised.value.detail
    giving.client.take_back()
    assert weights(giving) == held
    assert (ask(giving), ask(giving, "red")) == before


@pytest.mark.slow
@pytest.mark.parametrize("what", ["cache", "model"])
def test_it_takes_back_what_nobody_asks_for_any_more(giving: Running, what: str) -> None:
    before = ask(giving)
    giving.client.make_room(what, 0.3)
    wait_until(lambda: giving.engine.room.given == "nothing")
    assert ask(giving) == before


@pytest.mark.slow
def test_who_asks_again_keeps_it(giving: Running) -> None:
    giving.client.make_room("cache", 0.2)
    giving.client.make_room("cache", 60)
    small = cache(giving)
    with pytest.raises(AssertionError):
        wait_until(lambda: giving.engine.room.given == "nothing", 0.6)
    assert cache(giving) is small


@pytest.mark.slow
def test_running_answers_end_first_and_new_ones_wait(giving: Running) -> None:
    alone = ask(giving, tokens=200)
    with ThreadPoolExecutor(4) as threads:
        answers = [threads.submit(ask, giving, None, 200) for _ in range(4)]
        wait_until(lambda: giving.engine.health().running > 0)
        giving.client.make_room("cache", 60)
        later = threads.submit(ask, giving, None, 200)
        assert {answer.result() for answer in (*answers, later)} == {alone}


@pytest.mark.slow
def test_an_answer_that_is_computed_and_not_read_yet_holds_up_no_night(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from serving.engine import Engine
    from serving.models import load, resolve

    monkeypatch.setattr("serving.batcher._DRAIN_SECONDS", 5.0)
    engine = Engine(*load(resolve(str(tiny), tiny)), TINY)

    async def read_late() -> str:
        await engine.start()
        pieces = engine.generate(engine.prompt(QUESTION), None, 12)
        said = (await anext(pieces)).text
        await engine.room.give("cache", 60)
        said += "".join([piece.text async for piece in pieces])
        again = engine.generate(engine.prompt(QUESTION), None, 12)
        assert said == "".join([piece.text async for piece in again])
        await engine.stop()
        return said

    assert asyncio.run(read_late())


@pytest.mark.slow
def test_a_question_waits_also_if_the_cache_is_made_anew_twice_in_a_row(tiny: Path) -> None:
    from serving.engine import Engine
    from serving.models import load, resolve

    engine = Engine(*load(resolve(str(tiny), tiny)), TINY)

    async def said() -> str:
        pieces = engine.generate(engine.prompt(QUESTION), None, 12)
        return "".join([piece.text async for piece in pieces])

    async def give_and_take() -> None:
        await engine.room.give("cache", 60)
        await engine.room.take_back()

    async def ask_meanwhile() -> None:
        await engine.start()
        alone = await said()
        changing = asyncio.create_task(give_and_take())
        await asyncio.sleep(0)
        assert await said() == alone
        await changing
        await engine.stop()

    asyncio.run(ask_meanwhile())


def fail_at_first(monkeypatch: pytest.MonkeyPatch, manager: Any, *, times: int) -> None:
    """Lets the manager find no memory for its cache, so many times."""
    made, left = manager._create_batch_processor, [True] * times

    def create() -> Any:
        if left and left.pop():
            raise RuntimeError("out of memory")
        return made()

    monkeypatch.setattr(manager, "_create_batch_processor", create)


@pytest.mark.slow
def test_memory_that_is_not_back_yet_is_asked_for_again(
    giving: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    from serving import room

    before, manager = ask(giving), giving.engine._batcher._manager
    monkeypatch.setattr(room, "_AGAIN_SECONDS", 0.2)
    giving.client.make_room("cache", 60)
    fail_at_first(monkeypatch, manager, times=2)
    with pytest.raises(GenerationError):
        giving.client.take_back()
    wait_until(lambda: giving.engine.room.given == "nothing")
    assert ask(giving) == before


@pytest.mark.slow
def test_cache_that_could_not_be_made_smaller_is_made_anew(
    giving: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, manager = ask(giving), giving.engine._batcher._manager
    fail_at_first(monkeypatch, manager, times=1)
    with pytest.raises(GenerationError):
        giving.client.make_room("cache", 0.5)
    wait_until(lambda: giving.engine.room.given == "nothing")
    assert ask(giving) == before


@pytest.mark.slow
def test_while_the_cache_is_made_anew_new_questions_wait(
    giving: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone, manager = ask(giving), giving.engine._batcher._manager
    made, begun, may_end = manager._create_batch_processor, Event(), Event()

    def create() -> Any:
        begun.set()
        may_end.wait(60)
        return made()

    monkeypatch.setattr(manager, "_create_batch_processor", create)
    with ThreadPoolExecutor(2) as threads:
        giver = threads.submit(giving.client.make_room, "cache", 60)
        assert begun.wait(60)
        later = threads.submit(ask, giving)
        wait_until(lambda: giving.engine.health().waiting > 0 or later.done())
        may_end.set()
        assert later.result() == alone
        giver.result()


@pytest.mark.slow
@pytest.mark.parametrize(
    "error",
    [ConfigError("The model does not fit into memory."), RuntimeError("CUDA error: out of memory")],
    ids=["foreseen", "unforeseen"],
)
def test_model_that_could_not_be_loaded_again_is_loaded_later(
    giving: Running, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    from serving import room

    before = ask(giving)
    monkeypatch.setattr(room, "_AGAIN_SECONDS", 0.2)
    reload, full = giving.engine.room._reload, [True, True]
    assert reload

    def loaded() -> Any:
        if full and full.pop():
            raise error
        return reload()

    monkeypatch.setattr(giving.engine.room, "_reload", loaded)
    giving.client.make_room("model", 0.5)
    wait_until(lambda: giving.engine.room.given == "nothing")
    assert not full
    assert ask(giving) == before


@pytest.mark.slow
def test_server_whose_model_does_not_come_back_asks_to_be_started_anew(
    giving: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    from serving import room

    def broken() -> Any:
        raise RuntimeError("CUDA error: device-side assert triggered")

    monkeypatch.setattr(room, "_AGAIN_SECONDS", 0.1)
    reload = giving.engine.room._reload
    monkeypatch.setattr(giving.engine.room, "_reload", broken)
    giving.client.make_room("model", 0.1)
    wait_until(lambda: giving.engine.room._failing_since is not None)
    assert giving.client.lives()  # it may still come back
    monkeypatch.setattr(room, "_STUCK_SECONDS", 0.0)
    assert not giving.client.lives()
    monkeypatch.setattr(giving.engine.room, "_reload", reload)
    wait_until(lambda: giving.engine.room.given == "nothing")
    assert giving.client.lives()


@pytest.mark.parametrize("body", [
    {}, {"what": "all", "seconds": 1}, {"what": "cache"}, {"what": "cache", "seconds": 0},
    {"what": "cache", "seconds": 1e9}, {"what": "cache", "seconds": "nan"}, {"what": "nothing"},
])  # fmt: skip
def test_a_wrong_request_changes_nothing(giving: Running, body: dict[str, object]) -> None:
    reply = httpx2.post(f"{giving.url}/admin/make_room", json=body)
    assert reply.status_code == 400
    assert giving.engine.room.given == "nothing"


def test_another_server_gives_nothing_back() -> None:
    from tests.cli.model_server import model_server

    with model_server() as other:
        client = ServerClient(other.url)
        with pytest.raises(RoomRefused):
            client.make_room("cache", 1)
        client.close()


@pytest.mark.slow
def test_only_who_has_the_key_may_ask(tiny: Path) -> None:
    with running(tiny, key="secret") as server:
        reply = httpx2.post(f"{server.url}/admin/make_room", json={"what": "cache", "seconds": 1})
        assert reply.status_code == 401
        assert server.engine.room.given == "nothing"
