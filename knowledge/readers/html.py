"""Reads pages: what a person reads there, also by a click on a tab or a folded part."""

from contextlib import suppress
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from domain.blocks import Content
from domain.errors import EmptySource
from knowledge.readers.base import File, parsing
from knowledge.readers.decoding import decoded
from knowledge.readers.html_blocks import Blocks
from knowledge.readers.html_page import Page
from knowledge.readers.html_tree import absolute, declared_charset, parsed

_TRACKING = ("utm_", "mc_", "pk_", "hsa_", "_hs")
_TRACKERS = frozenset(
    "fbclid gclid dclid msclkid yclid igshid twclid wbraid gbraid mkt_tok".split()
)
_PORTS = {"http": 80, "https": 443}


def read(file: File) -> Content:
    """What the page ``file`` says. Raises UnreadableSource and EmptySource.

    Relative links lead on from ``file.address``; without it only whole addresses are shown.
    """
    return read_text(
        decoded(file.content, file.charset or declared_charset(file.content)), file.address
    )


def read_text(text: str, address: str = "") -> Content:
    """What the page or the part of a page in ``text`` says. Raises as `read` does."""
    with parsing("page"):
        page = Page(parsed(text), address)
        blocks = Blocks(page)
        for part in page.parts():
            blocks.read(part)
        found = blocks.finished()
    if not found:
        raise EmptySource("it holds no text")
    return Content(found, page.title)


def canonical(content: bytes, address: str) -> str:
    """The address by which the page at ``address`` is known, as it says itself.

    One that only leads to a site's first page is not believed of another page.
    """
    with parsing("page"):
        root = parsed(decoded(content, declared_charset(content)))
        for link in root.css("link[rel][href]"):
            if "canonical" not in (link.attributes.get("rel") or "").lower().split():
                continue
            target = absolute(address, link.attributes.get("href") or "")
            with suppress(ValueError):  # a malformed address
                if _is_page(target) and (not _is_first_page(target) or _is_first_page(address)):
                    return plain_address(target)
        return plain_address(address)


def _is_page(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme in _PORTS and bool(parts.netloc)


def _is_first_page(address: str) -> bool:
    parts = urlsplit(address)
    return parts.path in ("", "/") and not parts.query


def plain_address(address: str) -> str:
    """``address`` without what does not tell pages apart: a fragment, and marks of campaigns."""
    parts = urlsplit(address)
    host = (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    port = "" if parts.port in (None, _PORTS.get(parts.scheme)) else f":{parts.port}"
    query = parts.query
    if any(sign in query for sign in (*_TRACKING, *_TRACKERS)):
        pairs = parse_qsl(query, keep_blank_values=True)
        query = urlencode([(name, value) for name, value in pairs if not _is_tracker(name)])
    return urlunsplit((parts.scheme, f"{host}{port}", parts.path or "/", query, ""))


def _is_tracker(name: str) -> bool:
    return name.startswith(_TRACKING) or name in _TRACKERS
