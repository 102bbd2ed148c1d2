"""What a person may say of a site beside its address, and how that is stored."""

import json
from dataclasses import asdict, dataclass
from typing import Self

from domain.errors import UnreadableSource

DEPTH, PAGES = 3, 2_000
_DEEPEST, _MOST = 20, 50_000


@dataclass(frozen=True, slots=True)
class SiteOptions:
    """``depth``: how many links lead from the first page to the last; ``pages``: at most so many.

    Both are bounded. The depth does not count if the site has a map.
    """

    depth: int = DEPTH
    pages: int = PAGES

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The options that `text` stored, as in ``{"depth": 3}``. Raises UnreadableSource."""
        try:
            stored = json.loads(text) if text else {}
            depth, pages = int(stored.get("depth", DEPTH)), int(stored.get("pages", PAGES))
        except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as e:
            raise UnreadableSource("its options cannot be read", text[:200]) from e
        return cls(min(max(depth, 0), _DEEPEST), min(max(pages, 1), _MOST))

    @property
    def beyond(self) -> str:
        """What a report says if there are more pages."""
        return f"pages beyond the first {self.pages:,} are not read"

    def text(self) -> str:
        return json.dumps(asdict(self))
