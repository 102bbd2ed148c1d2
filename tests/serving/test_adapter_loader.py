"""A server loads an adapter by its name when it is first asked for it."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from shutil import rmtree

import pytest

from domain.adapters import Adapter, AdapterState
from domain.errors import AdapterNotLoaded, AdapterUnfit, NotFound
from serving.adapter_cache import AdapterCache
from serving.adapter_folder import FolderStore
from serving.adapter_loader import AT_ONCE, MOST
from serving.adapter_manifest import MANIFEST, WEIGHTS
from serving.adapter_places import AdapterPlaces
from serving.client import ServerClient
from tests.lora import build_adapter
from tests.serving.asking import SHORT, answer, chat, post
from tests.serving.conftest import TINY, Running, running

MADE = AdapterState.CANARY, "run", datetime(2026, 11, 28, tzinfo=UTC)
NAMES = [f"night-{n}" for n in range(MOST + 2)]


@pytest.fixture(scope="module")
def made(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an adapter for each name."""
    folder = tmp_path_factory.mktemp("made")
    for seed, name in enumerate(NAMES):
        build_adapter(folder / name, tiny, seed=seed, manifest_base=TINY)
    return folder


@pytest.fixture
def shared(tmp_path: Path, made: Path) -> FolderStore:
    """A store with all of them."""
    store = FolderStore(tmp_path / "shared")
    (tmp_path / "shared").mkdir()
    for name in NAMES:
        store.put(made / name)
    return store


@pytest.fixture
def server(shared: FolderStore, tmp_path: Path, tiny: Path) -> Iterator[Running]:
    with running(tiny, copies=AdapterCache(shared, tmp_path / "cache")) as server:
        yield server


@pytest.mark.slow
def test_adapter_that_is_asked_for_answers_as_if_it_had_been_loaded(
    server: Running, made: Path, tiny: Path
) -> None:
    asked = answer(server.client, SHORT, "night-1")
    assert asked != answer(server.client, SHORT, "night-2")
    with running(tiny) as other:
        other.client.load_adapter("night-1", str(made / "night-1"))
        assert answer(other.client, SHORT, "night-1") == asked


@pytest.mark.slow
def test_many_who_ask_at_once_for_a_new_adapter_are_all_answered_by_it(server: Running) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(lambda _: answer(server.client, SHORT, "night-1"), range(8)))
    assert answers == {answer(server.client, SHORT, "night-1")}
    assert server.engine.adapters.keys() == {"night-1"}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["night-99", "../shared/night-1", ".", "a/b", "n" * 200, "n\0"])
def test_name_that_is_not_published_is_an_unknown_model(server: Running, name: str) -> None:
    reply = chat(server.url, model=name)
    assert (reply.status_code, reply.json()["error"]["code"]) == (404, "model_not_found")


@pytest.mark.slow
def test_loading_from_the_address_is_loading_by_name(
    server: Running, shared: FolderStore, tmp_path: Path
) -> None:
    for _ in range(2):
        server.client.load_adapter("night-1", shared.where("night-1"))
    assert server.engine.adapters == {"night-1": str(tmp_path / "cache" / "night-1")}
    body = {"lora_name": "night-2", "lora_path": shared.where("night-1")}
    assert post(server.url, "load_lora_adapter", body).status_code == 400
    body = {"lora_name": "night-99", "lora_path": shared.where("night-99")}
    missing = post(server.url, "load_lora_adapter", body)
    assert (missing.status_code, missing.json()["error"]["code"]) == (400, "adapter_not_loaded")
    assert "no adapter night-99 at the address" in missing.json()["error"]["message"]


