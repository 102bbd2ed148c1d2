"""How people are shown the place that a passage was read from: its name, and a link to it."""

from urllib.parse import quote

from domain.blocks import Where
from domain.text import truncate

LONGEST_LINK = 2_000
"""Characters of an address: every browser and server allows as many."""

_PLACE = 40


def is_web(source: str) -> bool:
    """Whether a browser opens ``source``: neither a path nor a file in Slack."""
    return source.startswith(("https://", "http://"))


def titled(title: str, place: str) -> str:
    """``Handbook › Leave, page 3``: ``place`` is a ``Where.label``, and may be empty.

    A title that ends with the place is left as it is.
    """
    place = truncate(place, _PLACE)
    if not title or not place:
        return title or place
    return title if title.casefold().endswith(f" {place}".casefold()) else f"{title}, {place}"


def link_to(source: str, where: Where) -> str | None:
    """The address that opens ``source`` at ``where``; None where no browser opens it.

    The place replaces a fragment that ``source`` has. It is left out where nothing leads to it, and
    where the address would be longer than ``LONGEST_LINK``.
    """
    if not is_web(source):
        return None
    # A browser decodes the fragment before it compares, so all but letters and digits may be
    # encoded; the sign between a page and its number may not.
    fragment = quote(where.fragment, safe="=", errors="replace")
    placed = f"{source.partition('#')[0]}#{fragment}"
    return placed if fragment and len(placed) <= LONGEST_LINK else source
