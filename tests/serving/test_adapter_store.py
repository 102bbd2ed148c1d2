"""Adapters are published in a folder or on S3, and fetched whole or not at all."""

import errno
import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from domain.errors import NotPublished, StoreFailed
from serving.adapter_cache import AdapterCache
from serving.adapter_manifest import CONFIG, MANIFEST, WEIGHTS
from serving.adapter_store import AdapterStore, open_store
from tests.http_proxy import http_proxy
from tests.s3_server import (
    BUCKET,
    FULL,
    REFUSED,
    keys,
    name_server,
    one_s3_server,
    s3,
    s3_server,
    send,
)

__all__ = ["one_s3_server", "s3"]

ON_S3 = f"s3://{BUCKET}/adapters"
SIZE = 300_000
"""More bytes than one read of a socket."""


def made(folder: Path, name: str = "night-1", weights: bytes = b"w" * SIZE) -> Path:
    """An adapter's folder, as a night writes it."""
    made = folder / name
    made.mkdir(parents=True)
    (made / WEIGHTS).write_bytes(weights)
    (made / CONFIG).write_text("{}")
    hashes = {file: sha256((made / file).read_bytes()).hexdigest() for file in (WEIGHTS, CONFIG)}
    manifest = {"name": name, "sha256": hashes[WEIGHTS], "files": hashes}
    (made / MANIFEST).write_text(json.dumps(manifest))
    return made


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(params=["folder", "s3"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "s3":
        request.getfixturevalue("s3")
        return ON_S3
    (tmp_path / "shared").mkdir()
    return str(tmp_path / "shared")


@pytest.fixture
def store(address: str) -> AdapterStore:
    return open_store(address)


@pytest.fixture
def cache(store: AdapterStore, tmp_path: Path) -> AdapterCache:
    return AdapterCache(store, tmp_path / "cache")


def test_published_adapter_is_fetched_with_exactly_its_files(
    store: AdapterStore, cache: AdapterCache, tmp_path: Path
) -> None:
    night = made(tmp_path / "home")
    store.put(night)
    fetched = cache.folder_of("night-1")
    assert contents(fetched) == contents(night)
    assert [path for path in (fetched, *fetched.iterdir()) if path.stat().st_mode & 0o077] == []
    assert store.found() == {"night-1"}


@pytest.mark.slow
def test_name_never_means_another_adapter(store: AdapterStore, tmp_path: Path) -> None:
    night = made(tmp_path / "home")
    store.put(night)
    store.put(night)  # the same again
    with pytest.raises(StoreFailed, match="Another adapter night-1"):
        store.put(made(tmp_path / "other", weights=b"v" * SIZE))
    assert store.manifest("night-1") == (night / MANIFEST).read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["night-2", "../night-1", "", ".", "a/b", "n" * 300, "n\0"])
def test_what_is_not_there_is_not_fetched(
    cache: AdapterCache, store: AdapterStore, tmp_path: Path, name: str
) -> None:
    store.put(made(tmp_path / "home"))
    with pytest.raises(NotPublished):
        cache.folder_of(name)


def test_adapter_without_its_manifest_does_not_count(
    store: AdapterStore, cache: AdapterCache, tmp_path: Path
) -> None:
    night = made(tmp_path / "home")
    (night / MANIFEST).rename(tmp_path / MANIFEST)
    store.put(night)
    with pytest.raises(NotPublished):
        cache.folder_of("night-1")
    assert store.found() == {"night-1"}
    store.remove("night-1")
    assert store.found() == set()


@pytest.mark.slow
@pytest.mark.parametrize("file", [WEIGHTS, CONFIG, MANIFEST])
def test_copy_that_was_changed_is_fetched_again(
    store: AdapterStore, cache: AdapterCache, tmp_path: Path, file: str
) -> None:
    store.put(made(tmp_path / "home"))
    fetched = cache.folder_of("night-1")
    (fetched / file).write_bytes(b"changed")
    assert contents(cache.folder_of("night-1")) == contents(tmp_path / "home" / "night-1")
    assert [path.name for path in fetched.parent.iterdir() if path.is_dir()] == ["night-1"]


@pytest.mark.slow
def test_copy_that_was_changed_together_with_its_manifest_is_fetched_again(
    store: AdapterStore, cache: AdapterCache, tmp_path: Path
) -> None:
    store.put(made(tmp_path / "home"))
    fetched = cache.folder_of("night-1")
    for name, text in contents(made(tmp_path / "other", weights=b"v" * SIZE)).items():
        (fetched / name).write_bytes(text)
    assert contents(cache.folder_of("night-1")) == contents(tmp_path / "home" / "night-1")


def test_what_killed_fetches_left_and_what_is_published_no_more_is_removed(
    store: AdapterStore, cache: AdapterCache, tmp_path: Path
) -> None:
    for name in ("night-1", "night-2"):
        store.put(made(tmp_path / "home", name))
    cache.folder_of("night-1")
    (tmp_path / "cache" / ".fetched-1" / "half").mkdir(parents=True)
    store.remove("night-1")
    cache.folder_of("night-2")
    folders = [path.name for path in (tmp_path / "cache").iterdir() if path.is_dir()]
    assert folders == ["night-2"]
    with pytest.raises(NotPublished):
        cache.folder_of("night-1")


def test_address_that_may_be_written_is_left_as_it_was(store: AdapterStore) -> None:
    assert store.can_write()
    assert store.found() == set()


def killed_at_each_line(what: str, address: str, folder: Path) -> list[str]:
    """What publishing or fetching a folder left, killed at its first line, its second …"""
    victim = [sys.executable, "-m", "tests.serving.store_victim", what, address, str(folder)]
    done = subprocess.run(victim, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().split()


@pytest.mark.slow
def test_kill_at_any_line_leaves_a_whole_folder_or_nothing_that_counts(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    left = killed_at_each_line("publish", str(tmp_path / "shared"), made(tmp_path / "home"))
    assert set(left) == {"nothing", "whole"}
    assert len(left) > 20


@pytest.mark.slow
def test_kill_at_any_line_leaves_whole_objects_or_nothing_that_counts(
    s3: str, tmp_path: Path
) -> None:
    left = killed_at_each_line("publish", ON_S3, made(tmp_path / "home"))
    assert set(left) == {"nothing", "whole"}
    assert len(left) > 10
    assert keys(s3) == []


@pytest.mark.slow
def test_kill_at_any_line_of_fetching_leaves_a_whole_copy_or_none(tmp_path: Path) -> None:
    folder = made(tmp_path / "home")
    (tmp_path / "shared").mkdir()
    open_store(str(tmp_path / "shared")).put(folder)
    left = killed_at_each_line("fetch", str(tmp_path / "shared"), folder)
    assert set(left) == {"nothing", "whole"}
    assert len(left) > 40


@pytest.mark.slow
def test_damaged_object_is_not_used(s3: str, tmp_path: Path) -> None:
    store = open_store(ON_S3)
    store.put(made(tmp_path / "home"))
    damaged = f"/{BUCKET}/adapters/night-1/{WEIGHTS}"
    assert send(s3, "PUT", damaged, b"v" * SIZE)[0] == 200
    with pytest.raises(NotPublished, match=f"{WEIGHTS} of night-1 is not what was published"):
        AdapterCache(store, tmp_path / "cache").folder_of("night-1")
    assert [path for path in (tmp_path / "cache").iterdir() if path.is_dir()] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "manifest",
    [b"", b"[]", b"{}", b"[" * 100_000, b'{"files": {"../x": "1"}, "sha256": ""}'],
)
def test_hostile_manifest_is_refused(s3: str, tmp_path: Path, manifest: bytes) -> None:
    assert send(s3, "PUT", f"/{BUCKET}/adapters/night-1/{MANIFEST}", manifest)[0] == 200
    with pytest.raises(NotPublished, match="manifest of night-1 cannot be read"):
        AdapterCache(open_store(ON_S3), tmp_path / "cache").folder_of("night-1")
    assert not (tmp_path / "x").exists()


@pytest.mark.slow
@pytest.mark.parametrize("reply", [FULL, REFUSED])
@pytest.mark.parametrize("file", [WEIGHTS, MANIFEST])
def test_full_bucket_is_told_in_one_line_and_nothing_of_the_adapter_counts(
    s3: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    reply: tuple[int, bytes],
    file: str,
) -> None:
    with http_proxy(s3) as bucket:
        name_server(monkeypatch, bucket.url)
        store = open_store(ON_S3)
        bucket.refuses[file] = reply
        with pytest.raises(StoreFailed) as failed:
            store.put(made(tmp_path / "home"))
        assert "\n" not in str(failed.value)
        assert store.manifest("night-1") is None
        store.remove("night-1")
    assert keys(s3) == []


@pytest.mark.slow
def test_bucket_that_may_only_be_read_is_told_apart(
    s3: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with http_proxy(s3) as bucket:
        name_server(monkeypatch, bucket.url)
        bucket.refuses["probe"] = REFUSED
        store = open_store(ON_S3)
        assert not store.can_write()
        assert store.found() == set()


@pytest.mark.slow
def test_connection_that_breaks_while_fetching_leaves_no_half_adapter(
    s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with http_proxy(s3) as bucket:
        name_server(monkeypatch, bucket.url)
        store = open_store(ON_S3)
        store.put(made(tmp_path / "home"))
        cache = AdapterCache(store, tmp_path / "cache")
        bucket.cut_after = 100_000
        with pytest.raises(StoreFailed):
            cache.folder_of("night-1")
        assert [path for path in (tmp_path / "cache").iterdir() if path.is_dir()] == []
        bucket.cut_after = None
        assert contents(cache.folder_of("night-1")) == contents(tmp_path / "home" / "night-1")


def test_disk_that_is_full_here_is_not_said_to_be_the_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: Path, to: Path) -> None:
        to.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "shared").mkdir()
    store = open_store(str(tmp_path / "shared"))
    store.put(made(tmp_path / "home"))
    monkeypatch.setattr("serving.adapter_folder.copyfile", full)
    with pytest.raises(StoreFailed, match="This disk has no room for the adapter night-1"):
        AdapterCache(store, tmp_path / "cache").folder_of("night-1")
    assert [path for path in (tmp_path / "cache").iterdir() if path.is_dir()] == []


@pytest.mark.slow
def test_while_the_network_is_lost_a_copy_that_is_whole_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with s3_server() as address:
        name_server(monkeypatch, address)
        store = open_store(ON_S3)
        store.put(made(tmp_path / "home"))
        cache = AdapterCache(store, tmp_path / "cache")
        fetched = cache.folder_of("night-1")
    assert cache.folder_of("night-1") == fetched
    (fetched / WEIGHTS).write_bytes(b"changed")
    for name in ("night-1", "night-2"):
        with pytest.raises(StoreFailed, match="cannot be read or written"):
            cache.folder_of(name)
    with pytest.raises(StoreFailed, match="cannot be read or written"):
        store.put(tmp_path / "home" / "night-1")


def test_share_that_is_not_mounted_is_no_empty_address(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "none"))
    for ask in (store.found, store.can_write, lambda: store.manifest("night-1")):
        with pytest.raises(StoreFailed, match="does not exist"):
            ask()
    with pytest.raises(StoreFailed):
        store.put(made(tmp_path / "home"))
    assert not (tmp_path / "none").exists()


@pytest.mark.slow
def test_bucket_that_does_not_exist_is_named(s3: str) -> None:
    store = open_store("s3://nobodys/adapters")
    for ask in (store.found, store.can_write, lambda: store.manifest("night-1")):
        with pytest.raises(StoreFailed, match="no such bucket"):
            ask()
