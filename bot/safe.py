"""Escapes text from people, documents and models, so that it has no mentions and no links.

Slack reads markup in three ways. Text in rich_text blocks is literal and needs no escaping.
``mrkdwn`` (the ``text`` of a message) needs its three control characters escaped. Streamed
``markdown_text`` also makes links from brackets and from what looks like an address.
"""

import re

_JOINER = "\u2060"
"""A word joiner: it is invisible, and an address or name that contains it is no longer one."""

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_BRACKETS = str.maketrans(
    {"\\": "\\\\", "[": "\\[", "]": f"\\]{_JOINER}"} | {sign: f"{sign}{_JOINER}" for sign in "@:#"}
)
# The dot of evil.com, not that of 3.5. A dot at the end counts: the rest may be in the next piece.
_DOT = re.compile(r"\.(?=[^\W\d]|\Z)")

_REFERENCE = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")


def escape_mrkdwn(text: str) -> str:
    """``text`` for a ``mrkdwn`` field, in which it makes no mention, channel or link."""
    return text.translate(_ENTITIES)


def escape_markdown(text: str) -> str:
    """``text`` for ``markdown_text``, in which it makes no mention or link, also in pieces."""
    # Entities come first, so that no joiner is put inside one of them.
    return _DOT.sub(f".{_JOINER}", text.translate(_ENTITIES).translate(_BRACKETS))


def plain_text(text: str, me: str = "") -> str:
    """A person's text as Slack shows it, without the mention of ``me``."""
    shown = _REFERENCE.sub(lambda found: _shown(found, me), text)
    # Slack escapes only these three.
    return shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def _shown(found: re.Match[str], me: str) -> str:
    sign, name, label = found.groups()
    if sign == "@" and name == me:
        return " "
    if sign == "!":
        return label or "@" + name.split("^")[0]
    return f"{sign}{label or name}" if sign else (label or name).removeprefix("mailto:")
