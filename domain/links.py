"""How people are shown the place that a passage was read from: its name, and a link to it."""

from urllib.parse import quote, unquote, urlsplit

from domain.blocks import Where
from domain.text import truncate

LONGEST_LINK = 2_000
"""Characters of an address: every browser and server allows as many."""

_PLACE = 40

THREAD, DAY, CARD = "slack-thread", "slack-day", "slack-card"
"""What the names of documents that are messages in Slack begin with."""

UPLOAD = "upload"
"""What the names of files begin with that people sent from a browser: ``upload:KEY/NAME``."""

_SLACK = "https://app.slack.com/client/"

_GIT = "git+"
_SEEN_AT = {
    "github.com": "{base}/blob/{branch}/{path}",
    "gitlab.com": "{base}/-/blob/{branch}/{path}",
    "codeberg.org": "{base}/src/branch/{branch}/{path}",
    "bitbucket.org": "{base}/src/{branch}/{path}",
}
_KINDS = {"gitlab": "gitlab.com", "gitea": "codeberg.org", "forgejo": "codeberg.org"}
"""What the name of a host of one's own begins with, as in ``gitlab.example.org``."""


def is_web(source: str) -> bool:
    """Whether a browser opens ``source``: neither a path nor a file in Slack."""
    return source.startswith(("https://", "http://"))


def upload_name(source: str) -> str:
    """The name of the file that somebody sent from a browser; empty for any other source."""
    return source.partition("/")[2] if source.startswith(f"{UPLOAD}:") else ""


def address_of(source: str) -> str:
    """The source as people are shown it: a file that somebody sent by its name only."""
    return upload_name(source) or source


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
    Files of a git repository are links if its host is known to show them.
    """
    source = _page_of_file(source) or source
    if not is_web(source):
        return _message_link(source, where, workspace)
    # A browser decodes the fragment before it compares, so all but letters and digits may be
    # encoded; the sign between a page and its number may not.
    fragment = quote(where.fragment, safe="=", errors="replace")
    placed = f"{source.partition('#')[0]}#{fragment}"
    return placed if fragment and len(placed) <= LONGEST_LINK else source


def name_in_git(source: str) -> str:
    """The name, without folders, of a file in a git repository; empty for any other source."""
    if not source.startswith(_GIT):
        return ""
    return unquote(source.partition("#")[2].partition(":")[2].rpartition("/")[2])


def _page_of_file(source: str) -> str:
    """Where people see the file ``git+https://host/repo.git#branch:path``; empty if nowhere."""
    repository, _, place = source.partition("#")
    branch, _, path = place.partition(":")
    if not (source.startswith(_GIT) and path):
        return ""
    try:
        parts = urlsplit(repository.removeprefix(_GIT))
        host = parts.hostname or ""
    except ValueError:
        return ""
    shown = _SEEN_AT.get(host) or _SEEN_AT.get(_KINDS.get(host.partition(".")[0], ""))
    if not shown or parts.scheme not in ("https", "http", "ssh"):
        return ""
    # Its pages have the scheme and the port of the repository, unless that is read by ssh.
    web = f"https://{host}" if parts.scheme == "ssh" else f"{parts.scheme}://{parts.netloc}"
    base = web + parts.path.rstrip("/").removesuffix(".git")
    return shown.format(base=base, branch=branch, path=path)


def _message_link(source: str, where: Where, workspace: str) -> str | None:
    """The address of the message ``where.anchor`` in Slack, or of its thread's first message."""
    kind, *place = source.split(":")
    if (kind, len(place)) not in ((THREAD, 3), (DAY, 3), (CARD, 4)):
        return None
    team, channel, at = place[:3]
    message = where.anchor or (at if kind != DAY else "")
    if not workspace:
        found = f"{_SLACK}{quote(team)}/{quote(channel)}"
        return f"{found}/p{quote(message.replace('.', ''))}" if message else found
    found = f"{workspace}archives/{quote(channel)}"
    if not message:
        return found
    found += f"/p{quote(message.replace('.', ''))}"
    is_reply = kind != DAY and message != at
    return f"{found}?thread_ts={quote(at)}&cid={quote(channel)}" if is_reply else found
