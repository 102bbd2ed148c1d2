"""Addresses of pages: which of them are one, and which lead into a site."""

from contextlib import suppress
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

LONGEST = 2_000
"""Characters of an address; longer ones are made for machines."""

_TRACKING = ("utm_", "mc_", "pk_", "hsa_", "_hs")
_TRACKERS = frozenset(
    "fbclid gclid dclid msclkid yclid igshid twclid wbraid gbraid mkt_tok gclsrc gad_source "
    "srsltid _ga _gl".split()
)
_PORTS = {"http": 80, "https": 443}


def plain_address(address: str) -> str:
    """``address`` without what does not tell pages apart: a fragment, and marks of campaigns.

    Raises ValueError for a malformed one, and for one with a password in it.
    """
    parts = urlsplit(address)
    if "@" in parts.netloc:
        raise ValueError("a password")
    host = (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    port = "" if parts.port in (None, _PORTS.get(parts.scheme)) else f":{parts.port}"
    query = parts.query
    if any(sign in query for sign in (*_TRACKING, *_TRACKERS)):
        pairs = parse_qsl(query, keep_blank_values=True)
        query = urlencode([(name, value) for name, value in pairs if not _is_tracker(name)])
    return urlunsplit((parts.scheme, f"{host}{port}", parts.path or "/", query, ""))


def link_target(address: str, target: str) -> str:
    """The plain address to which a link on the page at ``address`` leads; empty for no page."""
    with suppress(ValueError):  # a malformed address
        found = plain_address(urljoin(address, target.strip()))
        if is_page(found) and len(found) <= LONGEST and found.isprintable():
            return found
    return ""


def is_page(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme in _PORTS and bool(parts.netloc)


def is_first_page(address: str) -> bool:
    parts = urlsplit(address)
    return parts.path in ("", "/") and not parts.query


def host_of(address: str) -> str:
    """The host with its port, in lower case, as in ``example.org:8080``."""
    return urlsplit(plain_address(address)).netloc


def are_twins(one: str, other: str) -> bool:
    """Whether two addresses differ only in the scheme, ``www.`` or a slash at the end."""
    return _twin_key(one) == _twin_key(other)


def are_of_one_site(one: str, other: str) -> bool:
    """Whether two addresses have one host, apart from the scheme and ``www.``."""
    return _twin_key(one)[0] == _twin_key(other)[0]


def _twin_key(address: str) -> tuple[str, str, str]:
    parts = urlsplit(plain_address(address))
    return parts.netloc.removeprefix("www."), parts.path.rstrip("/"), parts.query


def _is_tracker(name: str) -> bool:
    return name.startswith(_TRACKING) or name in _TRACKERS
