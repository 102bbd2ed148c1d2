"""The map of a site: the addresses of its pages, and when each was changed."""

from collections import deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from xml.parsers import expat

from domain.errors import ForbiddenSource, IngestError, UnreadableSource
from knowledge.sources.addresses import Prefix, link_target, twin_key
from knowledge.sources.network import ServerFailed
from knowledge.sources.unpacking import unpacked
from knowledge.sources.visits import Visits

LARGEST = 50_000_000
"""Bytes of a map, unpacked, as its standard says."""

_MOST_ELEMENTS = 500_000  # of one map; the standard allows 50,000 pages
_MOST_MAPS = 200
_LONGEST_TEXT = 4_000
_RECENT = timedelta(days=2)  # a day without an hour may change once more


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of a map. ``changed`` is as the map writes it, or empty."""

    address: str
    changed: str = ""


@dataclass(slots=True)
class SiteMap:
    """The pages of a map, and the other maps that it names."""

    pages: list[Listed] = field(default_factory=list)
    maps: list[str] = field(default_factory=list)


def listed_pages(maps: Iterable[str], visits: Visits, prefix: Prefix, most: int) -> list[Listed]:
    """The pages within ``prefix`` that ``maps``, and those named in them, list: at most ``most``.

    A map that is missing or damaged lists nothing, and neither does one of another host that cannot
    be reached. Raises ServerFailed if the site's own server does not answer: then nobody knows what
    it lists.
    """
    waiting = deque(dict.fromkeys(maps))
    seen = set(waiting)
    found: dict[str, Listed] = {}
    while waiting and len(found) < most:
        address = waiting.popleft()
        try:
            page = visits.page(address)
            one = read_map(page.file.content) if page else SiteMap()
        except IngestError as e:
            is_its = twin_key(address)[0] == prefix.host
            if is_its and isinstance(e, ServerFailed | ForbiddenSource):
                raise
            continue
        for listed in one.pages:
            target = link_target(address, listed.address)
            if target and prefix.holds(target) and len(found) < most:
                found.setdefault(target, Listed(target, listed.changed))
        for other in one.maps:
            target = link_target(address, other)
            is_near = bool(target) and twin_key(target)[0] == prefix.host
            if is_near and target not in seen and len(seen) < _MOST_MAPS:
                seen.add(target)
                waiting.append(target)
    return list(found.values())


def read_map(content: bytes) -> SiteMap:
    """Reads a map or an index of maps: XML, packed XML, or one address a line.

    Raises UnreadableSource for what is none.
    """
    if content.startswith(b"\x1f\x8b"):
        content = b"".join(_limited(unpacked([content], "gzip", LARGEST)))
    if not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        lines = (line.strip() for line in content.decode("utf-8-sig", "replace").splitlines())
        addresses = [line for line in lines if line.startswith(("http://", "https://"))]
        return SiteMap([Listed(address) for address in addresses])
    return _Parser().read(content)


def trusted(pages: Collection[Listed], now: datetime) -> frozenset[str]:
    """The addresses of the pages whose dates can be believed.

    A date that is the same for all was made when the map was, and one of the last two days may
    stand for a page that changes once more.
    """
    if len(pages) > 1 and len({page.changed for page in pages}) == 1:
        return frozenset()
    dated = ((page.address, _time(page.changed)) for page in pages)
    return frozenset(address for address, at in dated if at and at < now - _RECENT)


def _time(written: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(written)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _limited(pieces: Iterable[bytes]) -> Iterable[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > LARGEST:
            raise UnreadableSource("the map of its site is too large")
        yield piece


class _Parser:
    """Reads a map element by element. Entities and other documents are not read."""

    def __init__(self) -> None:
        self._map = SiteMap()
        self._path: list[str] = []
        self._text = ""
        self._said: dict[str, str] = {}
        self._elements = 0

    def read(self, content: bytes) -> SiteMap:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._refuse
        try:
            parser.Parse(content, True)
        except (expat.ExpatError, ValueError, LookupError) as e:
            if not (self._map.pages or self._map.maps):
                raise UnreadableSource("it is no map of a site", str(e)) from e
        return self._map

    def _start(self, name: str, _attributes: object) -> None:
        self._elements += 1
        if self._elements > _MOST_ELEMENTS:
            raise ValueError("too many elements")
        self._path.append(name.rpartition(" ")[2])
        self._text = ""
        if self._path[-1] in ("url", "sitemap"):
            self._said = {}

    def _characters(self, text: str) -> None:
        if len(self._path) == 3 and len(self._text) < _LONGEST_TEXT:
            self._text += text

    def _end(self, _name: str) -> None:
        name, depth = self._path.pop(), len(self._path)
        if depth == 2:
            self._said.setdefault(name, self._text.strip())
        elif depth == 1 and self._said.get("loc"):
            if name == "url":
                changed = self._said.get("lastmod", "")[:40]
                self._map.pages.append(Listed(self._said["loc"], changed))
            elif name == "sitemap":
                self._map.maps.append(self._said["loc"])
        self._text = ""

    def _refuse(self, *_: object) -> None:
        raise ValueError("a declaration of a document type")
