"""How people are shown the place that a passage was read from: its name, and a link to it."""

from urllib.parse import quote

from domain.blocks import Where
from domain.text import truncate

LONGEST_LINK = 2_000
"""Characters of an address: every browser and server allows as many."""

_PLACE = 40

THREAD, DAY = "slack-thread", "slack-day"
"""What the names of documents that are messages in Slack begin with; `bot.history` reads them."""

_SLACK = "https://app.slack.com/client/"


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


def link_to(source: str, where: Where, workspace: str = "") -> str | None:
    """The address that opens ``source`` at ``where``; None where no browser opens it.

    The place replaces a fragment that ``source`` has. It is left out where nothing leads to it, and
    where the address would be longer than ``LONGEST_LINK``. ``workspace`` is the address of the
    workspace in Slack, such as ``https://acme.slack.com/``; messages are links without it too.
    """
    if not is_web(source):
        return _message_link(source, where, workspace)
    # A browser decodes the fragment before it compares, so all but letters and digits may be
    # encoded; the sign between a page and its number may not.
    fragment = quote(where.fragment, safe="=", errors="replace")
    placed = f"{source.partition('#')[0]}#{fragment}"
    return placed if fragment and len(placed) <= LONGEST_LINK else source


def _message_link(source: str, where: Where, workspace: str) -> str | None:
    """The address of the message ``where.anchor`` in Slack, or of its thread's first message."""
    kind, *place = source.split(":")
    if kind not in (THREAD, DAY) or len(place) != 3:
        return None
    team, channel, at = place
    message = where.anchor or (at if kind == THREAD else "")
    if not workspace:
        found = f"{_SLACK}{quote(team)}/{quote(channel)}"
        return f"{found}/p{quote(message.replace('.', ''))}" if message else found
    found = f"{workspace}archives/{quote(channel)}"
    if not message:
        return found
    found += f"/p{quote(message.replace('.', ''))}"
    is_reply = kind == THREAD and message != at
    return f"{found}?thread_ts={quote(at)}&cid={quote(channel)}" if is_reply else found
