"""Nights that publish at an address, for servers on other machines."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from domain.adapters import Adapter, AdapterState, Outcome
from domain.errors import StoreFailed
from records.adapters import Adapters
from records.database import Database
from records.runs import Runs
from serving.adapter_cache import AdapterCache
from serving.adapter_places import AdapterPlaces
from serving.adapter_store import open_store
from tests.http_proxy import http_proxy
from tests.records.databases import migrated_sqlite
from tests.s3_server import BUCKET, FULL, REFUSED, keys, name_server, one_s3_server, s3
from tests.serving.conftest import running
from tests.serving.test_adapter_store import made
from tests.training.makers import NOW
from tests.training.nights import keep, nightly, rows
from training.publish import WEIGHTS, verify

__all__ = ["one_s3_server", "s3"]

ADDRESS = f"s3://{BUCKET}/adapters"


@pytest.fixture
def db(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    template = tmp_path_factory.getbasetemp() / "publishing" / "phi3.db"
    template.parent.mkdir(exist_ok=True)
    with closing(Database(migrated_sqlite(tmp_path / "phi3.db", template))) as database:
        yield database


def places(home: Path, address: str = ADDRESS) -> AdapterPlaces:
    return AdapterPlaces(AdapterCache(open_store(address), home / "cache" / "adapters"))


def folders(home: Path) -> set[str]:
    """The adapters' folders in a home, whole or not."""
    found = [*(home / "adapters").iterdir(), *(home / "cache" / "adapters").glob("*")]
    return {path.name for path in found if path.is_dir()}


def adapter(name: str, path: str, state: AdapterState = AdapterState.TRAINED) -> Adapter:
    return Adapter(name, "tiny-phi3", path, "0", state, "run", NOW)


@pytest.mark.slow
def test_night_publishes_what_another_machines_server_answers_with(
    db: Database, tmp_path: Path, tiny: Path, s3: str
) -> None:
    keep(db, rows(60))
    there = AdapterCache(open_store(ADDRESS), tmp_path / "elsewhere")
    with running(tiny, copies=there) as server:
        night = nightly(db, tmp_path, server.client, tiny, places=places(tmp_path))
        run = night.run(NOW)
        assert run.outcome is Outcome.PROMOTED
        live = Adapters(db).live()
        assert live is not None
        assert live.path == f"{ADDRESS}/{run.adapter}"
        assert server.engine.adapters == {live.name: str(tmp_path / "elsewhere" / live.name)}
    assert verify(places(tmp_path).folder_of(live)).sha256 == live.sha256
    assert folders(tmp_path) == {live.name}


@pytest.mark.slow
@pytest.mark.parametrize("reply", [FULL, REFUSED])
def test_night_whose_bucket_is_full_fails_in_one_line_and_leaves_nothing(
    db: Database,
    tmp_path: Path,
    tiny: Path,
    s3: str,
    monkeypatch: pytest.MonkeyPatch,
    reply: tuple[int, bytes],
) -> None:
    keep(db, rows(60))
    with http_proxy(s3) as bucket, running(tiny) as server:
        name_server(monkeypatch, bucket.url)
        bucket.refuses[WEIGHTS] = reply
        night = nightly(db, tmp_path, server.client, tiny, places=places(tmp_path))
        with pytest.raises(StoreFailed):
            night.run(NOW)
        [run] = Runs(db).latest()
        assert run.outcome is Outcome.FAILED
        assert run.reason.startswith("The bucket of PHI3_ADAPTERS")
        assert "\n" not in run.reason
        assert Adapters(db).all() == []
        assert folders(tmp_path) == set()
        # The next one removes what came through.
        again = nightly(db, tmp_path, server.client, tiny, places=places(tmp_path), minimum=400)
        assert again.run(NOW + timedelta(days=1)).outcome is Outcome.SKIPPED
    assert keys(s3) == []


@pytest.mark.slow
def test_night_that_cannot_publish_does_not_train(
    db: Database, tmp_path: Path, tiny: Path, s3: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(db, rows(60))
    with http_proxy(s3) as bucket, running(tiny) as server:
        name_server(monkeypatch, bucket.url)
        bucket.refuses["probe"] = REFUSED
        steps = list[object]()
        night = nightly(
            *(db, tmp_path, server.client, tiny), places=places(tmp_path), progress=steps.append
        )
        with pytest.raises(StoreFailed, match="PHI3_ADAPTERS cannot be written"):
            night.run(NOW)
        assert steps == []


@pytest.mark.slow
@pytest.mark.parametrize("address", ["folder", ADDRESS])
def test_next_night_removes_what_a_killed_one_published_and_nothing_of_others(
    db: Database, tmp_path: Path, tiny: Path, s3: str, address: str
) -> None:
    if address == "folder":
        address = str(tmp_path / "shared")
        Path(address).mkdir()
    store = open_store(address)
    for name in ("killed", "first", "second", "live", "anothers"):
        store.put(made(tmp_path / "made", name))
    runs, adapters = Runs(db), Adapters(db)
    dead = runs.begin("killed", NOW)
    assert dead.outcome is Outcome.RUNNING
    for name in ("live", "first", "second"):
        adapters.add(adapter(name, store.where(name)))
    adapters.promote("live", NOW)
    for name in ("first", "second"):
        adapters.reject(name)

    with running(tiny) as server:
        night = nightly(db, tmp_path, server.client, tiny, places=places(tmp_path, address))
        night.run(NOW + timedelta(days=1))

    latest = next(one.name for one in adapters.all() if one.state is AdapterState.REJECTED)
    assert store.found() == {"live", "anothers", latest}


@pytest.mark.slow
def test_adapter_that_was_made_before_there_was_an_address_is_published(
    tmp_path: Path, s3: str
) -> None:
    older = adapter("night-0", str(made(tmp_path / "home" / "adapters", "night-0")))
    elsewhere = adapter("night-1", str(tmp_path / "nowhere" / "night-1"))
    places(tmp_path).publish_older([older, elsewhere])
    assert open_store(ADDRESS).found() == {"night-0"}
    on_another_machine = adapter("night-0", "/nowhere/adapters/night-0")
    assert verified_weights(places(tmp_path / "b").folder_of(on_another_machine))


def test_older_adapter_that_a_killed_process_published_by_half_is_published(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    (shared / ".half-night-0").mkdir(parents=True)
    older = adapter("night-0", str(made(tmp_path / "home" / "adapters", "night-0")))
    places(tmp_path, str(shared)).publish_older([older])
    assert verified_weights(shared / "night-0")
    assert open_store(str(shared)).manifest("night-0")


def verified_weights(folder: Path) -> bytes:
    return (folder / WEIGHTS).read_bytes()


def test_without_the_address_its_adapters_are_named_as_missing(tmp_path: Path) -> None:
    with pytest.raises(StoreFailed, match="set PHI3_ADAPTERS"):
        AdapterPlaces().folder_of(adapter("night-1", f"{ADDRESS}/night-1"))


def test_night_may_publish_in_the_very_folder_that_it_writes_to(tmp_path: Path) -> None:
    folder = made(tmp_path / "adapters")
    kept = places(tmp_path, str(tmp_path / "adapters")).publish(folder)
    assert kept == str(folder)
    assert verified_weights(folder)
