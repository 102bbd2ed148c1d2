"""A single page, which is known by the address that its server or the page itself names."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from domain.errors import IngestError, UnreadableSource
from knowledge.readers.base import Outline
from knowledge.reading import Readers, shared
from knowledge.sources.addresses import (
    are_of_one_site,
    are_twins,
    is_first_page,
    link_target,
    plain_address,
)
from knowledge.sources.base import Entry, Fetched, Listing
from knowledge.sources.download import ServerIsBusy
from knowledge.sources.fetch import Fetcher, Page
from knowledge.sources.page_version import PageVersion

FIRST_PAGE = "it leads to the first page of its site: it may not exist any more"

_LONGEST_WAIT = 86_400.0  # seconds that a busy server may ask for


class PageConnector:
    """Reads one page, if its server says that it changed.

    The address that was asked for names it, unless that leads on for good, or only by a slash, or
    the page names another address of the same site that can be read. What came instead of a page,
    such as a login, moves nothing: the page that was known is reported as failed. What was read
    under an earlier address stays until the page is read under its new one. A busy server is not
    waited for: the page is read again later, not before the server asks for that.
    """

    def __init__(self, address: str, fetcher: Fetcher, readers: Readers = shared) -> None:
        self._address = address
        self._fetcher, self._readers = fetcher, readers
        self._pages: dict[str, Page] = {}
        self._errors: dict[str, IngestError] = {}

    def list(self, known: Mapping[str, str], cursor: str) -> Listing:  # noqa: ARG002
        """The one page, loaded if it changed. Raises UnreadableSource for a malformed address."""
        try:
            asked = plain_address(self._address)
        except ValueError as e:
            raise UnreadableSource("its address cannot be read") from e
        before = asked if asked in known or not known else next(iter(known))
        not_before = None
        try:
            entry = self._found(asked, before, known)
        except IngestError as e:
            not_before = _not_before(e)
            self._errors[before] = _said(e, not_before)
            entry = Entry(before)
        others = {uri: entry.uri for uri in known if uri != entry.uri}
        return Listing((entry,), is_complete=False, moved=others, not_before=not_before)

    def read(self, entry: Entry, version: str) -> Fetched | None:
        if error := self._errors.get(entry.uri):
            raise error
        stored = PageVersion.from_text(version)
        page = self._pages.pop(entry.uri, None) or self._fetcher.page(entry.uri, stored)
        if page is None or (page.version == stored):
            return None
        return Fetched(page.file, page.version.text(), page.modified)

    def _found(self, asked: str, before: str, known: Mapping[str, str]) -> Entry:
        page = self._fetcher.page(asked, PageVersion.from_text(known.get(before, "")))
        if page is None:
            return Entry(before, known[before])
        outline = self._readers.outline(page.file)
        if outline.problem:  # the reader will say it
            self._pages[before] = page
            return Entry(before)
        final = plain_address(page.file.address)
        if known and final != asked and is_first_page(final) and not is_first_page(asked):
            raise UnreadableSource(FIRST_PAGE, final)
        uri = final if are_twins(asked, final) else plain_address(page.moved_to)
        return self._canonical(uri, page, outline, known) or self._entry(uri, page)

    def _canonical(
        self, uri: str, page: Page, outline: Outline, known: Mapping[str, str]
    ) -> Entry | None:
        """The page under the address that it names, if that is one of its site and is a page.

        What is read there counts, not what another page says of it.
        """
        named = link_target(page.file.address, outline.canonical) if outline.canonical else ""
        if named in ("", uri) or not are_of_one_site(named, uri) or is_first_page(named):
            return None
        with suppress(IngestError):
            other = self._fetcher.page(named, PageVersion.from_text(known.get(named, "")))
            if other is None:
                return Entry(named, known[named])
            is_there = plain_address(other.file.address) == named
            if is_there and not self._readers.outline(other.file).problem:
                return self._entry(named, other)
        return None

    def _entry(self, uri: str, page: Page) -> Entry:
        self._pages[uri] = page
        return Entry(uri)


def _not_before(error: IngestError) -> datetime | None:
    """When a busy server asks to be asked again; a day from now at the latest."""
    if not isinstance(error, ServerIsBusy) or not error.seconds:
        return None
    return datetime.now(UTC) + timedelta(seconds=min(error.seconds, _LONGEST_WAIT))


def _said(error: IngestError, not_before: datetime | None) -> IngestError:
    if not_before is None:
        return error
    asks = f"it asks to wait until {not_before:%Y-%m-%d %H:%M} UTC"
    return UnreadableSource(f"{error.public}: {asks}", error.detail)
