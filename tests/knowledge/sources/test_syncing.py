"""Pages, sites and repositories are synced: what people can find afterwards."""

from collections.abc import Callable
from pathlib import Path

import pytest

from domain.collections import Collection
from domain.documents import IngestReport
from domain.errors import UnreadableSource
from knowledge.ingest import Ingestor
from knowledge.sources.base import Connector
from knowledge.sources.connectors import Connectors
from knowledge.sources.fetch import Fetcher
from knowledge.sources.site import SiteConnector
from knowledge.sources.visits import Visits
from records.database import Database
from tests.knowledge.sources.git_server import Repository
from tests.knowledge.sources.website import Reply, Website, page, with_etag
from tests.knowledge.test_sync import Office

SIGN_IN = page("<title>Sign in</title><form><input type=password></form>")


def written(text: str, *links: str) -> Reply:
    found = "".join(f"<a href='{link}'>{link}</a> " for link in links)
    return page(f"<h1>{text}</h1><p>This text says: {text}.</p>{found}")


class Syncing:
    """Syncs one collection with its real connector, again and again."""

    def __init__(
        self, office: Office, collection: Collection, make: Callable[[], Connector]
    ) -> None:
        self.office, self.collection, self.make = office, collection, make

    def again(self, *, dry_run: bool = False) -> IngestReport:
        return self.office.ingestor.sync(self.collection, self.make(), dry_run=dry_run)

    def counts(self) -> tuple[int, int, int, int, int]:
        """Added, updated, unchanged, removed, failed."""
        report = self.again()
        failed = len(report.failed)
        return report.added, report.updated, report.unchanged, report.removed, failed

    def found(self) -> set[str]:
        """What the team reads, without the words that are the same in all texts."""
        return {text.partition("says: ")[2].partition(".")[0] for text in self.readers("team:T1")}

    def readers(self, *labels: str) -> set[str]:
        return {text for text in self.office.readers(*labels) if "says: " in text}


@pytest.fixture
def office(db: Database, tmp_path: Path, fetcher: Fetcher) -> Office:
    made = Office(db, tmp_path)
    made.ingestor = Ingestor(made.index, made.embedder, made.sources, fetcher)
    return made


@pytest.fixture
def site(office: Office, website: Website, fetcher: Fetcher, tmp_path: Path) -> Syncing:
    address = f"{website.url}/docs/"

    def make() -> Connector:
        visits = Visits(fetcher, pause=0, sleep=lambda _seconds: None)
        return SiteConnector(address, fetcher, tmp_path / "site", visits=visits)

    website.pages |= {
        "/docs/": with_etag(written("Home", "a", "b", "c"), '"1"'),
        "/docs/a": with_etag(written("Tea"), '"2"'),
        "/docs/b": with_etag(written("Lunch"), '"3"'),
        "/docs/c": written("Supper"),
    }
    return Syncing(office, office.collection(address), make)


@pytest.mark.slow
def test_site_is_read_again_by_what_changed(site: Syncing, website: Website) -> None:
    assert site.counts() == (4, 0, 0, 0, 0)
    assert site.found() == {"Home", "Tea", "Lunch", "Supper"}
    assert site.readers("channel:T1:C1") == set()
    embedded = site.office.embedder.embedded
    assert site.counts() == (0, 0, 4, 0, 0)
    assert site.office.embedder.embedded == embedded
    website.pages["/docs/a"] = with_etag(written("Coffee"), '"4"')
    assert site.again(dry_run=True).updated == 1
    assert site.counts() == (0, 1, 3, 0, 0)
    assert site.found() == {"Home", "Coffee", "Lunch", "Supper"}


@pytest.mark.slow
def test_page_of_a_site_is_removed_when_it_is_gone_twice(site: Syncing, website: Website) -> None:
    site.again()
    del website.pages["/docs/b"]
    assert site.counts() == (0, 0, 3, 0, 1)
    assert "Lunch" in site.found()
    assert site.counts() == (0, 0, 3, 1, 0)
    assert site.found() == {"Home", "Tea", "Supper"}
    assert site.counts() == (0, 0, 3, 0, 0)
    website.pages["/docs/b"] = written("Lunch again")
    assert site.counts() == (1, 0, 3, 0, 0)


@pytest.mark.slow
@pytest.mark.parametrize("instead", [SIGN_IN, Reply(status=500), Reply(status=403)])
def test_pages_that_fail_keep_what_was_read(
    site: Syncing, website: Website, instead: Reply
) -> None:
    site.again()
    website.pages |= {"/docs/a": instead, "/docs/b": instead}
    for _ in range(2):
        report = site.again()
        assert len(report.failed) == 2
        assert site.found() == {"Home", "Tea", "Lunch", "Supper"}


@pytest.mark.slow
def test_pages_of_a_site_that_moved_are_known_by_their_new_addresses_only(
    site: Syncing, website: Website
) -> None:
    site.again()
    for path in ("/docs/a", "/docs/b", "/docs/c"):
        website.pages[f"{path}/"] = website.pages[path]
        website.pages[path] = Reply(status=301, headers={"Location": f"{path}/"})
    website.pages["/docs/b/"] = written("Dinner")
    website.pages["/docs/c/"] = Reply(status=500)
    report = site.again()
    assert (report.added, report.removed) == (2, 2)
    assert [one.source for one in report.failed] == [f"{website.url}/docs/c"]
    assert site.found() == {"Home", "Tea", "Dinner", "Supper"}
    website.pages["/docs/c/"] = written("Supper")
    assert site.counts() == (1, 0, 3, 1, 0)
    assert site.found() == {"Home", "Tea", "Dinner", "Supper"}


