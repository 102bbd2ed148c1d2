"""The kinds of Block Kit blocks that the bot posts, and Slack's limits for them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import dedent
from typing import Any

from bot.answers.safe import escape_mrkdwn
from domain.text import truncate, visible

SlackBlock = dict[str, Any]
Element = dict[str, Any]

BLOCKS = 50
"""The most blocks in a message."""
SECTION = 3_000
"""The most characters of one text object."""
TOTAL = 12_000
"""The most characters of all blocks of a message: near 13,200 Slack says msg_blocks_too_long.

Slack allows as many in all ``markdown`` blocks of a message together.
"""

TEXT = 3_900
"""The most characters of the ``text`` of a message with blocks: Slack recommends at most 4,000."""

_CODE = re.compile(r"```(?:\w*\n)?(.*?)(?:```|\Z)", re.DOTALL)
_INLINE = re.compile(r"`([^`\n]+)`|\*\*([^*\n]+)\*\*")


@dataclass(frozen=True, slots=True)
class SlackMessage:
    """A message; ``text`` is for notifications and screen readers, and already escaped.

    ``simpler`` shows the same in blocks that every workspace has.
    """

    text: str
    blocks: tuple[SlackBlock, ...] = ()
    simpler: "SlackMessage | None" = None


def text_message(text: str) -> SlackMessage:
    """A message of plain text; markup in it has no effect."""
    text = truncate(visible(text), TOTAL)
    return SlackMessage(_shortened(escape_mrkdwn(text)), tuple(rich(text)))


def _shortened(escaped: str) -> str:
    """Escaped text of at most ``TEXT`` characters; no entity is cut."""
    if len(escaped) <= TEXT:
        return escaped
    kept = escaped[: TEXT - 2]
    entity = kept.rfind("&", len(kept) - 4)
    kept = kept if entity < 0 or ";" in kept[entity:] else kept[:entity]
    return f"{kept.rstrip()} …"


def word(text: str, **style: bool) -> Iterator[Element]:
    """Literal text: Slack reads no markup in it."""
    for start in range(0, len(text), SECTION):
        element = {"type": "text", "text": text[start : start + SECTION]}
        yield element | ({"style": style} if style else {})


def link(url: str, text: str) -> Element:
    return {"type": "link", "url": url, "text": text}


def section(*elements: Element) -> Element:
    return {"type": "rich_text_section", "elements": list(elements)}


def rich_text(*sections: Element) -> SlackBlock:
    return {"type": "rich_text", "elements": list(sections)}


def markdown(text: str) -> SlackBlock:
    """Markdown that is already escaped."""
    return {"type": "markdown", "text": text}


def rich(text: str) -> Iterator[SlackBlock]:
    """``text`` as at most one block; the only Markdown that it reads is code and bold."""
    sections: list[Element] = []
    end = 0
    for fence in _CODE.finditer(text):
        sections += _prose(text[end : fence.start()])
        if code := dedent(fence.group(1)).strip("\n"):
            sections.append({"type": "rich_text_preformatted", "elements": list(word(code))})
        end = fence.end()
    sections += _prose(text[end:])
    if sections:
        yield rich_text(*sections)


def _prose(text: str) -> list[Element]:
    elements: list[Element] = []
    end = 0
    text = text.strip("\n")
    for found in _INLINE.finditer(text):
        elements += word(text[end : found.start()])
        code, bold = found.groups()
        elements += word(code, code=True) if code else word(bold, bold=True)
        end = found.end()
    elements += word(text[end:])
    return [section(*elements)] if elements else []


def small(text: str) -> SlackBlock:
    """A line in small print."""
    element = {"type": "plain_text", "text": truncate(text, SECTION), "emoji": False}
    return {"type": "context", "elements": [element]}


def heading(text: str) -> SlackBlock:
    return {"type": "header", "text": {"type": "plain_text", "text": truncate(text, 150)}}


def button(text: str, action: str, value: str) -> SlackBlock:
    return buttons([(text, action)], value)


def buttons(labels: Sequence[tuple[str, str]], value: str) -> SlackBlock:
    """Buttons beside each other, by their texts and action_ids, with the same value."""
    return {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "action_id": action,
                "text": {"type": "plain_text", "text": truncate(text, 75)},
                "value": value,
            }
            for text, action in labels
        ],
    }
