"""What a person names in the terminal, as collections."""

import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from domain.collections import EVERY, Collection
from domain.documents import fault_of_address
from domain.errors import UnreadableSource
from domain.questions import Audience

SLACK = "slack-"
"""What the uris begin with of collections that only the bot can read."""

_EVERY = re.compile(r"([0-9]{1,4})(m|h|d)")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_WEB = ("http", "https")
_OTHERS_EVERY = timedelta(hours=6)  # of the kinds that other packages bring
_SHORTEST = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the options say of all targets. ``every`` is a time, ``never``, or empty: the default.

    ``audience`` is None if nobody was named: then everyone may read new documents.
    """

    audience: Audience | None = None
    every: str = ""
    site: bool = False
    depth: int | None = None

    @property
    def changes(self) -> bool:
        """Whether a known collection gets another schedule, or is read in another way."""
        return bool(self.every) or self.site or self.depth is not None


def collection_of(target: str, wanted: Wanted, by: str) -> Collection:
    """The collection that ``target`` names, not stored yet. Raises UnreadableSource.

    A repository's address that would never be read, as with a password, raises ForbiddenSource:
    it must not be stored, since people see what is.

    Its first reading is done by whoever adds it, so that it is due only after that.
    """
    if target.startswith(SLACK):
        raise UnreadableSource("only the bot reads Slack: use /phi3-ingest there")
    try:
        kind, uri = _named(target, is_site=wanted.site)
    except ValueError as error:
        raise UnreadableSource("its address cannot be read") from error
    if fault := fault_of_address(uri):
        raise UnreadableSource(fault)
    if kind == "git":
        from knowledge.sources.git_address import GitAddress

        GitAddress.parse(uri)
    now = datetime.now(UTC)
    every = interval(wanted.every) if wanted.every else EVERY.get(kind, _OTHERS_EVERY)
    return Collection(
        uri,
        kind,
        wanted.audience or Audience.of(),
        by,
        now,
        every,
        now + every if every else None,
        options=_options(kind, wanted.depth),
        for_new=Audience.of() if wanted.audience else Audience.everyone(),
    )


def uri_of(target: str) -> str:
    """The uri under which a target is known, if it is. Raises ValueError."""
    if target.startswith(SLACK) and ":" in target:
        return target
    try:
        return _named(target, is_site=False)[1]
    except UnreadableSource as error:
        raise ValueError(str(error)) from error


def interval(text: str) -> timedelta | None:
    """``15m``, ``6h`` or ``1d``; None for ``never``. Raises ValueError."""
    if text == "never":
        return None
    if not (found := _EVERY.fullmatch(text)):
        raise ValueError("write a time such as 15m, 6h or 1d, or never")
    if (every := int(found[1]) * _UNITS[found[2]]) < _SHORTEST:
        raise ValueError("the shortest time is 5m")
    return every


def check_kind(new: Collection, known: Collection | None) -> None:
    """Raises UnreadableSource if a page is known as a site, or a site as a page."""
    if known and known.kind != new.kind and {known.kind, new.kind} == {"page", "site"}:
        raise UnreadableSource(
            f"it is known as a {known.kind}: remove it first with `phi3 sources remove`"
        )


def is_missing(collection: Collection) -> bool:
    """Whether it is a path at which there is nothing."""
    return collection.kind == "file" and not os.path.lexists(collection.uri)


def _named(target: str, *, is_site: bool) -> tuple[str, str]:
    """The kind and the uri. What begins with a kind of another package, as ``wiki:``, is of it."""
    if not target:  # as of a variable of the shell that is not set: it is not the current folder
        raise UnreadableSource("it has no name")
    if target.startswith("git+"):
        return "git", target
    scheme, colon, _ = target.partition(":")
    if colon and scheme.lower() not in _WEB and not os.path.lexists(target):
        from knowledge.sources.connectors import kinds_of_others

        if scheme in (others := kinds_of_others()):
            return scheme, target
        if "://" in target:
            known = ", ".join(("http, https, git+https, git+ssh, git+file", *others))
            raise UnreadableSource(f"addresses of {scheme} are not read, only those of {known}")
    if "://" in target:
        from knowledge.sources.addresses import plain_address

        return "site" if is_site else "page", plain_address(target)
    try:
        path = Path(target).expanduser().resolve()
        return "folder" if path.is_dir() else "file", str(path)
    except OSError as error:
        raise UnreadableSource(f"it cannot be opened: {error.strerror}") from error
    except RuntimeError as error:  # links in a circle, and ~name of nobody
        raise UnreadableSource("its path leads nowhere", str(error)) from error


def _options(kind: str, depth: int | None) -> str:
    if kind != "site" or depth is None:
        return ""
    from knowledge.sources.site_options import SiteOptions

    return SiteOptions(depth=depth).text()
