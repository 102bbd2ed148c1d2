import gzip
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import ClassVar, Self

import pytest

from domain.errors import (
    ForbiddenSource,
    GoneSource,
    IngestError,
    UnreadableSource,
    UnsupportedSource,
)
from knowledge.readers.base import File
from knowledge.readers.page_problems import LOGIN
from knowledge.readers.reading import read
from knowledge.reading import Readers
from knowledge.sources import crawl, link_queue
from knowledge.sources.base import Entry, Listing
from knowledge.sources.fetch import Fetcher
from knowledge.sources.page import FIRST_PAGE
from knowledge.sources.robots import Robots
from knowledge.sources.site import SiteConnector
from knowledge.sources.site_options import SiteOptions
from knowledge.sources.visits import Visits
from tests.knowledge.sources.website import Reply, Website, page, redirect, with_etag

SIGN_IN = page("<title>Sign in</title><form><input type=password></form>")


class Reading:
    """Reads a site again and again, and keeps what an ingest would. Paths stand for addresses."""

    def __init__(self, website: Website, fetcher: Fetcher, readers: Readers, folder: Path) -> None:
        self.website, self.fetcher, self.readers, self.folder = website, fetcher, readers, folder
        self.options = SiteOptions()
        self.path = "/docs/"
        self.pause, self.seconds = 0.25, 7_200.0
        self.known: dict[str, str] = {}
        self.failed: dict[str, str] = {}
        self.skipped: dict[str, str] = {}
        self.read: list[str] = []
        self.slept: list[float] = []
        self.listing = Listing(())

    def again(self) -> set[str]:
        """The paths of all known pages afterwards."""
        self.website.asked.clear()
        self.slept.clear()
        self.read.clear()
        visits = Visits(
            self.fetcher, pause=self.pause, seconds=self.seconds, sleep=self.slept.append
        )
        connector = SiteConnector(
            self.website.url + self.path,
            self.fetcher,
            self.folder,
            self.options,
            readers=self.readers,
            visits=visits,
        )
        known = {self.website.url + path: version for path, version in self.known.items()}
        known |= {self.website.url + path: "" for path in self.failed if path in self.known}
        self.listing = connector.list(known, "")
        self.failed, self.skipped = {}, {}
        found: set[str] = set()
        for entry in self.listing.entries:
            path = self._path(entry.uri)
            found.add(path)
            self._read(connector, path, entry)
        if self.listing.later:
            self.listing = self.listing.later()
        self.failed |= {self._path(one.source): one.reason for one in self.listing.unreadable}
        self.skipped |= {self._path(one.source): one.reason for one in self.listing.skipped}
        gone = {self._path(uri) for uri in (*self.listing.gone, *self.listing.moved)}
        if self.listing.is_complete:
            gone |= self.known.keys() - found
        self.known = {path: it for path, it in self.known.items() if path not in gone}
        return set(self.known)

    def _read(self, connector: SiteConnector, path: str, entry: Entry) -> None:
        version = self.known.get(path, "")
        if entry.version and entry.version == version:
            return
        try:
            if found := connector.read(entry, version):
                assert isinstance(found.content, File)
                read(found.content)
                self.read.append(path)
                self.known[path] = found.version
        except UnsupportedSource as e:
            self.skipped[path] = e.public
        except IngestError as e:
            self.failed[path] = ("gone: " if isinstance(e, GoneSource) else "") + e.public

    def _path(self, address: str) -> str:
        assert address.startswith(self.website.url)
        return address.removeprefix(self.website.url)


@pytest.fixture
def reading(website: Website, fetcher: Fetcher, readers: Readers, tmp_path: Path) -> Reading:
    return Reading(website, fetcher, readers, tmp_path / "site")


def links(*paths: str, text: str = "Words.", head: str = "") -> Reply:
    found = "".join(f"<a href='{path}'>{path}</a> " for path in paths)
    return page(f"{head}<h1>{text}</h1><p>{text * 3}</p>{found}")


def site_map(*pages: tuple[str, str]) -> Reply:
    listed = "".join(
        f"<url><loc>{address}</loc><lastmod>{changed}</lastmod></url>" for address, changed in pages
    )
    text = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</urlset>'
    return Reply(text.encode(), headers={"Content-Type": "application/xml"})


