"""What a site asks of programs: in its robots.txt, in the headers of a page, and in the page."""

from dataclasses import dataclass
from typing import Self

from protego import Protego

from domain.errors import ForbiddenSource, UnreadableSource, UnsupportedSource
from knowledge.sources.network import ServerFailed
from knowledge.sources.visits import Visits

AGENT = "phi3-expert"
"""The name by which robots.txt and pages address this program."""

_LONGEST = 500_000  # bytes of a robots.txt; RFC 9309 asks for as many at least
_MOST_WILDCARDS = 3_000
_MOST_RULES = 200_000  # each as often as there are programs that it is for
_MOST_MAPS = 50
_WITH_VALUES = frozenset(
    "unavailable_after max-snippet max-image-preview max-video-preview".split()
)


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules of one host. ``delay`` is in seconds; ``maps`` are the addresses of its maps."""

    rules: Protego
    delay: float
    maps: tuple[str, ...]

    @classmethod
    def of(cls, content: bytes) -> Self:
        """Raises UnreadableSource if there are so many rules that asking them takes long."""
        text = content[:_LONGEST].decode("utf-8-sig", "replace")
        if _is_too_long(text):
            raise UnreadableSource("its robots.txt has more rules than are read")
        rules = Protego.parse(text)
        maps = tuple(address for _, address in zip(range(_MOST_MAPS), rules.sitemaps, strict=False))
        return cls(rules, rules.crawl_delay(AGENT) or 0.0, maps)

    @classmethod
    def at(cls, root: str, visits: Visits) -> Self:
        """The rules of the host of ``root``, such as ``https://example.org``.

        A host without them allows everything. Raises ServerFailed if it does not answer, and
        UnreadableSource if they are too many: they might forbid everything.
        """
        try:
            page = visits.page(f"{root}/robots.txt")
        except (ServerFailed, ForbiddenSource):
            raise
        except (UnreadableSource, UnsupportedSource):
            page = None
        return cls.of(page.file.content if page else b"")

    def allow(self, address: str) -> bool:
        return self.rules.can_fetch(address, AGENT)


@dataclass(frozen=True, slots=True)
class Wishes:
    """Whether a page asks programs not to keep it, and not to follow its links."""

    no_index: bool
    no_follow: bool

    @classmethod
    def of(cls, *said: str) -> Self:
        """The wishes in headers X-Robots-Tag and in a page's ``meta`` elements."""
        wishes = {wish for text in said for wish in _for_us(text.lower())}
        return cls(
            not wishes.isdisjoint(("noindex", "none")), not wishes.isdisjoint(("nofollow", "none"))
        )


def _is_too_long(text: str) -> bool:
    """Whether reading the rules, or asking them, may take long. It never counts too few."""
    programs = found = 0
    is_new = True
    for line in map(str.strip, text.lower().splitlines()):
        if line.startswith("user"):
            programs = 1 if is_new else programs + 1
            is_new = False
        elif line.startswith(("allow:", "disallow:")):
            is_new = True
        found += programs
    return found > _MOST_RULES or text.count("*") > _MOST_WILDCARDS


def _for_us(said: str) -> list[str]:
    """``googlebot: noindex, nofollow`` is not for us."""
    found: list[str] = []
    agent = ""
    for part in said.split(","):
        name, has_agent, wish = part.partition(":")
        if not has_agent or name.strip() in _WITH_VALUES:
            wish = name
        else:
            agent = name.strip()
        if agent in ("", AGENT):
            found.append(wish.strip())
    return found
