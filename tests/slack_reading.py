"""What Slack would make of the texts of a message, read more eagerly than Slack reads them.

Mentions count also in code, and addresses without a scheme are links.
"""

import re
from collections.abc import Iterator
from typing import Any

from markdown_it import MarkdownIt

_PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_CONTROL = re.compile(
    r"<(?:[@#]\w+(?:\|[^<>]*)?|![a-z]+[^<>\s]*|(?:https?|mailto|slack|tel):[^<>]*)>"
)
_NAME = re.compile(r"(?<![\w.+-])@(?:here|channel|everyone|[a-z]\w+)", re.IGNORECASE)
_BARE = re.compile(
    r"[a-z][a-z0-9+.-]*://\w\S*|(?:mailto|javascript|data|vbscript|tel):[^\s\u2060]+"
    r"|\bwww\.\w+|[\w-]+[.。．｡](?:com|org|net|io|dev|zip|example|рф)\b(?![.\w])",
    re.IGNORECASE,
)


def links(markdown: str) -> set[str]:
    """The addresses to which a ``markdown`` block or stream leads."""
    return set(_links(markdown))


def pings(text: str) -> list[str]:
    """The mentions and links in Slack's own form, and names behind an ``@``, outside of code."""
    found = _CONTROL.findall(text)
    for token in _inline(text):
        if token.type == "text":
            found += _NAME.findall(token.content)
    return found


def code(markdown: str) -> list[str]:
    """The contents of all code."""
    kinds = ("fence", "code_block", "code_inline")
    return [token.content for token in _inline(markdown) if token.type in kinds]


def _links(markdown: str) -> Iterator[str]:
    depth = 0
    for token in _inline(markdown):
        if token.type in ("link_open", "image"):
            yield str(token.attrs.get("href") or token.attrs.get("src"))
        depth += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        if token.type in ("html_block", "html_inline"):
            yield token.content
        if token.type == "text" and not depth:
            yield from _BARE.findall(token.content)


def _inline(markdown: str) -> Iterator[Any]:
    for block in _PARSER.parse(markdown):
        yield block
        yield from block.children or ()