def test_links_within_the_prefix_are_followed_to_the_depth(
    website: Website, reading: Reading
) -> None:
    website.pages |= {
        "/docs/": links("a", "/other", "https://other.example/docs/x", "a#top", "b?utm_source=x"),
        "/docs/a": links("c"),
        "/docs/b": links("/docs/"),
        "/docs/c": links("d"),
        "/docs/d": links("e"),
        "/docs/e": links(),
    }
    assert reading.again() == {"/docs/", "/docs/a", "/docs/b", "/docs/c", "/docs/d"}
    assert reading.skipped == {"/docs/e": crawl.TOO_DEEP}
    assert website.asked.count("/docs/a") == 1
    assert "/other" not in website.asked
    assert len(reading.slept) == len(website.asked) - 1


def test_unchanged_page_is_not_sent_again_and_its_links_are_followed(
    website: Website, reading: Reading
) -> None:
    website.pages |= {
        "/docs/": with_etag(links("a"), '"1"'),
        "/docs/a": with_etag(links("b"), '"2"'),
        "/docs/b": links(),
    }
    reading.again()
    website.pages["/docs/b"] = links(text="New.")
    assert reading.again() == {"/docs/", "/docs/a", "/docs/b"}
    assert reading.read == ["/docs/b"]
    (reading.folder / "links.json").write_text("{")
    assert reading.again() == {"/docs/", "/docs/a", "/docs/b"}
    assert reading.read == []


def test_known_page_stays_until_its_server_says_that_it_is_gone(
    website: Website, reading: Reading
) -> None:
    website.pages |= {"/docs/": links("a", "b"), "/docs/a": links(), "/docs/b": links()}
    reading.again()
    website.pages["/docs/"] = links()
    assert reading.again() == {"/docs/", "/docs/a", "/docs/b"}
    del website.pages["/docs/a"]
    website.pages["/docs/b"] = Reply(status=500)
    assert reading.again() == {"/docs/", "/docs/a", "/docs/b"}
    assert reading.failed["/docs/a"].startswith("gone")
    assert "500" in reading.failed["/docs/b"]


def test_broken_links_are_not_reported(website: Website, reading: Reading) -> None:
    website.pages["/docs/"] = links("gone", "slow")
    website.pages["/docs/slow"] = Reply(status=500)
    assert reading.again() == {"/docs/"}
    assert list(reading.failed) == ["/docs/slow"]


@pytest.mark.parametrize(
    "first", [Reply(status=500), Reply(status=404), SIGN_IN, redirect("/login"), redirect("in")]
)
def test_site_whose_first_page_fails_does_not_change(
    website: Website, reading: Reading, first: Reply
) -> None:
    website.pages |= {"/login": SIGN_IN, "/docs/in": SIGN_IN, "/docs/": first}
    with pytest.raises(IngestError):
        reading.again()


def test_site_that_cannot_be_reached_does_not_change(reading: Reading, fetcher: Fetcher) -> None:
    reading.website.url = "http://127.0.0.1:1"
    with pytest.raises(UnreadableSource):
        reading.again()
    reading.website.url = "http://10.0.0.1"
    with pytest.raises(ForbiddenSource):
        reading.again()


def test_robots_are_obeyed(website: Website, reading: Reading) -> None:
    rules = "User-agent: *\nDisallow: /docs/*/secret\nDisallow: /*.cgi$\nCrawl-delay: 3\n"
    website.pages |= {
        "/robots.txt": Reply(rules.encode()),
        "/docs/": links("a/secret", "run.cgi", "b"),
        "/docs/b": links(),
    }
    assert reading.again() == {"/docs/", "/docs/b"}
    assert reading.skipped == dict.fromkeys(
        ["/docs/a/secret", "/docs/run.cgi"], link_queue.FORBIDDEN
    )
    assert 3.0 in reading.slept
    assert not {"/docs/a/secret", "/docs/run.cgi"} & set(website.asked)


