"""A site, or a part of it: the pages that its map lists, or else those that its links lead to."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from domain.documents import Failure, Skipped
from domain.errors import GoneSource, UnreadableSource, UnsupportedSource
from knowledge.reading import Readers, shared
from knowledge.sources.addresses import (
    Prefix,
    are_twins,
    link_target,
    plain_address,
    root_of,
)
from knowledge.sources.base import Entry, Fetched, Listing
from knowledge.sources.crawl import LEADS_OUT, NO_INDEX, Crawl
from knowledge.sources.fetch import Fetcher, Page
from knowledge.sources.link_memory import load_links, save_links
from knowledge.sources.link_queue import FORBIDDEN
from knowledge.sources.look_memory import Look, load_looks, save_looks
from knowledge.sources.page import FIRST_PAGE
from knowledge.sources.page_version import PageVersion
from knowledge.sources.robots import Robots, Wishes
from knowledge.sources.site_options import SiteOptions
from knowledge.sources.sitemap import Listed, listed_pages, trusted
from knowledge.sources.visits import Visits

_DAYS = 7  # after which each page is looked at, whatever the map says of it


class SiteConnector:
    """Reads the pages of a site whose addresses begin with ``address``.

    ``folder`` keeps where the pages lead, so that unchanged ones need not be loaded for it, and
    when those of a map were asked for. What the site asks of programs is obeyed. A page is removed
    if its server says that it is gone, or the site asks not to keep it, and not because no link
    leads to it any more.
    """

    def __init__(
        self,
        address: str,
        fetcher: Fetcher,
        folder: Path,
        options: SiteOptions | None = None,
        *,
        readers: Readers = shared,
        visits: Visits | None = None,
    ) -> None:
        self._address = address
        self._folder = folder
        self._options = options or SiteOptions()
        self._readers = readers
        self._visits = visits or Visits(fetcher)
        self._known: frozenset[str] = frozenset()
        self._listed: dict[str, str] = {}
        self._moved: dict[str, str] = {}
        self._looks: dict[str, Look] = {}
        self._today = 0
        self._robots: Robots | None = None
        self._crawl: Crawl | None = None

    def list(self, known: Mapping[str, str], cursor: str) -> Listing:  # noqa: ARG002
        """The pages of the site. Raises IngestError if its first page, or robots.txt, fails."""
        try:
            start = plain_address(self._address)
            prefix = Prefix.of(start)
        except ValueError as e:
            raise UnreadableSource("its address cannot be read") from e
        self._known = frozenset(known)
        robots = self._robots = Robots.at(root_of(start), self._visits)
        self._visits.slow_down(robots.delay)
        if not robots.allow(start):
            raise UnreadableSource(FORBIDDEN)
        named = filter(None, (link_target(start, address) for address in robots.maps))
        maps = tuple(named) or (f"{root_of(start)}/sitemap.xml",)
        pages = listed_pages(maps, self._visits, prefix, self._options.pages + 1)
        if pages:
            return self._mapped(pages, robots, known)
        return self._crawled(start, prefix, robots, known)

    def read(self, entry: Entry, version: str) -> Fetched | None:
        """A page; one that is loaded now waits for the one before. Raises IngestError."""
        if self._crawl and (error := self._crawl.errors.get(entry.uri)):
            raise error
        stored = PageVersion.from_text(version)
        if self._crawl and (page := self._crawl.loaded.pop(entry.uri, None)):
            return Fetched(page.file, page.version.text(), page.modified)
        asked = PageVersion(
            stored.url, stored.etag, stored.modified, stored.digest, self._listed.get(entry.uri, "")
        )
        self._looks[entry.uri] = Look(self._today, "")
        page = self._visits.page(entry.uri, asked)
        digest = page.version.digest if page else stored.digest
        self._looks[entry.uri] = Look(self._today, digest)
        place = plain_address(page.file.address if page else stored.url)
        self._refuse_place(entry.uri, place)
        if place in self._listed and entry.uri not in self._listed and are_twins(place, entry.uri):
            self._moved[entry.uri] = place
        if page is None:
            return None
        self._refuse_wish(page, is_known=entry.uri in self._known)
        return Fetched(page.file, page.version.text(), page.modified)

    def _crawled(
        self, start: str, prefix: Prefix, robots: Robots, known: Mapping[str, str]
    ) -> Listing:
        crawl = Crawl(
            start,
            prefix,
            self._visits,
            robots,
            self._readers,
            self._options,
            known,
            load_links(self._folder),
        )
        crawl.begin()
        self._crawl = crawl

        def rest() -> Listing:
            save_links(self._folder, crawl.links)
            left_out = crawl.left_out()
            return self._listing(left_out, crawl.stopped, cut=crawl.cut, moved=crawl.moved())

        return Listing(crawl.pages(), later=rest)

    def _mapped(self, pages: Sequence[Listed], robots: Robots, known: Mapping[str, str]) -> Listing:
        now = datetime.now(UTC)
        self._today, self._looks = now.toordinal(), load_looks(self._folder)
        believed = trusted(pages, now)
        entries: dict[str, str] = {}
        skipped: dict[str, str] = {}
        self._listed = {page.address: page.changed for page in pages[: self._options.pages]}
        for address in [*self._listed, *known]:
            if not robots.allow(address):
                skipped[address] = FORBIDDEN
                continue
            entries[address] = ""
            stored = PageVersion.from_text(known.get(address, ""))
            is_same = stored.listed and stored.listed == self._listed.get(address)
            if is_same and address in believed and not self._is_due(address, stored):
                entries[address] = known[address]
        left_out = tuple(Skipped(address, reason) for address, reason in skipped.items())
        cut = self._options.beyond if len(pages) > self._options.pages else ""

        def rest() -> Listing:
            looks = {uri: look for uri, look in self._looks.items() if uri in entries}
            save_looks(self._folder, looks)
            return self._listing(left_out, self._visits.stopped, cut=cut, moved=self._moved)

        return Listing(self._until_stopped(entries), later=rest)

    def _is_due(self, address: str, stored: PageVersion) -> bool:
        """Whether a page was not looked at for some days, or what was seen then was not kept."""
        look = self._looks.get(address)
        is_recent = look is not None and 0 <= self._today - look.day < _DAYS
        return not (is_recent and look and look.digest == stored.digest)

    def _until_stopped(self, entries: Mapping[str, str]) -> Iterator[Entry]:
        """Those first that were never asked for, then those whose turn was longest ago."""
        turns = {address: look.day for address, look in self._looks.items()}
        for address in sorted(entries, key=lambda address: turns.get(address, 0)):
            if self._visits.stopped:
                return
            yield Entry(address, entries[address])

    def _listing(
        self,
        skipped: tuple[Skipped, ...],
        stopped: str,
        *,
        cut: str,
        moved: Mapping[str, str],
    ) -> Listing:
        """``stopped`` says why the rest was not looked at; ``cut`` that there were too many."""
        gone = tuple(one.source for one in skipped if one.source in self._known)
        if cut:
            skipped += (Skipped(self._address, cut),)
        unreadable = (Failure(self._address, stopped),) if stopped else ()
        is_complete = not (stopped or cut)
        return Listing((), skipped, unreadable, is_complete=is_complete, gone=gone, moved=moved)

    def _refuse_place(self, asked: str, place: str) -> None:
        """Raises an error for a page that led to a ``place`` where it is not read."""
        if not Prefix.of(self._address).holds(place):
            raise UnreadableSource(LEADS_OUT, place)
        if self._robots and not self._robots.allow(place):
            raise UnsupportedSource(FORBIDDEN, place)
        is_first = are_twins(place, self._address)
        if is_first and asked in self._known and not are_twins(asked, self._address):
            raise UnreadableSource(FIRST_PAGE, place)

    def _refuse_wish(self, page: Page, *, is_known: bool) -> None:
        """Raises an error for a page that its site does not want to be kept."""
        has_wishes = b"robots" in page.file.content.lower()
        written = self._readers.outline(page.file).robots if has_wishes else ""
        if Wishes.of(page.robots, written).no_index:
            # Twice in a row, this removes what was known.
            raise (GoneSource if is_known else UnsupportedSource)(NO_INDEX)
