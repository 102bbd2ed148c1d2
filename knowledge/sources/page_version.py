"""What is kept of a page so that its server need not send it again while it is unchanged."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from hashlib import sha256

from knowledge.sources.download import Downloaded, http_date

_FORMAT = 1
_TICK = timedelta(seconds=1)
_LONGEST = 300  # characters of an ETag or a date that are sent back


@dataclass(frozen=True, slots=True)
class PageVersion:
    """``etag`` and ``modified`` are what the server of ``url`` said, ``digest`` is the content's.

    ``listed`` is the date that a site's map gave for it.
    """

    url: str = ""
    etag: str = ""
    modified: str = ""
    digest: str = ""
    listed: str = ""

    @classmethod
    def of(cls, page: Downloaded, listed: str = "") -> "PageVersion":
        made = page.content_type.encode(errors="replace") + b"\0" + page.content
        return cls(
            page.url,
            _sendable(page.headers.get("etag", "")),
            _settled(page.headers),
            sha256(made).hexdigest()[:32],
            listed,
        )

    @classmethod
    def from_text(cls, text: str) -> "PageVersion":
        """The version that `text` stored; an empty one if it is none."""
        try:
            stored = json.loads(text)
            if stored.pop("v") != _FORMAT:
                return cls()
            return cls(**{name: str(value) for name, value in stored.items()})
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
            return cls()

    def text(self) -> str:
        return json.dumps({"v": _FORMAT} | {name: it for name, it in asdict(self).items() if it})

    def conditions(self) -> Mapping[str, Mapping[str, str]]:
        """By the address, the headers with which its server is asked for a newer page only."""
        headers = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        sent = {name: value for name, value in headers.items() if value}
        return {self.url: sent} if self.url and self.digest and sent else {}


def _settled(headers: Mapping[str, str]) -> str:
    """The time of the last change, if the second in which it was is over; else empty.

    A page that changes twice within a second has the same time (RFC 9110, 8.8.2.2), and its server
    would call it unchanged.
    """
    modified = headers.get("last-modified", "")
    changed, sent = http_date(modified), http_date(headers.get("date", ""))
    is_over = changed and sent and sent - changed >= _TICK
    return _sendable(modified) if is_over else ""


def _sendable(value: str) -> str:
    is_plain = value.isascii() and value.isprintable()
    return value if is_plain and len(value) <= _LONGEST else ""