@pytest.mark.parametrize("status", [500, 503, 429])
def test_site_whose_robots_cannot_be_read_is_not_read(
    website: Website, reading: Reading, status: int
) -> None:
    website.pages |= {"/robots.txt": Reply(status=status), "/docs/": links()}
    with pytest.raises(UnreadableSource):
        reading.again()
    assert "/docs/" not in website.asked


@pytest.mark.parametrize("status", [401, 403, 404])
def test_site_without_robots_is_read(website: Website, reading: Reading, status: int) -> None:
    website.pages |= {"/robots.txt": Reply(status=status), "/docs/": links()}
    assert reading.again() == {"/docs/"}


def test_forbidden_site_is_said_to_be_forbidden(website: Website, reading: Reading) -> None:
    website.pages |= {"/robots.txt": Reply(b"User-agent: *\nDisallow: /"), "/docs/": links()}
    with pytest.raises(UnreadableSource, match="not to read it"):
        reading.again()


def test_pages_say_whether_they_are_kept_and_their_links_followed(
    website: Website, reading: Reading
) -> None:
    website.pages |= {
        "/docs/": links("a", "b", "c", "d"),
        "/docs/a": links("x", head="<meta name=robots content='noindex'>"),
        "/docs/b": links("y", head="<meta name=robots content='nofollow'>"),
        "/docs/c": page("<p>Words", X_Robots_Tag="none"),
        "/docs/d": page("<p>Words", X_Robots_Tag="googlebot: noindex, nofollow"),
        "/docs/x": links(),
        "/docs/y": links(),
    }
    assert reading.again() == {"/docs/", "/docs/b", "/docs/d", "/docs/x"}
    assert reading.skipped == dict.fromkeys(["/docs/a", "/docs/c"], crawl.NO_INDEX)


def test_several_addresses_of_one_page_are_read_once(website: Website, reading: Reading) -> None:
    website.pages |= {
        "/docs/": links("a", "old", "b/", "b", "print?p=1", "lonely"),
        "/docs/a": links(text="A."),
        "/docs/old": redirect("a", 301),
        "/docs/b": redirect("/docs/b/"),
        "/docs/b/": links(text="B."),
        "/docs/print?p=1": links(head="<link rel=canonical href=a>"),
        "/docs/lonely": links(head="<link rel=canonical href=nowhere>"),
    }
    assert reading.again() == {"/docs/", "/docs/a", "/docs/b/", "/docs/lonely"}
    assert reading.again() == {"/docs/", "/docs/a", "/docs/b/", "/docs/lonely"}
    assert reading.read == []


def test_page_and_its_twin_with_a_slash_may_be_two(website: Website, reading: Reading) -> None:
    website.pages |= {
        "/docs/": links("a", "a/", "b", "b/", "c", "c/"),
        "/docs/a/": links(text="A."),
        "/docs/b": links(text="B."),
        "/docs/b/": links(text="B."),
        "/docs/c": links(text="C."),
        "/docs/c/": links(text="Another C."),
    }
    for _ in range(2):
        assert reading.again() == {"/docs/", "/docs/a/", "/docs/b", "/docs/c", "/docs/c/"}


def test_pages_that_all_name_the_first_one_are_not_it(website: Website, reading: Reading) -> None:
    head = "<link rel=canonical href=/docs/>"
    website.pages |= {"/docs/": links("a", head=head), "/docs/a": links(head=head, text="A.")}
    assert reading.again() == {"/docs/", "/docs/a"}


@pytest.mark.parametrize("status", [301, 302])
def test_pages_that_get_a_slash_are_known_by_it(
    website: Website, reading: Reading, status: int
) -> None:
    names = [f"/docs/{n}" for n in range(5)]
    reading.path = "/docs"
    website.pages |= {"/docs": links(*names)} | {path: links(text=path) for path in names}
    reading.again()
    for path in ["/docs", *names]:
        website.pages[f"{path}/"] = website.pages[path]
        website.pages[path] = redirect(f"{path}/", status)
    website.pages["/docs/3/"] = links(text="New.")
    for _ in range(2):
        assert reading.again() == {"/docs/", *(f"{path}/" for path in names)}
        assert reading.failed == {}
    assert reading.read == []
    assert reading.listing.moved == {}


