"""What a run reads: the documents of a collection, or of a target that a person named."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from domain.documents import Failure, Skipped, Source, SourceState, fault_of_address
from domain.errors import IngestError
from domain.protocols import SourceLedger
from domain.questions import Audience
from knowledge.missing import Missing, is_within, missing
from knowledge.sources.base import Connector, Entry, Listing
from knowledge.way import Way

_REMOVED, _QUARANTINED = SourceState.REMOVED, SourceState.QUARANTINED
_NOBODY = Audience.of()
_AT_ONCE = 500  # sources that are looked up together


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """A source to read. ``known`` is its row, ``is_member`` whether it is known in ``collection``.

    ``audience`` is added to those who may read it, and ``for_new`` too if nobody may yet. With
    None, everyone may read a new source, and nothing changes for a known one. ``collection`` is
    empty if a person named the source. ``is_for_fewer``: another collection has it too, which is
    not for those of ``for_new``, so that these are not given it.
    """

    entry: Entry
    connector: Connector
    known: Source | None
    audience: Audience | None
    requested_by: str
    collection: str = ""
    is_member: bool = False
    for_new: Audience = _NOBODY
    is_for_fewer: bool = False

    @property
    def uri(self) -> str:
        return self.entry.uri

    @property
    def is_left_out(self) -> bool:
        """Whether a person removed the source, and did not remove it from its collection."""
        return self.is_member and self.known is not None and self.known.state is _REMOVED

    def was_removed_since(self, row: Source | None) -> bool:
        """Whether the source, which has ``row`` now, was removed after it was looked up."""
        had = self.known and self.known.state is not _REMOVED
        return bool(had) and row is not None and row.state is _REMOVED

    @property
    def given(self) -> Audience:
        """To whom it is given, besides those who may read it already."""
        if self.audience is None:
            return Audience.everyone()
        if self.is_for_fewer or (self.known and self.known.audience.labels):
            return self.audience
        return self.audience.together_with(self.for_new)


@dataclass(slots=True)
class Plan:
    """One collection, or one target. ``known`` are its sources, by uri.

    ``only`` are the sources that are read, if not all that are listed. ``for_fewer`` are the
    collections in this one that are not for all of ``for_new``.
    """

    name: str
    connector: Connector
    known: Mapping[str, Source]
    audience: Audience | None
    requested_by: str
    collection: str = ""
    only: frozenset[str] | None = None
    listing: Listing = field(default_factory=lambda: Listing(()))
    is_whole: bool = True
    left_out_later: tuple[Skipped, ...] = ()
    for_new: Audience = _NOBODY
    for_fewer: frozenset[str] = frozenset()
    _found: dict[str, None] = field(default_factory=dict)

    def look(self, way: Way, cursor: str = "") -> list[Failure]:
        """Lists the documents; returns what could not be looked at. Raises IngestError.

        If a known document must be read again, the cursor is not used: with it, an unchanged
        document would not be listed. What failed too often is not read again unless it changes.
        """
        here = {uri: row for uri, row in self.known.items() if row.state is not _REMOVED}
        versions = {uri: way.version(row) for uri, row in here.items()}
        is_read = all(versions[uri] or row.state is _QUARANTINED for uri, row in here.items())
        self.listing = self.connector.list(versions, cursor if is_read else "")
        return list(self.listing.unreadable)

    @property
    def expected(self) -> int:
        """How many documents there probably are."""
        entries = self.listing.entries
        return len(entries) if isinstance(entries, Sequence) else len(self.known)

    def requests(self, ledger: SourceLedger, failures: list[Failure]) -> Iterator[ReadRequest]:
        """The documents to read, each once. If listing them fails, that is a failure too."""
        try:
            for entries in _parts(self.listing.entries):
                new = [entry for entry in entries if self._is_new(entry)]
                unknown = {entry.uri for entry in new} - self.known.keys()
                rows = ledger.find_all({uri for uri in unknown if not fault_of_address(uri)})
                yield from (self.request(entry, rows.get(entry.uri)) for entry in new)
            if self.listing.later:
                self.listing = self.listing.later()
                self.left_out_later = self.listing.skipped
                failures += self.listing.unreadable
        except IngestError as e:
            self.is_whole = False
            failures.append(Failure(self.name, str(e)))

    def gone(self, unread: Collection[str], *, confirmed: bool) -> Missing:
        """The known documents that are not there any more, once all requests were read.

        ``unread`` are those that could not be.
        """
        here = {uri for uri, row in self.known.items() if row.state is not _REMOVED}
        moved = {uri: to for uri, to in self.listing.moved.items() if uri in here}
        read = {uri for uri, to in moved.items() if to in self._found and to not in unread}
        said = here.intersection(self.listing.gone)
        if not (self.is_whole and self.listing.is_complete and self.only is None):
            return Missing(tuple(sorted(said | read)))
        absent = missing(
            self.name,
            here - said,
            {*self._found, *moved},
            left_out=(one.source for one in self.listing.skipped),
            unreadable=(one.source for one in self.listing.unreadable),
            confirmed=confirmed,
        )
        return Missing((*sorted(said | read), *absent.gone), absent.held_back)

    def _is_new(self, entry: Entry) -> bool:
        is_asked = self.only is None or entry.uri in self.only
        if entry.uri in self._found or not is_asked:
            return False
        self._found[entry.uri] = None
        return True

    def request(self, entry: Entry, other: Source | None = None) -> ReadRequest:
        """``other`` is the row of a source that is not in the collection yet."""
        row = self.known.get(entry.uri)
        is_member = bool(self.collection) and row is not None
        return ReadRequest(
            entry,
            self.connector,
            row or other,
            self.audience,
            self.requested_by,
            self.collection,
            is_member,
            self.for_new,
            any(is_within(at, self.for_fewer) for at in (entry.uri, entry.place)),
        )


def _parts(entries: Iterable[Entry]) -> Iterator[Sequence[Entry]]:
    """Those that are listed already are looked up together, others as they come."""
    if not isinstance(entries, Sequence):
        yield from ([entry] for entry in entries)
        return
    for start in range(0, len(entries), _AT_ONCE):
        yield entries[start : start + _AT_ONCE]
