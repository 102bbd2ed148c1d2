"""PHI3_ADAPTERS: what may be written there, and what the commands do with it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.checks import check_all
from cli.commands.every import app
from cli.environment import check_settings
from cli.settings import Settings
from cli.wiring import Container
from domain.adapters import Adapter, AdapterState
from domain.errors import StoreFailed
from serving.adapter_store import open_store
from tests.http_proxy import http_proxy
from tests.s3_server import BUCKET, REFUSED, keys, name_server, one_s3_server, s3, send
from training.publish import CONFIG, WEIGHTS, publish
from training.recipe import Recipe

__all__ = ["one_s3_server", "s3"]

ADDRESS = f"s3://{BUCKET}/adapters"


@pytest.fixture
def home(tmp_path: Path, s3: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose adapters are on S3; it has published two."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PHI3_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PHI3_ADAPTERS", ADDRESS)
    (tmp_path / "home").mkdir()
    with Container(Settings()) as container:
        for name in ("night-1", "night-2"):
            container.adapters.add(made(container, name))
    return tmp_path / "home"


def made(container: Container, name: str) -> Adapter:
    def write(folder: Path) -> None:
        (folder / WEIGHTS).write_bytes(b"weights")
        (folder / CONFIG).write_text("{}")

    folder = container.settings.home / "adapters"
    manifest = publish(folder, name, "tiny", Recipe(), ["a1"], write)
    path = container.adapter_places.publish(folder / name)
    now = datetime.now(UTC)
    return Adapter(name, "tiny", path, manifest.sha256, AdapterState.TRAINED, "run", now)


def phi3(*words: str) -> Any:
    done = CliRunner().invoke(app, [*words, "--json"], catch_exceptions=False)
    assert done.exit_code == 0
    return json.loads(done.stdout)


def says(part: str) -> tuple[bool, str]:
    found = next(finding for finding in check_all() if finding.part == part)
    return found.ok, found.says


@pytest.mark.slow
def test_adapters_on_s3_are_listed_promoted_and_rolled_back(home: Path) -> None:
    listed = phi3("adapters", "list")["adapters"]
    assert {one["path"] for one in listed} == {f"{ADDRESS}/night-1", f"{ADDRESS}/night-2"}
    assert phi3("promote", "night-1") == {"live": "night-1"}
    assert phi3("promote", "night-2") == {"live": "night-2"}
    assert phi3("rollback") == {"live": "night-1"}


@pytest.mark.slow
def test_adapter_that_is_damaged_at_its_address_does_not_become_live(home: Path, s3: str) -> None:
    phi3("promote", "night-1")
    for name in ("night-1", "night-2"):
        assert send(s3, "PUT", f"/{BUCKET}/adapters/{name}/{WEIGHTS}", b"others")[0] == 200
    copies = home / "cache" / "adapters"
    (copies / "night-2" / WEIGHTS).write_bytes(b"changed")
    with pytest.raises(StoreFailed, match="damaged at its address"):
        phi3("promote", "night-2")
    with Container(Settings()) as container:
        assert container.adapters.live_name() == "night-1"


@pytest.mark.slow
def test_doctor_says_what_can_be_done_at_the_address(
    home: Path, s3: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert says("adapters") == (True, f"{ADDRESS}, 2 published")
    with http_proxy(s3) as bucket:
        name_server(monkeypatch, bucket.url)
        bucket.refuses["probe"] = REFUSED
        ok, words = says("adapters")
    assert ok
    assert words.endswith("it can only be read here, so no night can publish")
    ok, words = says("adapters")  # the proxy is gone
    assert not ok
    assert "cannot be read or written" in words
    assert "\n" not in words


@pytest.mark.slow
def test_doctor_says_that_there_is_no_such_bucket(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHI3_ADAPTERS", "s3://nobodys")
    ok, words = says("adapters")
    assert not ok
    assert words.startswith("There is no such bucket")


def test_forgetting_names_adapters_whose_files_are_only_at_the_address(home: Path) -> None:
    from cli.forgetting import _learned
    from records.forgetting import Stored

    (home / "cache" / "adapters").rename(home / "elsewhere")
    stored = Stored(frozenset(), frozenset({"a1"}), frozenset())
    with Container(Settings()) as container:
        assert {one.name for one in _learned(container, stored)} == {"night-1", "night-2"}
        container.adapter_places.remove(["night-1"])
        assert {one.name for one in _learned(container, stored)} == {"night-2"}


@pytest.mark.slow
def test_without_a_bucket_nothing_is_fetched_and_one_line_says_why(home: Path, s3: str) -> None:
    for key in keys(s3):
        send(s3, "DELETE", f"/{BUCKET}/{key}")
    done = CliRunner().invoke(app, ["promote", "night-1"])
    assert done.exit_code == 1
    with Container(Settings()) as container:
        assert container.adapters.live() is None


@pytest.mark.parametrize(
    "address",
    [
        *("s3://", "s3://b", "s3://Bucket/x", "s3://key:secret@bucket/x", "s3://bucket/a//b"),
        *(
            "s3://bucket/a b",
            "gs://bucket/x",
            "http://host/x",
            "s3://bucket/../x\n",
            "s3://bucket?x",
        ),
    ],
)
def test_wrong_address_is_refused_without_being_repeated(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PHI3_ADAPTERS", address)
    wrong = check_settings().wrong["PHI3_ADAPTERS"]
    assert wrong.startswith("write ")
    assert "secret@" not in wrong


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("s3://bucket", "s3://bucket"),
        ("s3://bucket/", "s3://bucket"),
        ("s3://my.bucket-1/team/adapters/", "s3://my.bucket-1/team/adapters"),
        ("/srv/adapters", "/srv/adapters"),
    ],
)
def test_right_address_is_read(
    written: str, read: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PHI3_ADAPTERS", written)
    assert Settings().adapters == read


def test_adapters_directly_in_a_bucket_are_found(s3: str, tmp_path: Path) -> None:
    from tests.serving.test_adapter_store import made as folder

    store = open_store(f"s3://{BUCKET}")
    store.put(folder(tmp_path))
    assert store.found() == {"night-1"}
    assert store.can_write()