def test_pages_are_known_by_where_each_of_them_moved(website: Website, reading: Reading) -> None:
    names = ["a", "b", "c", "d"]
    website.pages |= {"/docs/": links(*names)} | {
        f"/docs/{name}": links(text=name) for name in names
    }
    reading.again()
    website.pages |= {
        "/docs/a": redirect("new/a", 301),
        "/docs/b": page("<meta http-equiv=refresh content='0; url=new/b'><p>moved"),
        "/docs/c": links(head="<link rel=canonical href=new/c>"),
        "/docs/d": redirect("d2", 301),
        "/docs/d2": redirect("new/d", 308),
    } | {f"/docs/new/{name}": links(text=name) for name in names}
    reading.again()
    url = website.url
    assert reading.listing.moved == {f"{url}/docs/{n}": f"{url}/docs/new/{n}" for n in names}
    assert reading.failed == {}


@pytest.mark.parametrize(("status", "count"), [(302, 1), (301, 2)])
def test_pages_that_lead_to_one_for_now_or_together_did_not_move_there(
    website: Website, reading: Reading, status: int, count: int
) -> None:
    names = [f"/docs/{n}" for n in range(count)]
    website.pages |= {"/docs/": links(*names)} | {path: links(text=path) for path in names}
    reading.again()
    website.pages |= dict.fromkeys(names, redirect("closed", status))
    website.pages["/docs/closed"] = links(text="We are closed today.")
    reading.again()
    assert reading.listing.moved == {}


def test_page_that_only_leads_on_is_the_page_there(website: Website, reading: Reading) -> None:
    website.pages |= {
        "/docs/": links("old"),
        "/docs/old": page("<meta http-equiv=refresh content='0; url=new'><p>moved"),
        "/docs/new": links(),
    }
    assert reading.again() == {"/docs/", "/docs/new"}


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("/login", crawl.LEADS_OUT),
        ("/docs/login", LOGIN),
        ("/docs/", FIRST_PAGE),
        ("https://sso.example/", "such host"),
    ],
)
def test_known_page_that_leads_elsewhere_is_kept_and_reported(
    website: Website, reading: Reading, target: str, says: str
) -> None:
    website.pages |= {
        "/docs/": links("a", "b"),
        "/docs/a": links(),
        "/docs/b": links(text="B."),
        "/login": SIGN_IN,
        "/docs/login": SIGN_IN,
    }
    everything = reading.again()
    website.pages |= dict.fromkeys(["/docs/a", "/docs/b"], redirect(target))
    if target.startswith("https"):
        reading.fetcher = Fetcher(seconds=2, allowed_private_hosts=["127.0.0.1"])
    assert reading.again() == everything
    if not target.startswith("https"):
        assert reading.failed == dict.fromkeys(["/docs/a", "/docs/b"], says)


def test_site_without_end_is_bounded_and_the_report_says_so(
    website: Website, reading: Reading
) -> None:
    website.otherwise = lambda path: (
        links(f"{path.rstrip('/')}/{len(path)}", f"{path.rstrip('/')}/x{len(path)}")
        if path.startswith("/docs")
        else Reply(status=404)
    )
    reading.options = SiteOptions(depth=20, pages=30)
    assert len(reading.again()) == 30
    assert reading.skipped["/docs/"] == "pages beyond the first 30 are not read"
    assert reading.failed == {}
    assert not reading.listing.is_complete
    reading.options = SiteOptions(depth=3)
    assert len(reading.again()) == 30
    assert reading.listing.is_complete


def test_addresses_that_a_site_makes_without_end_are_left_out(
    website: Website, reading: Reading
) -> None:
    days = [f"calendar?day={day}" for day in range(80)]
    website.pages |= {
        "/docs/": links(*days, "x/x/x/x", "/docs/" + "/".join("abcdefghijklmnopqrst")),
    }
    website.otherwise = lambda path: links() if path.startswith("/docs/") else Reply(status=404)
    found = reading.again()
    assert len(found) == 51
    assert set(reading.skipped.values()) == {link_queue.ENDLESS}
    assert len(reading.skipped) == 32


