from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import GoneSource, UnreadableSource
from knowledge.readers.base import File
from knowledge.readers.page_problems import LOGIN
from knowledge.readers.reading import read
from knowledge.reading import Readers
from knowledge.sources.base import Entry, Fetched
from knowledge.sources.download import ServerIsBusy
from knowledge.sources.fetch import Fetcher
from knowledge.sources.network import ServerFailed
from knowledge.sources.page import PageConnector
from knowledge.sources.page_version import PageVersion
from tests.knowledge.sources.website import Reply, Website, page, redirect, with_etag

LUNCH = page("<h1>Lunch</h1><p>Lunch is served at noon.</p>")
TEA = page("<h1>Tea</h1><p>Tea is served at four.</p>")
FILES = Path(__file__).parents[1] / "files"
SIGN_IN = page("<title>Sign in</title><form><input type=password></form>")


class Reading:
    """Reads a page again and again, and keeps what an ingest would."""

    def __init__(self, address: str, fetcher: Fetcher, readers: Readers) -> None:
        self.address, self.fetcher, self.readers = address, fetcher, readers
        self.known: dict[str, str] = {}
        self.texts: dict[str, bytes] = {}

    def again(self) -> str:
        """What was done: read, unchanged, or the error."""
        connector = PageConnector(self.address, self.fetcher, self.readers)
        listing = connector.list(self.known, "")
        (entry,) = listing.entries
        assert not listing.gone
        known = self.known.get(entry.uri, "")
        if entry.version and entry.version == known:
            return "unchanged"
        try:
            if (found := connector.read(entry, known)) is None:
                return "unchanged"
            assert isinstance(found.content, File)
            read(found.content)
        except UnreadableSource as e:
            return str(e)
        for uri in listing.moved:
            self.known.pop(uri)
            self.texts.pop(uri)
        self.known[entry.uri] = found.version
        self.texts[entry.uri] = found.content.content
        return "read"


@pytest.fixture
def reading(website: Website, fetcher: Fetcher, readers: Readers) -> Reading:
    return Reading(f"{website.url}/lunch", fetcher, readers)


@pytest.mark.parametrize("etag", ['"1"', 'W/"1"', "unquoted", '"1-gzip"'])
def test_page_with_the_known_etag_is_not_sent_again(
    website: Website, reading: Reading, etag: str
) -> None:
    website.pages["/lunch"] = with_etag(LUNCH, etag)
    assert [reading.again(), reading.again()] == ["read", "unchanged"]
    website.pages["/lunch"] = with_etag(TEA, '"2"')
    assert reading.again() == "read"
    assert list(reading.texts.values()) == [TEA.body]


def test_page_is_asked_for_by_its_date(website: Website, fetcher: Fetcher) -> None:
    monday = "Mon, 02 Nov 2026 10:00:00 GMT"
    website.pages["/lunch"] = page("<p>Lunch", Last_Modified=monday)
    found = fetcher.page(f"{website.url}/lunch")
    assert found is not None
    assert found.modified == datetime(2026, 11, 2, 10, tzinfo=UTC)
    website.pages["/lunch"] = lambda headers: Reply(
        b"<p>Tea", 304 if headers.get("If-Modified-Since") == monday else 200
    )
    assert fetcher.page(f"{website.url}/lunch", found.version) is None


def test_page_that_changes_twice_in_a_second_is_read_twice(
    website: Website, reading: Reading
) -> None:
    """As web servers do for files, it says 304 to those who saw it in the second of its change."""
    text = b"<p>Pike"

    def answer(headers: Mapping[str, str]) -> Reply:
        this_second = formatdate(usegmt=True)
        known = headers.get("If-Modified-Since")
        return Reply(b"", 304) if known else Reply(text, 200, {"Last-Modified": this_second})

    website.pages["/lunch"] = answer
    assert reading.again() == "read"
    text = b"<p>Carp"
    assert reading.again() == "read"
    assert list(reading.texts.values()) == [text]


@pytest.mark.parametrize(
    "date", ["", "yesterday", "Mon, 02 Nov 2099 10:00:00 GMT", "Mon, 02 Nov 1970 10:00:00 GMT", "9"]
)
def test_date_that_makes_no_sense_is_not_believed(
    website: Website, fetcher: Fetcher, date: str
) -> None:
    website.pages["/lunch"] = page("<p>Lunch", Last_Modified=date)
    found = fetcher.page(f"{website.url}/lunch")
    assert found is not None
    assert found.modified is None


