"""Addresses of pages: which of them are one, and which lead into a site."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Self
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

from domain.documents import fault_of_address

_TRACKING = ("utm_", "mc_", "pk_", "hsa_", "_hs")
_TRACKERS = frozenset(
    "fbclid gclid dclid msclkid yclid igshid twclid wbraid gbraid mkt_tok gclsrc gad_source "
    "srsltid _ga _gl phpsessid jsessionid".split()
)
_KEPT = "".join(map(chr, range(33, 127)))
"""As browsers do, only what is not ASCII is written as its bytes."""

_FILES = tuple(".html .htm .xhtml .shtml .php .asp .aspx .jsp .md .txt".split())
_PORTS = {"http": 80, "https": 443}


def plain_address(address: str) -> str:
    """``address`` without what does not tell pages apart: a fragment, and marks of campaigns.

    Raises ValueError for a malformed one, and for one with a password in it.
    """
    parts = urlsplit(address)
    if "@" in parts.netloc:
        raise ValueError("a password")
    host = _host((parts.hostname or "").lower())
    port = "" if parts.port in (None, _PORTS.get(parts.scheme)) else f":{parts.port}"
    query = parts.query
    if any(sign in query.lower() for sign in (*_TRACKING, *_TRACKERS)):
        pairs = parse_qsl(query, keep_blank_values=True)
        query = urlencode([(name, value) for name, value in pairs if not _is_tracker(name)])
    path, query = quote(parts.path or "/", safe=_KEPT), quote(query, safe=_KEPT)
    return urlunsplit((parts.scheme, f"{host}{port}", path, query, ""))


def known_address(written: str) -> str:
    """How a page or a repository is known whose address is written so; empty if it is neither."""
    git = "git+" if written.startswith("git+") else ""
    base, sign, branch = written.removeprefix("git+").partition("#" if git else "\0")
    with suppress(ValueError):  # a password, or a malformed address
        known = f"{git}{plain_address(base)}{sign}{branch}"
        if is_page(base) and written.isprintable() and not fault_of_address(known):
            return known
    return ""


def link_target(address: str, target: str) -> str:
    """The plain address to which a link on the page at ``address`` leads; empty for no page."""
    with suppress(ValueError):  # a malformed address
        found = plain_address(urljoin(address, target.strip()))
        if is_page(found) and not fault_of_address(found) and found.isprintable():
            return found
    return ""


def is_page(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme in _PORTS and bool(parts.netloc)


def is_first_page(address: str) -> bool:
    parts = urlsplit(address)
    return parts.path in ("", "/") and not parts.query


def root_of(address: str) -> str:
    """The address of the host, as in ``https://example.org:8080``."""
    parts = urlsplit(plain_address(address))
    return f"{parts.scheme}://{parts.netloc}"


def are_twins(one: str, other: str) -> bool:
    """Whether two addresses differ only in the scheme, ``www.`` or a slash at the end."""
    return twin_key(one) == twin_key(other)


def are_of_one_site(one: str, other: str) -> bool:
    """Whether two addresses have one host, apart from the scheme and ``www.``."""
    return twin_key(one)[0] == twin_key(other)[0]


@dataclass(frozen=True, slots=True)
class Prefix:
    """The addresses of a site, or of a part of it: of one ``host``, from ``path`` on."""

    host: str
    path: str

    @classmethod
    def of(cls, address: str) -> Self:
        """``/docs`` and ``/docs/index.html`` name what lies in ``/docs/``."""
        host, _, _ = twin_key(address)
        path = urlsplit(plain_address(address)).path
        folder, _, name = path.rpartition("/")
        is_file = name.lower().endswith(_FILES)
        return cls(host, folder if is_file else path.rstrip("/"))

    def holds(self, address: str) -> bool:
        host, _, _ = twin_key(address)
        path = urlsplit(address).path
        is_below = path == self.path or path.startswith(f"{self.path}/")
        return host == self.host and is_below and not _leads_up(path)


def _leads_up(path: str) -> bool:
    return not {".", ".."}.isdisjoint(unquote(path).split("/"))


def twin_key(address: str) -> tuple[str, str, str]:
    """What is the same for addresses that `are_twins`."""
    parts = urlsplit(plain_address(address))
    return parts.netloc.removeprefix("www."), parts.path.rstrip("/"), parts.query


def _host(name: str) -> str:
    if ":" in name:
        return f"[{name}]"
    try:
        return name if name.isascii() else name.encode("idna").decode()
    except UnicodeError:  # a part of it is too long
        return name


def _is_tracker(name: str) -> bool:
    return name.lower().startswith(_TRACKING) or name.lower() in _TRACKERS
