"""The addresses of a site that are still to be looked at: each once, and not without end."""

from collections import Counter, deque
from collections.abc import Container
from urllib.parse import urlsplit

from knowledge.sources.robots import Robots

FORBIDDEN = "its site asks programs not to read it"
ENDLESS = "addresses that a site seems to make without end"
TOO_MANY = "it has more links than are followed"

_MOST_QUERIES = 50  # addresses that differ only behind the question mark
_MOST_PARTS = 15  # of a path
_MOST_REPEATED = 2  # times that one part stands in a path
_MOST_WAITING = 50_000
_MOST_SEEN = 200_000


class LinkQueue:
    """``known`` are the addresses that were read before: they are never without end, nor too many.

    ``full`` says that other addresses were too many, or is empty.
    """

    def __init__(self, robots: Robots, known: Container[str]) -> None:
        self.full = ""
        self._robots, self._known = robots, known
        self._waiting: deque[tuple[str, int]] = deque()
        self._seen: set[str] = set()
        self._queries: Counter[str] = Counter()

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def __contains__(self, address: str) -> bool:
        """Whether ``address`` was added before, also if it was refused."""
        return address in self._seen

    def add(self, address: str, depth: int, *, is_next: bool = False) -> str:
        """Adds a new address at the end, or as the next one; returns why not, if it is refused.

        ``depth`` is how many links lead to it.
        """
        if address in self._seen:
            return ""
        is_full = len(self._waiting) >= _MOST_WAITING or len(self._seen) >= _MOST_SEEN
        if is_full and address not in self._known:
            self.full = TOO_MANY
            return ""
        self._seen.add(address)
        if not self._robots.allow(address):
            return FORBIDDEN
        if depth and self._is_endless(address):
            return ENDLESS
        if is_next:
            self._waiting.appendleft((address, depth))
        else:
            self._waiting.append((address, depth))
        return ""

    def mark(self, address: str) -> None:
        """Notes an address that was found in another way."""
        self._seen.add(address)

    def take(self) -> tuple[str, int]:
        """The next address, and how many links lead to it."""
        return self._waiting.popleft()

    def _is_endless(self, address: str) -> bool:
        if address in self._known:
            return False
        parts = urlsplit(address)
        names = [name for name in parts.path.split("/") if name]
        if len(names) > _MOST_PARTS or max(Counter(names).values(), default=0) > _MOST_REPEATED:
            return True
        if not parts.query:
            return False
        self._queries[parts.path] += 1
        return self._queries[parts.path] > _MOST_QUERIES