@pytest.mark.slow
@pytest.mark.parametrize("codes", [(404, 410), (410, 404)])
def test_page_that_is_gone_in_two_ways_is_removed(
    site: Syncing, website: Website, codes: tuple[int, int]
) -> None:
    site.again()
    removed = []
    for code in codes:
        website.pages["/docs/b"] = Reply(status=code)
        removed.append(site.again().removed)
    assert removed == [0, 1]


def test_site_that_cannot_be_read_keeps_everything(site: Syncing, website: Website) -> None:
    site.again()
    website.pages["/docs/"] = SIGN_IN
    with pytest.raises(UnreadableSource):
        site.again()
    website.pages["/robots.txt"] = Reply(status=503)
    with pytest.raises(UnreadableSource):
        site.again()
    assert site.found() == {"Home", "Tea", "Lunch", "Supper"}


def test_site_that_asks_to_come_later_keeps_the_rest(site: Syncing, website: Website) -> None:
    site.again()
    website.pages["/docs/a"] = Reply(status=429, headers={"Retry-After": "90000"})
    report = site.again()
    assert [one.source for one in report.failed] == [site.collection.uri]
    assert site.found() == {"Home", "Tea", "Lunch", "Supper"}


def test_page_that_must_not_be_kept_any_more_is_removed(site: Syncing, website: Website) -> None:
    site.again()
    website.pages["/docs/a"] = page("<p>Tea", X_Robots_Tag="noindex")
    assert site.again().removed == 1
    assert site.found() == {"Home", "Lunch", "Supper"}


@pytest.fixture
def single(office: Office, website: Website, fetcher: Fetcher, tmp_path: Path) -> Syncing:
    website.pages["/tea"] = with_etag(written("Tea"), '"1"')
    collection = office.collection(f"{website.url}/tea", kind="page")
    connectors = Connectors(fetcher, tmp_path)
    return Syncing(office, collection, lambda: connectors.connect(collection))


@pytest.mark.slow
def test_page_is_read_again_by_what_its_server_says(single: Syncing, website: Website) -> None:
    assert single.counts() == (1, 0, 0, 0, 0)
    assert single.counts() == (0, 0, 1, 0, 0)
    website.pages["/tea"] = SIGN_IN
    assert single.counts() == (0, 0, 0, 0, 1)
    website.pages["/tea"] = with_etag(written("Tea"), '"1"')
    assert single.counts() == (0, 0, 1, 0, 0)
    website.pages["/tea"] = with_etag(written("Coffee"), '"2"')
    assert single.counts() == (0, 1, 0, 0, 0)
    assert single.found() == {"Coffee"}


def test_page_that_moved_is_known_by_its_new_address_only(
    single: Syncing, website: Website
) -> None:
    single.again()
    embedded = single.office.embedder.embedded
    website.pages["/coffee"] = website.pages["/tea"]
    website.pages["/tea"] = Reply(status=301, headers={"Location": "/coffee"})
    single.again()
    rows = single.office.sources.members(single.collection.uri)
    assert [uri for uri, row in rows.items() if row.chunks] == [f"{website.url}/coffee"]
    assert single.found() == {"Tea"}
    assert single.office.embedder.embedded == embedded


def test_page_is_removed_when_it_is_gone_twice(single: Syncing, website: Website) -> None:
    single.again()
    del website.pages["/tea"]
    assert single.counts() == (0, 0, 0, 0, 1)
    assert single.found() == {"Tea"}
    assert single.counts() == (0, 0, 0, 1, 0)
    assert single.found() == set()


def test_page_of_a_busy_server_keeps_what_was_read(single: Syncing, website: Website) -> None:
    single.again()
    website.pages["/tea"] = Reply(status=429, headers={"Retry-After": "3600"})
    report = single.again()
    assert report.not_before
    (failed,) = report.failed
    assert f"to wait until {report.not_before:%Y-%m-%d %H:%M} UTC" in failed.reason
    assert single.found() == {"Tea"}


@pytest.mark.slow
def test_repository_is_read_again_by_what_changed(
    office: Office, tmp_path: Path, fetcher: Fetcher
) -> None:
    repository = Repository(tmp_path / "handbook")
    lunch, tea = "# Lunch\n\nThis text says: Lunch.", "# Tea\n\nThis text says: Tea."
    repository.commit(lunch=lunch, tea=tea, more="# More\n\nWords.")
    collection = office.collection(repository.uri, kind="git")
    connectors = Connectors(fetcher, tmp_path / "cache")
    syncing = Syncing(office, collection, lambda: connectors.connect(collection))
    assert syncing.counts() == (3, 0, 0, 0, 0)
    assert syncing.counts() == (0, 0, 3, 0, 0)
    embedded = office.embedder.embedded
    repository.git("mv", "tea.md", "drinks.md")
    repository.commit()
    assert syncing.counts() == (1, 0, 2, 1, 0)
    assert office.embedder.embedded == embedded
    assert syncing.found() == {"Lunch", "Tea"}
    repository.commit(lunch=lunch.replace("Lunch.", "Supper."))
    assert syncing.counts() == (0, 1, 2, 0, 0)
    assert syncing.found() == {"Supper", "Tea"}
    repository.folder.rename(tmp_path / "elsewhere")
    with pytest.raises(UnreadableSource):
        syncing.again()
    assert syncing.found() == {"Supper", "Tea"}