def test_server_that_ignores_what_is_known_is_compared_with(
    website: Website, reading: Reading
) -> None:
    website.pages["/lunch"] = LUNCH
    assert [reading.again(), reading.again()] == ["read", "unchanged"]


def test_unchanged_is_not_believed_when_nothing_was_read(
    website: Website, reading: Reading
) -> None:
    website.pages["/lunch"] = Reply(status=304)
    assert "304" in reading.again()
    assert reading.known == {}


def test_what_is_known_of_a_page_is_sent_to_no_other_one(
    website: Website, reading: Reading
) -> None:
    """An older login page would say that it is unchanged since then."""
    website.pages["/lunch"] = with_etag(LUNCH, '"1"')
    reading.again()
    website.pages["/lunch"] = redirect("/login")
    website.pages["/login"] = with_etag(SIGN_IN, '"1"')
    assert reading.again() == LOGIN


def test_page_is_read_again_for_another_reader_although_it_is_unchanged(
    website: Website, reading: Reading, fetcher: Fetcher, readers: Readers
) -> None:
    website.pages["/lunch"] = with_etag(LUNCH, '"1"')
    reading.again()
    connector = PageConnector(reading.address, fetcher, readers)
    (entry,) = connector.list(reading.known, "").entries
    assert entry.version
    assert isinstance(connector.read(entry, ""), Fetched)


@pytest.mark.parametrize("address", ["/lunch?utm_source=mail&fbclid=1#top", "/lunch#kitchen"])
def test_marks_of_campaigns_and_fragments_name_no_other_page(
    website: Website, fetcher: Fetcher, readers: Readers, address: str
) -> None:
    website.pages["/lunch"] = LUNCH
    reading = Reading(website.url + address, fetcher, readers)
    assert reading.again() == "read"
    assert list(reading.known) == [f"{website.url}/lunch"]


@pytest.mark.parametrize(
    ("status", "target", "known"),
    [
        (301, "/tea", "/tea"),
        (308, "/tea", "/tea"),
        (302, "/tea", "/lunch"),
        (302, "/lunch/", "/lunch/"),
    ],
)
def test_page_that_moved_for_good_is_known_by_its_new_address(
    website: Website, reading: Reading, status: int, target: str, known: str
) -> None:
    website.pages["/lunch"] = LUNCH
    reading.again()
    website.pages |= {"/lunch": redirect(target, status), target: with_etag(TEA, '"t"')}
    assert reading.again() == "read"
    assert reading.texts == {website.url + known: TEA.body}
    assert reading.again() == "unchanged"


def test_page_that_moved_to_a_locked_file_is_known_as_before(
    website: Website, reading: Reading
) -> None:
    website.pages["/lunch"] = LUNCH
    reading.again()
    locked = Reply((FILES / "locked.zip").read_bytes(), headers={"Content-Type": "application/zip"})
    website.pages |= {"/lunch": redirect("/lunch.zip", 301), "/lunch.zip": locked}
    assert "password" in reading.again()
    assert reading.texts == {f"{website.url}/lunch": LUNCH.body}
    website.pages["/lunch.zip"] = TEA
    assert reading.again() == "read"
    assert reading.texts == {f"{website.url}/lunch.zip": TEA.body}


def test_page_is_known_by_the_address_that_it_names(website: Website, reading: Reading) -> None:
    head = "<link rel=canonical href='/menu#x'>"
    website.pages["/lunch"] = page(f"{head}<h1>Lunch</h1><p>Printed at noon.</p>")
    website.pages["/menu"] = with_etag(LUNCH, '"1"')
    assert reading.again() == "read"
    assert reading.texts == {f"{website.url}/menu": LUNCH.body}
    assert reading.again() == "unchanged"


