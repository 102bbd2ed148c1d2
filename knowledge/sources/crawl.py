"""Follows the links of a site from page to page, those with the fewest links to them first."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from domain.documents import Skipped
from domain.errors import GoneSource, IngestError, UnreadableSource, UnsupportedSource
from knowledge.readers.base import Outline
from knowledge.readers.page_problems import LOGIN
from knowledge.reading import Readers
from knowledge.sources.addresses import (
    Prefix,
    are_twins,
    is_first_page,
    link_target,
    plain_address,
    twin_key,
)
from knowledge.sources.base import Entry
from knowledge.sources.download import LoginNeeded
from knowledge.sources.fetch import Page
from knowledge.sources.link_queue import FORBIDDEN, LinkQueue
from knowledge.sources.page import FIRST_PAGE
from knowledge.sources.page_version import PageVersion
from knowledge.sources.robots import Robots, Wishes
from knowledge.sources.site_options import SiteOptions
from knowledge.sources.visits import Visits

NO_INDEX = "its site asks programs not to keep it"
LEADS_OUT = "it leads out of its site"
TOO_DEEP = "pages that are too many links away from the first one"

_MOST_TWINS = 20  # pages that name one other page as theirs
_MOST_SKIPPED = 200  # of which the report is told, for each reason
_MOST_LINKS = 200_000  # that are kept for the next time


@dataclass(slots=True)
class Crawl:
    """What was found so far.

    ``entries`` has the version of each page that is unchanged, and an empty one for the others;
    ``errors`` says why pages cannot be read. ``links`` are those of each page, the last time and
    now. ``stopped`` says why the rest was not looked at, and ``cut`` that there was more than is
    read; both may be empty.
    """

    start: str
    prefix: Prefix
    visits: Visits
    robots: Robots
    readers: Readers
    options: SiteOptions
    known: Mapping[str, str]
    links: dict[str, tuple[str, ...]]
    entries: dict[str, str] = field(default_factory=dict)
    errors: dict[str, IngestError] = field(default_factory=dict)
    loaded: dict[str, Page] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    stopped: str = ""
    cut: str = ""
    _queue: LinkQueue = field(init=False)
    _done: set[str] = field(default_factory=set)
    _contents: dict[tuple[object, str], str] = field(default_factory=dict)
    _reasons: Counter[str] = field(default_factory=Counter)
    _twins: dict[str, str] = field(default_factory=dict)
    _problems: dict[str, str] = field(default_factory=dict)
    _onwards: dict[str, str] = field(default_factory=dict)
    _visited: int = 0
    _kept: int = 0
    _fresh: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._queue = LinkQueue(self.robots, self.known)

    def begin(self) -> None:
        """Looks at the first page. Raises IngestError if it cannot be read."""
        self._add(self.start, 0)
        self._visit_next()

    def pages(self) -> Iterator[Entry]:
        """Each page once it is found: by links first, then known ones to which none led any more.

        The page that came last can be taken from ``loaded``.
        """
        yield from self._follow()
        for address in self.known:
            if self.prefix.holds(address) and not self.visits.stopped:
                with self.visits.counted():
                    self._add(address, self.options.depth)
        yield from self._follow()
        self.stopped = self.stopped or self.visits.stopped
        for address, other in self._twins.items():
            if other not in self.entries and not self.stopped and not self.cut:
                self._enter(address, "")
        yield from self._new()
        self.cut = self.cut or self._queue.full
        self.links = {page: to for page, to in self.links.items() if page in self.entries}

    def _follow(self) -> Iterator[Entry]:
        yield from self._new()
        while self._queue and not self.stopped:
            if len(self.entries) >= self.options.pages or self._visited > 3 * self.options.pages:
                self.cut = self.options.beyond
                return
            self._visit_next()
            yield from self._new()

    def _new(self) -> Iterator[Entry]:
        """The pages that were found since the last call."""
        new, self._fresh = self._fresh, []
        for address in new:
            yield Entry(address, self.entries[address])

    def _visit_next(self) -> None:
        address, depth = self._queue.take()
        if address not in self._done:
            self._visit(address, depth)

    def _visit(self, address: str, depth: int) -> None:
        self._done.add(address)
        self._visited += 1
        stored = PageVersion.from_text(self.known.get(address, ""))
        try:
            page = self.visits.page(address, stored if address in self.links else PageVersion())
        except UnsupportedSource as e:
            if address in self.known:
                self._keep(address, e)
            else:
                self._skip(address, e.public)
        except IngestError as e:
            if address == self.start:
                raise
            if self.visits.stopped:
                self.stopped = self.visits.stopped
            elif address not in self.known and isinstance(e, LoginNeeded):
                self._skip(address, LOGIN)
            elif address in self.known or not isinstance(e, GoneSource):
                self._keep(address, e)
        else:
            if page is None:
                self._is_copy(address, stored.digest)
                self._enter(address, self.known[address])
                self._add_links(address, self.links[address], depth)
            else:
                self._look_at(address, page, depth)

    def _look_at(self, asked: str, page: Page, depth: int) -> None:
        address = self._final(asked, page)
        if not address or self._is_copy(address, page.version.digest):
            return
        outline = self._outline(page)
        if outline.problem:
            self._instead(asked, address, page, outline, depth)
            return
        wishes = Wishes.of(page.robots, outline.robots)
        if not wishes.no_follow:
            self._add_links(address, outline.links, depth)
        if wishes.no_index:
            self._skip(address, NO_INDEX)
        elif not self._is_twin(address, outline.canonical, depth):
            self._found(address, page)
            self._remember(address, () if wishes.no_follow else outline.links)

    def _final(self, asked: str, page: Page) -> str:
        """The address of a page behind redirects; empty if it is none of the site, or a twin."""
        address = plain_address(page.file.address)
        if address == asked:
            return asked
        if not self.prefix.holds(address):
            error = UnreadableSource(LEADS_OUT, address)
            if asked == self.start:
                raise error
            if asked in self.known:
                self._keep(asked, error)
            return ""
        if not self.robots.allow(address):
            self._skip(address, FORBIDDEN)
            if asked in self.known:
                self._keep(asked, UnreadableSource(FORBIDDEN, address))
            return ""
        is_first = are_twins(address, self.start) and not are_twins(asked, self.start)
        if asked in self.known and is_first:
            self._keep(asked, UnreadableSource(FIRST_PAGE, address))
            return ""
        if are_twins(address, asked) or address == plain_address(page.moved_to):
            self._onwards[asked] = address
        is_new = address not in self._done
        self._queue.mark(address)
        self._done.add(address)
        if not is_new and asked in self.known and address in self._problems:
            self._keep(asked, UnreadableSource(self._problems[address], address))
        return address if is_new else ""

    def _is_copy(self, address: str, digest: str) -> bool:
        """Whether this was read before, at an address that differs by a slash or the like."""
        first = self._contents.setdefault((twin_key(address), digest), address)
        if first == address:
            return False
        self._onwards[address] = first
        return True

    def _outline(self, page: Page) -> Outline:
        with self.visits.counted():
            try:
                return self.readers.outline(page.file)
            except IngestError:  # reading it fails in the same way, and is reported
                return Outline()

    def _instead(self, asked: str, address: str, page: Page, outline: Outline, depth: int) -> None:
        """Follows a page that only leads on to another one; keeps what is known of the others."""
        target = link_target(address, outline.leads_to) if outline.leads_to else ""
        if target and self.prefix.holds(target) and self.robots.allow(target):
            self._onwards[address] = target
            self._add(target, depth, is_next=True)
        elif asked == self.start:
            raise UnreadableSource(outline.problem)
        elif asked == address and address in self.known:
            self._found(address, page)  # the reader says the same
        elif asked == address:
            self._skip(address, outline.problem)
        else:
            self._problems[address] = outline.problem
            if asked in self.known:
                self._keep(asked, UnreadableSource(outline.problem, address))

    def _is_twin(self, address: str, canonical: str, depth: int) -> bool:
        """Whether the page says that it is known by another address, where it is looked for."""
        named = link_target(address, canonical) if canonical else ""
        if not named or twin_key(named) == twin_key(address) or not self.prefix.holds(named):
            return False
        if is_first_page(named) or twin_key(named) == twin_key(self.start):
            return False
        if not self.robots.allow(named):
            return False
        if sum(other == named for other in self._twins.values()) >= _MOST_TWINS:
            return False
        self._twins[address] = named
        self._add(named, depth, is_next=True)
        return True

    def _found(self, address: str, page: Page) -> None:
        stored = PageVersion.from_text(self.known.get(address, ""))
        if stored.digest and stored.digest == page.version.digest:
            self._enter(address, self.known[address])
            return
        self._enter(address, "")
        self.loaded = {address: page}

    def _keep(self, address: str, error: IngestError) -> None:
        self._enter(address, "")
        self.errors[address] = error

    def _enter(self, address: str, version: str) -> None:
        if address not in self.entries:
            self._fresh.append(address)
        self.entries[address] = version

    def _remember(self, address: str, links: tuple[str, ...]) -> None:
        """Keeps where a page leads. Without that, it is loaded the next time too."""
        with self.visits.counted():
            targets = (link_target(address, link) for link in links)
            inside = tuple(target for target in targets if target and self.prefix.holds(target))
        self._kept += len(inside)
        if self._kept <= _MOST_LINKS:
            self.links[address] = inside
        else:
            self.links.pop(address, None)

    def _add_links(self, address: str, links: tuple[str, ...], depth: int) -> None:
        for link in links:
            if self.visits.stopped:
                return
            with self.visits.counted():
                self._add_link(address, link, depth)

    def _add_link(self, address: str, link: str, depth: int) -> None:
        target = link_target(address, link)
        if not target or not self.prefix.holds(target) or target in self._queue:
            return
        if depth < self.options.depth:
            self._add(target, depth + 1)
        elif target not in self.known:
            self._skip(target, TOO_DEEP)

    def _add(self, address: str, depth: int, *, is_next: bool = False) -> None:
        if reason := self._queue.add(address, depth, is_next=is_next):
            self._skip(address, reason)

    def _skip(self, address: str, reason: str) -> None:
        self._reasons[reason] += 1
        if self._reasons[reason] <= _MOST_SKIPPED:
            self.skipped[address] = reason

    def moved(self) -> dict[str, str]:
        """The known addresses that led for good to one page each, and its address.

        Addresses that differ by a slash or the like may be several: they are one page. Where others
        lead to one page, they may not exist any more.
        """
        onwards = self._onwards | self._twins
        absent = self.known.keys() - self.entries
        ends = {address: self._end_of(address, onwards) for address in absent}
        found = {address: end for address, end in ends.items() if end in self.entries}
        others = Counter(end for address, end in found.items() if not are_twins(address, end))
        return {
            address: end
            for address, end in found.items()
            if are_twins(address, end) or others[end] == 1
        }

    def _end_of(self, address: str, onwards: Mapping[str, str]) -> str:
        passed: set[str] = set()
        while address not in self.entries and address not in passed:
            passed.add(address)
            address = onwards.get(address, "")
        return address

    def left_out(self) -> tuple[Skipped, ...]:
        """What was left out on purpose, without what was found by another way."""
        return tuple(
            Skipped(address, reason)
            for address, reason in self.skipped.items()
            if address not in self.entries
        )
