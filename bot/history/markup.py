"""Turns the markup of Slack's messages into the text that a person sees."""

import re
from collections.abc import Callable

from domain.blocks import linked

_REFERENCE = re.compile(r"<([^<>]*)>")
_EMOJI = re.compile(r"(?<![\w:]):[a-z0-9_+'-]{1,60}:(?::skin-tone-\d:)?(?![\w:])")
_STYLE = re.compile(r"(?<![\w*_~`])([*_~`])(?=[^\s*_~`])([^\n*_~`]*[^\s*_~`])\1(?![\w*_~`])")
_SPACES = re.compile(r"[ \t]+")

NameOf = Callable[[str], str]
"""Gives the name of a person by id."""


def plain(text: str, name_of: NameOf) -> str:
    """A message's ``text`` without markup: names for mentions, addresses behind their words.

    Emoji are left out. What is left is only text, whatever it says.
    """
    shown = _REFERENCE.sub(lambda found: _shown(found.group(1), name_of), text)
    shown = _EMOJI.sub("", shown)
    shown = _STYLE.sub(r"\2", shown)
    # Slack escapes only these three.
    shown = shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return "\n".join(_SPACES.sub(" ", line).strip() for line in shown.splitlines()).strip()


def _shown(inside: str, name_of: NameOf) -> str:
    target, _, label = inside.partition("|")
    match target[:1]:
        case "@":
            return "@" + (name_of(target[1:]) or label or target[1:])
        case "#":
            return "#" + (label or target[1:])
        case "!":
            return label or "@" + target[1:].split("^")[0]
    address = target.replace("&amp;", "&")
    return linked(label, address) if label else address.removeprefix("mailto:")