@pytest.mark.parametrize("named", ["/", "/gone", "/login", "/moved", "http://other.example/menu"])
def test_address_that_a_page_names_is_not_believed_without_a_page_there(
    website: Website, reading: Reading, named: str
) -> None:
    lunch = page(f"<link rel=canonical href='{named}'><h1>Lunch</h1><p>At noon.</p>")
    website.pages |= {"/lunch": lunch, "/": TEA, "/login": SIGN_IN, "/moved": redirect("/")}
    assert reading.again() == "read"
    assert reading.texts == {f"{website.url}/lunch": lunch.body}


@pytest.mark.parametrize("status", [301, 302])
@pytest.mark.parametrize(("target", "says"), [("/login", LOGIN), ("/", "the first page")])
def test_what_comes_instead_of_a_page_keeps_it_where_it_was(
    website: Website, reading: Reading, status: int, target: str, says: str
) -> None:
    website.pages |= {"/lunch": LUNCH, "/login": SIGN_IN, "/": TEA}
    reading.again()
    website.pages["/lunch"] = redirect(target, status)
    assert says in reading.again()
    assert list(reading.texts.values()) == [LUNCH.body]


def test_page_that_is_gone_is_said_to_be_gone(website: Website, reading: Reading) -> None:
    website.pages["/lunch"] = LUNCH
    reading.again()
    del website.pages["/lunch"]
    connector = PageConnector(reading.address, reading.fetcher, reading.readers)
    (entry,) = connector.list(reading.known, "").entries
    assert entry == Entry(f"{website.url}/lunch")
    with pytest.raises(GoneSource):
        connector.read(entry, reading.known[entry.uri])


def test_server_that_is_busy_says_when_to_come_again(website: Website, fetcher: Fetcher) -> None:
    website.pages["/a"] = Reply(status=429, headers={"Retry-After": "7"})
    website.pages["/b"] = Reply(
        status=503, headers={"Retry-After": "Mon, 02 Nov 1998 10:00:00 GMT"}
    )
    website.pages["/c"] = Reply(status=503, headers={"Retry-After": "soon"})
    waits = []
    for path in ("/a", "/b", "/c"):
        with pytest.raises(ServerIsBusy) as busy:
            fetcher.page(website.url + path)
        waits.append(busy.value.seconds)
    assert waits == [7.0, 0.0, None]
    website.pages["/d"] = Reply(status=500)
    with pytest.raises(ServerFailed, match="500"):
        fetcher.page(f"{website.url}/d")


def test_malformed_address_is_refused(fetcher: Fetcher, readers: Readers) -> None:
    with pytest.raises(UnreadableSource, match="address"):
        PageConnector("http://[", fetcher, readers).list({}, "")


@given(st.builds(PageVersion, *[st.text(max_size=20)] * 5))
def test_version_is_stored_and_read_again(version: PageVersion) -> None:
    assert PageVersion.from_text(version.text()) == version


@given(st.text(max_size=30) | st.sampled_from(['{"v":1,"x":2}', '{"v":2}', "[]", "[" * 9_999]))
def test_what_is_no_version_is_an_empty_one(text: str) -> None:
    assert PageVersion.from_text(text) == PageVersion()


@pytest.mark.parametrize(("asked", "seconds"), [(600, 600), (9_999_999, 86_400)])
def test_page_of_a_busy_server_says_when_to_come_again(
    website: Website, reading: Reading, asked: int, seconds: int
) -> None:
    website.pages["/lunch"] = LUNCH
    reading.again()
    website.pages["/lunch"] = Reply(status=503, headers={"Retry-After": f"{asked}"})
    connector = PageConnector(reading.address, reading.fetcher, reading.readers)
    listing = connector.list(reading.known, "")
    assert listing.not_before
    left = listing.not_before - datetime.now(UTC)
    assert timedelta(seconds=seconds - 60) < left <= timedelta(seconds=seconds)
    assert f"busy (503): it asks to wait until {listing.not_before:%Y-%m}" in reading.again()
    assert list(reading.texts.values()) == [LUNCH.body]
    assert website.asked.count("/lunch") == 3  # it is not waited for


def test_busy_server_that_names_no_time_is_asked_again_as_after_other_failures(
    website: Website, reading: Reading
) -> None:
    website.pages["/lunch"] = Reply(status=429)
    connector = PageConnector(reading.address, reading.fetcher, reading.readers)
    assert connector.list({}, "").not_before is None
    assert reading.again() == "its server is busy (429)"
