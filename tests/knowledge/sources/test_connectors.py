from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.collections import Collection
from domain.errors import ConfigError, UnreadableSource
from domain.questions import Audience
from knowledge.sources.base import Connector, Entry, Fetched, Listing
from knowledge.sources.connectors import Connectors
from knowledge.sources.fetch import Fetcher
from knowledge.sources.files import FilesConnector
from knowledge.sources.git import GitConnector
from knowledge.sources.page import PageConnector
from knowledge.sources.site import SiteConnector
from tests.knowledge.sources.another_package import write_package
from tests.knowledge.sources.git_server import Repository


def collection(kind: str, uri: str, options: str = "") -> Collection:
    now = datetime(2026, 11, 26, tzinfo=UTC)
    return Collection(uri, kind, Audience.everyone(), "cli", now, options=options)


@pytest.fixture
def connectors(tmp_path: Path) -> Connectors:
    return Connectors(Fetcher(), tmp_path / "cache")


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package with a connector of its own, one that is broken, and one for a known kind."""
    packages = tmp_path / "packages"
    write_package(
        packages,
        "notes = team_notes:Notes",
        "broken = team_notes_2:Notes",
        "page = team_notes:Notes",
    )
    monkeypatch.syspath_prepend(packages)


@pytest.mark.parametrize(
    ("kind", "uri", "made"),
    [
        ("folder", "/srv/docs", FilesConnector),
        ("file", "/srv/docs/a.md", FilesConnector),
        ("page", "https://e.org/a", PageConnector),
        ("site", "https://e.org/docs/", SiteConnector),
        ("git", "git+https://e.org/r.git#main", GitConnector),
    ],
)
def test_each_kind_has_its_connector(
    connectors: Connectors, kind: str, uri: str, made: type[Connector]
) -> None:
    assert isinstance(connectors.connect(collection(kind, uri)), made)
    assert kind in connectors.kinds


def test_kind_that_is_unknown_is_refused(connectors: Connectors) -> None:
    with pytest.raises(ConfigError, match="kind notes"):
        connectors.connect(collection("notes", "notes:1"))


def test_options_that_make_no_sense_are_refused(connectors: Connectors) -> None:
    with pytest.raises(UnreadableSource, match="options"):
        connectors.connect(collection("site", "https://e.org/", "{"))


@pytest.mark.usefixtures("installed")
def test_other_packages_bring_connectors(connectors: Connectors) -> None:
    found = connectors.connect(collection("notes", "notes:lunch"))
    listing = found.list({}, "")
    assert listing == Listing((Entry("notes:lunch/1", "7"),))
    assert isinstance(found.read(Entry("notes:lunch/1"), ""), Fetched)
    assert {"notes", "site"} <= set(connectors.kinds)


@pytest.mark.usefixtures("installed")
def test_other_packages_replace_no_connector(connectors: Connectors) -> None:
    assert isinstance(connectors.connect(collection("page", "https://e.org/")), PageConnector)


@pytest.mark.usefixtures("installed")
def test_connector_that_cannot_be_loaded_is_said_in_one_line(connectors: Connectors) -> None:
    with pytest.raises(ConfigError, match="cannot be loaded"):
        connectors.connect(collection("broken", "broken:1"))


def test_what_was_kept_of_a_collection_is_deleted_with_it(
    connectors: Connectors, tmp_path: Path
) -> None:
    repository = Repository(tmp_path / "handbook")
    repository.commit(lunch="At noon.")
    kept, other = collection("git", repository.uri), collection("git", f"{repository.uri}#main")
    for one in (kept, other):
        connectors.connect(one).list({}, "")
    connectors.forget(kept)
    (left,) = (path for path in (tmp_path / "cache" / "git").iterdir() if path.is_dir())
    connectors.forget(other)
    assert not left.exists()
    assert not list((tmp_path / "cache" / "git").iterdir())