@pytest.mark.slow
def test_address_that_never_answers_holds_up_nothing_else(
    server: Running, shared: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a network's disk, once its server is gone."""
    monkeypatch.setattr("serving.adapter_loader.FETCH_SECONDS", 1.0)
    stuck = [Path(shared.where(f"stuck-{n}")) for n in range(AT_ONCE + 1)]
    for folder in stuck:
        folder.mkdir()
        os.mkfifo(folder / MANIFEST)
    with ThreadPoolExecutor(len(stuck)) as pool:
        replies = list(pool.map(lambda folder: chat(server.url, model=folder.name), stuck))
    codes = [reply.json()["error"]["code"] for reply in replies]
    assert set(codes) == {"adapter_not_loaded", "busy"}
    assert codes.count("busy") == 1
    assert answer(server.client, SHORT, "night-1")
    for folder in stuck:  # lets the threads end
        os.close(os.open(folder / MANIFEST, os.O_RDWR))


@pytest.mark.slow
def test_folder_that_changes_after_it_was_loaded_changes_no_answer(
    server: Running, shared: FolderStore, tmp_path: Path
) -> None:
    before = answer(server.client, SHORT, "night-1")
    for folder in (shared.where("night-1"), str(tmp_path / "cache" / "night-1")):
        for file in Path(folder).iterdir():
            file.write_bytes(b"changed")
    assert answer(server.client, SHORT, "night-1") == before
    # Once it is not loaded any more, it is refused in one line, and the base model answers on.
    server.client.unload_adapter("night-1")
    reply = chat(server.url, model="night-1")
    assert reply.status_code == 404
    assert "\n" not in reply.json()["error"]["message"]
    assert answer(server.client, SHORT)


@pytest.mark.slow
def test_while_the_address_is_away_what_is_loaded_answers_on(
    server: Running, shared: FolderStore, tmp_path: Path
) -> None:
    before = answer(server.client, SHORT, "night-1")
    rmtree(tmp_path / "shared")
    assert answer(server.client, SHORT, "night-1") == before
    reply = chat(server.url, model="night-2")
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "adapter_not_loaded")
    assert reply.json()["error"]["message"] == "The adapter night-2 cannot be fetched."


def away(root: Path, cache: Path) -> None:
    root.rename(root.with_name("elsewhere"))


def emptied(root: Path, cache: Path) -> None:
    """As a share is while it is not mounted."""
    away(root, cache)
    root.mkdir()


def full(root: Path, cache: Path) -> None:
    """Nothing can be written where copies belong, as on a full disk."""
    cache.write_text("")


def cut_off(root: Path, cache: Path) -> None:
    """One file of what is published cannot be read any more."""
    weights = root / "night-1" / WEIGHTS
    weights.unlink()
    weights.symlink_to(weights)


@pytest.mark.slow
@pytest.mark.parametrize("loses", [away, emptied, full, cut_off])
def test_adapter_that_cannot_be_got_is_not_said_to_be_unfit(
    loses: Callable[[Path, Path], None], server: Running, tmp_path: Path
) -> None:
    cache = AdapterPlaces(AdapterCache(FolderStore(tmp_path / "shared"), tmp_path / "cache"))
    published = Adapter("night-1", TINY, str(tmp_path / "shared" / "night-1"), "0", *MADE)
    loses(tmp_path / "shared", tmp_path / "cache")
    client = ServerClient(
        server.url,
        TINY,
        adapter_folder=lambda _: published.path,
        adapter_copy=lambda _: str(cache.folder_of(published)),
    )
    with pytest.raises(AdapterNotLoaded) as refused:
        answer(client, SHORT, "night-1")
    client.close()
    assert not isinstance(refused.value, AdapterUnfit)
    assert "\n" not in str(refused.value)
    assert answer(server.client, SHORT)


@pytest.mark.slow
def test_only_those_that_were_asked_for_last_stay_loaded(server: Running) -> None:
    for name in NAMES[:MOST]:
        answer(server.client, SHORT, name)
    answer(server.client, SHORT, NAMES[0])
    for name in NAMES[MOST:]:
        answer(server.client, SHORT, name)
    assert set(server.engine.adapters) == {NAMES[0], *NAMES[3:]}


@pytest.mark.slow
def test_server_that_reads_no_addresses_is_told_the_folder_of_a_copy(
    tiny: Path, made: Path
) -> None:
    asked = list[str]()

    def copy(name: str) -> str:
        asked.append(name)
        if name not in NAMES:
            raise NotFound(name)
        return str(made / name)

    with running(tiny) as server:
        client = ServerClient(server.url, TINY, adapter_copy=copy)
        client.load_adapter("night-1", "s3://team/adapters/night-1")
        assert server.engine.adapters == {"night-1": str(made / "night-1")}
        with pytest.raises(AdapterNotLoaded):
            client.load_adapter("other", "s3://team/adapters/other")
        with pytest.raises(AdapterNotLoaded):
            client.load_adapter("night-2", "/nowhere/night-2")  # a folder needs no copy
        client.close()
    assert asked == ["night-1", "other"]