def test_known_page_that_leads_to_a_forbidden_login_is_kept_and_reported(
    website: Website, reading: Reading
) -> None:
    website.pages |= {
        "/robots.txt": Reply(b"User-agent: *\nDisallow: /docs/login"),
        "/docs/": links("a", "b"),
        "/docs/a": links(),
        "/docs/b": links(text="B."),
        "/docs/login": SIGN_IN,
    }
    everything = reading.again()
    website.pages |= {
        "/docs/a": redirect("/docs/login"),
        "/docs/b": redirect("/docs/login"),
        "/docs/new": redirect("/docs/login"),
        "/docs/": links("new", text="New."),
    }
    assert reading.again() == everything
    assert reading.failed == dict.fromkeys(["/docs/a", "/docs/b"], link_queue.FORBIDDEN)


def test_known_page_that_becomes_a_picture_is_kept_and_reported(
    website: Website, reading: Reading
) -> None:
    website.pages |= {"/docs/": links("a"), "/docs/a": links()}
    everything = reading.again()
    website.pages["/docs/a"] = Reply(b"x", headers={"Content-Type": "image/png"})
    assert reading.again() == everything
    assert reading.listing.gone == ()


def test_known_pages_are_looked_at_though_a_site_has_too_many_links(
    website: Website, reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {f"/docs/{n}" for n in range(10)}
    website.pages |= {"/docs/": links(*known)} | {path: links(text=path) for path in known}
    everything = reading.again()
    monkeypatch.setattr(link_queue, "_MOST_SEEN", 20)
    days = [f"a/a/a/{day}" for day in range(30)]
    website.pages["/docs/"] = links(*days, *known, "/docs/new", text="New.")
    assert reading.again() == everything
    assert known <= set(website.asked)
    assert not reading.listing.is_complete
    assert reading.skipped["/docs/"] == link_queue.TOO_MANY
    del website.pages["/docs/3"]
    assert reading.again() == everything
    assert reading.failed["/docs/3"].startswith("gone")


def test_busy_server_is_waited_for_and_then_left_alone(website: Website, reading: Reading) -> None:
    answers = iter([Reply(status=429, headers={"Retry-After": "7"}), links("b", "c")])
    website.pages |= {
        "/docs/": lambda _: next(answers, links("b", "c")),
        "/docs/b": links(),
        "/docs/c": links(),
    }
    everything = reading.again()
    assert everything == {"/docs/", "/docs/b", "/docs/c"}
    assert 7.0 in reading.slept
    website.pages["/docs/b"] = Reply(status=503, headers={"Retry-After": "86400"})
    assert reading.again() == everything
    assert reading.failed == {"/docs/": "its server asks not to be read for some time"}
    assert "/docs/c" not in website.asked


def test_server_that_fails_again_and_again_is_left_alone(
    website: Website, reading: Reading
) -> None:
    website.pages["/docs/"] = links(*(f"p{n}" for n in range(20)))
    website.otherwise = lambda path: Reply(status=502 if path.startswith("/docs") else 404)
    assert reading.again() == {"/docs/"}
    assert "5 times in a row" in reading.failed["/docs/"]
    assert len(website.asked) == 8


def test_time_for_a_site_is_bounded(website: Website, fetcher: Fetcher) -> None:
    website.otherwise = lambda _path: links()
    visits = Visits(fetcher, pause=4, seconds=10, sleep=lambda _seconds: None)
    for n in range(4):
        visits.page(f"{website.url}/{n}")
    with pytest.raises(UnreadableSource, match="took longer"):
        visits.page(f"{website.url}/9")
    assert len(website.asked) == 4


class SlowRobots(Robots):
    """Rules of which each question takes a minute."""

    asked: ClassVar[list[str]] = []

    def allow(self, address: str) -> bool:
        self.asked.append(address)
        return True

    @classmethod
    def monotonic(cls) -> float:
        return 60.0 * len(cls.asked)


def test_time_for_the_links_of_a_page_counts(
    website: Website, reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    website.pages |= {"/docs/": links("a"), "/docs/a": links()}
    everything = reading.again()
    website.pages["/docs/"] = links(*(f"p{n}" for n in range(500)), text="New.")
    SlowRobots.asked.clear()
    monkeypatch.setattr("knowledge.sources.site.Robots", SlowRobots)
    monkeypatch.setattr("knowledge.sources.visits.time", SlowRobots)
    assert reading.again() == everything
    assert len(SlowRobots.asked) < 130
    assert "took longer" in reading.failed["/docs/"]
    assert not reading.listing.is_complete


def test_map_says_what_pages_there_are(website: Website, reading: Reading) -> None:
    url = website.url
    website.pages |= {
        "/robots.txt": Reply(
            f"Sitemap: {url}/maps.xml\nSitemap: http://10.0.0.1/x\nSitemap: http://[".encode()
        ),
        "/maps.xml": Reply(
            f"<sitemapindex><sitemap><loc>{url}/one.xml.gz</loc></sitemap><sitemap><loc>{url}/two.txt"
            f"</loc></sitemap><sitemap><loc>{url}/maps.xml</loc></sitemap></sitemapindex>".encode()
        ),
        "/one.xml.gz": Reply(gzip.compress(site_map((f"{url}/docs/a", "")).body)),
        "/two.txt": Reply(f"{url}/docs/b\n{url}/other\nhttps://other.example/docs/c\n".encode()),
        "/docs/a": links("d"),
        "/docs/b": links(),
    }
    assert reading.again() == {"/docs/a", "/docs/b"}
    assert "/docs/d" not in website.asked


class Later(datetime):
    """Tells the time some days from now."""

    days = 0

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return super().now(tz) + timedelta(cls.days)


def test_page_with_the_known_date_in_the_map_is_not_asked_for(
    website: Website, reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("knowledge.sources.site.datetime", Later)
    url = website.url
    old = [(f"{url}/docs/{n}", f"2024-01-{n + 1:02}") for n in range(9)]
    website.pages["/sitemap.xml"] = site_map(*old)
    website.otherwise = lambda path: links() if path.startswith("/docs/") else Reply(status=404)
    everything = reading.again()
    assert len(everything) == 9
    for days, asked in ((0, 0), (6, 0), (7, 9), (13, 0), (14, 9), (21, 9)):
        monkeypatch.setattr(Later, "days", days)
        assert reading.again() == everything
        assert sum(path.startswith("/docs") for path in website.asked) == asked
    website.pages["/sitemap.xml"] = site_map((old[0][0], "2024-05-01"), *old[1:])
    assert reading.again() == everything
    assert [path for path in website.asked if path.startswith("/docs")] == ["/docs/0"]


def test_page_that_was_looked_at_and_not_kept_is_asked_for_again(
    website: Website, reading: Reading
) -> None:
    """As by a reading that only says what would change."""
    url = website.url
    website.pages |= {
        "/sitemap.xml": site_map((f"{url}/docs/a", "2024-01-01"), (f"{url}/docs/b", "2024-01-02")),
        "/docs/a": links(),
        "/docs/b": links(),
    }
    reading.again()
    before = dict(reading.known)
    (reading.folder / "looks.json").write_text("{")
    website.pages["/docs/a"] = links(text="New.")
    reading.again()
    reading.known = before
    reading.again()
    assert reading.read == ["/docs/a"]


def test_pages_behind_the_limit_of_time_are_read_the_next_times(
    website: Website, reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("knowledge.sources.site.datetime", Later)
    names = [f"/docs/{n}" for n in range(10)]
    website.pages["/sitemap.xml"] = site_map(*((website.url + path, "") for path in names))
    website.pages |= {path: links(text=path) for path in names}
    website.pages["/docs/2"] = Reply(status=403)
    reading.pause, reading.seconds = 10, 45
    for days, first in ((0, 0), (1, 4), (2, 8)):
        monkeypatch.setattr(Later, "days", days)
        reading.again()
        assert [path for path in website.asked if path in names] == [
            f"/docs/{n % 10}" for n in range(first, first + 4)
        ]
        assert "took longer" in reading.failed["/docs/"]
    assert reading.known.keys() == {*names} - {"/docs/2"}


@pytest.mark.parametrize("changed", ["", "soon", "2999-01-01", "2024-01-01"])
def test_dates_that_say_nothing_are_not_believed(
    website: Website, reading: Reading, changed: str
) -> None:
    """Among them those that are the same for all pages."""
    url = website.url
    website.pages |= {
        "/sitemap.xml": site_map((f"{url}/docs/a", changed), (f"{url}/docs/b", changed)),
        "/docs/a": links(),
        "/docs/b": links(),
    }
    reading.again()
    website.pages["/docs/a"] = links(text="New.")
    reading.again()
    assert reading.read == ["/docs/a"]


def test_pages_that_the_map_lists_no_more_stay_until_they_are_gone(
    website: Website, reading: Reading
) -> None:
    url = website.url
    website.pages |= {
        "/sitemap.xml": site_map((f"{url}/docs/a", ""), (f"{url}/docs/b", "")),
        "/docs/a": links(),
        "/docs/b": links(),
    }
    reading.again()
    website.pages["/sitemap.xml"] = site_map((f"{url}/docs/a", ""))
    assert reading.again() == {"/docs/a", "/docs/b"}
    del website.pages["/docs/b"]
    reading.again()
    assert reading.failed["/docs/b"].startswith("gone")


def test_listed_page_that_must_not_be_kept_is_left_out_and_a_known_one_is_gone(
    website: Website, reading: Reading
) -> None:
    url = website.url
    hidden = links(head="<META NAME=ROBOTS CONTENT=NOINDEX>")
    website.pages |= {
        "/sitemap.xml": site_map((f"{url}/docs/a", ""), (f"{url}/docs/b", "")),
        "/docs/a": links(),
        "/docs/b": hidden,
    }
    assert reading.again() == {"/docs/a"}
    assert reading.skipped == {"/docs/b": crawl.NO_INDEX}
    website.pages["/docs/a"] = hidden
    for _ in range(2):
        reading.again()
        assert reading.failed == {"/docs/a": f"gone: {crawl.NO_INDEX}"}


@pytest.mark.parametrize(
    ("target", "says"), [("/docs/", FIRST_PAGE), ("/docs/hidden", link_queue.FORBIDDEN)]
)
def test_page_of_a_map_that_leads_elsewhere_is_kept_and_reported(
    website: Website, reading: Reading, target: str, says: str
) -> None:
    url = website.url
    website.pages |= {
        "/robots.txt": Reply(b"User-agent: *\nDisallow: /docs/hidden"),
        "/sitemap.xml": site_map((f"{url}/docs/", ""), (f"{url}/docs/a", "")),
        "/docs/": links(),
        "/docs/a": links(text="A."),
        "/docs/hidden": links(text="Hidden."),
    }
    assert reading.again() == {"/docs/", "/docs/a"}
    website.pages["/docs/a"] = redirect(target)
    before = dict(reading.known)
    for _ in range(2):
        reading.again()
        assert reading.known == before
        assert {**reading.failed, **reading.skipped} == {"/docs/a": says}


def test_page_of_a_map_that_was_read_where_it_must_not_be_now_is_reported(
    website: Website, reading: Reading
) -> None:
    website.pages |= {
        "/sitemap.xml": site_map((f"{website.url}/docs/a", "")),
        "/docs/a": redirect("/docs/hidden"),
        "/docs/hidden": with_etag(links(), '"1"'),
    }
    assert reading.again() == {"/docs/a"}
    website.pages["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /docs/hidden")
    reading.again()
    assert reading.skipped == {"/docs/a": link_queue.FORBIDDEN}


def test_pages_of_a_map_that_get_a_slash_are_known_by_it(
    website: Website, reading: Reading
) -> None:
    url = website.url
    names = ["/docs/a", "/docs/b"]
    website.pages |= {path: links(text=path) for path in names}
    website.pages["/sitemap.xml"] = site_map(*((url + path, "") for path in names))
    reading.again()
    website.pages |= {path: redirect(f"{path}/") for path in names}
    website.pages["/docs/a/"] = links(text="A.")
    website.pages["/docs/b/"] = links(text="B.")
    website.pages["/sitemap.xml"] = site_map((f"{url}/docs/a/", ""))
    assert reading.again() == {"/docs/a/", "/docs/b"}
    assert reading.listing.moved == {f"{url}/docs/a": f"{url}/docs/a/"}


def test_first_page_of_a_map_may_get_another_address(website: Website, reading: Reading) -> None:
    website.pages |= {"/sitemap.xml": site_map((f"{website.url}/docs", "")), "/docs": links()}
    reading.path = "/docs"
    reading.again()
    website.pages |= {"/docs": redirect("/docs/"), "/docs/": links(text="New.")}
    assert reading.again() == {"/docs"}
    assert (reading.read, reading.failed) == (["/docs"], {})


def test_server_of_a_map_that_fails_again_and_again_is_left_alone(
    website: Website, reading: Reading
) -> None:
    names = [f"/docs/{n}" for n in range(20)]
    website.pages["/sitemap.xml"] = site_map(*((website.url + path, "") for path in names))
    website.pages |= {path: links(text=path) for path in names}
    everything = reading.again()
    before = dict(reading.known)
    website.pages |= dict.fromkeys(names, Reply(status=502))
    assert reading.again() == everything
    assert reading.known == before
    assert len(reading.failed) == 6
    assert "5 times in a row" in reading.failed["/docs/"]
    assert not reading.listing.is_complete


def test_map_that_is_too_long_is_cut_and_the_report_says_so(
    website: Website, reading: Reading
) -> None:
    pages = [(f"{website.url}/docs/{n}", "") for n in range(20)]
    website.pages["/sitemap.xml"] = site_map(*pages)
    website.otherwise = lambda path: links() if path.startswith("/docs/") else Reply(status=404)
    reading.options = SiteOptions(pages=5)
    assert len(reading.again()) == 5
    assert reading.skipped == {"/docs/": "pages beyond the first 5 are not read"}
    assert not reading.listing.is_complete


@pytest.mark.parametrize(
    "wrong",
    [
        b"<html><p>not found",
        b"",
        b"\x1f\x8bnot packed",
        b"<!DOCTYPE x [<!ENTITY a 'aaaa'>]><urlset><url><loc>&a;</loc></url></urlset>",
        b"\0\1\2",
    ],
)
def test_without_a_map_the_links_are_followed(
    website: Website, reading: Reading, wrong: bytes
) -> None:
    website.pages |= {"/sitemap.xml": Reply(wrong), "/docs/": links("a"), "/docs/a": links()}
    assert reading.again() == {"/docs/", "/docs/a"}


def test_file_that_a_page_links_to_is_read_too(website: Website, reading: Reading) -> None:
    website.pages |= {
        "/docs/": links("notes.md", "photo.png"),
        "/docs/notes.md": Reply(b"# Notes", headers={"Content-Type": "text/markdown"}),
        "/docs/photo.png": Reply(b"x", headers={"Content-Type": "image/png"}),
    }
    assert reading.again() == {"/docs/", "/docs/notes.md"}
    assert list(reading.skipped) == ["/docs/photo.png"]


def test_pages_are_found_and_read_one_by_one(website: Website, reading: Reading) -> None:
    website.pages |= {"/docs/": links("a", "b"), "/docs/a": links(), "/docs/b": links()}
    visits = Visits(reading.fetcher, pause=0)
    connector = SiteConnector(
        f"{website.url}/docs/",
        reading.fetcher,
        reading.folder,
        readers=reading.readers,
        visits=visits,
    )
    entries = iter(connector.list({}, "").entries)
    assert connector.read(next(entries), "")
    assert "/docs/a" not in website.asked
    assert connector.read(next(entries), "")
    assert "/docs/b" not in website.asked
    assert website.asked.count("/docs/a") == 1


def test_pages_that_need_a_login_are_left_out_if_they_were_never_read(
    website: Website, reading: Reading
) -> None:
    website.pages |= {
        "/docs/": links("login", "staff", "shell", "a"),
        "/docs/login": SIGN_IN,
        "/docs/staff": Reply(status=403),
        "/docs/shell": page("<div id=root></div><script src=x></script>"),
        "/docs/a": links(),
    }
    assert reading.again() == {"/docs/", "/docs/a"}
    assert list(reading.skipped) == ["/docs/login", "/docs/staff", "/docs/shell"]
    assert reading.failed == {}
    website.pages["/docs/a"] = Reply(status=403)
    assert reading.again() == {"/docs/", "/docs/a"}
    assert "asks for a login" in reading.failed["/docs/a"]
