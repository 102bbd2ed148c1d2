"""The form that /phi3-ingest opens if it has no words: what to read, and how often."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from bot.answers.blocks import SlackBlock, small
from bot.slack.conversations import Conversation
from bot.slack.events import Payload, Request
from domain.text import is_blank

INGEST_FORM = "ingest_form"
"""The form's callback_id."""

_ADDRESS, _KIND, _EVERY = "address", "what", "every"
_KINDS = {
    "": "One page, a #channel, or the link of a thread",
    "site": "A site: the pages below the address",
    "git": "A git repository",
}
_TIMES = {
    "": ("As often as is usual for what it is", None),
    "hour": ("Every hour", timedelta(hours=1)),
    "day": ("Every day", timedelta(days=1)),
    "week": ("Every week", timedelta(days=7)),
}
_LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class FilledForm:
    """``words`` are what a command would say; ``error`` has a message for each wrong field."""

    request: Request
    words: str
    every: timedelta | None
    error: Mapping[str, str] = field(default_factory=dict)

    def wrong(self, why: str) -> dict[str, str]:
        """The error of the address."""
        return {_ADDRESS: why[:_LONGEST]}


def ingest_form(request: Request, here: Conversation) -> SlackBlock:
    """The form, which says who will be able to read what is added."""
    readers = here.readers_in_words.strip(",")
    about = (
        f"Who can ask about it: {readers}. A channel, and a thread, is always for those who can "
        "read that channel."
    )
    return {
        "type": "modal",
        "callback_id": INGEST_FORM,
        "private_metadata": json.dumps([request.channel, request.channel_name]),
        "title": _plain("Add documents"),
        "submit": _plain("Add"),
        "close": _plain("Cancel"),
        "blocks": [
            _input(
                _ADDRESS,
                "Address, #channel, or link of a message",
                {"type": "plain_text_input", "max_length": _LONGEST},
                optional=False,
            ),
            _input(_KIND, "What is it?", _select(_KINDS)),
            _input(
                _EVERY,
                "How often is it read again?",
                _select({key: text for key, (text, _) in _TIMES.items()}),
            ),
            small(about),
        ],
    }


def done(text: str) -> SlackBlock:
    return {
        "type": "modal",
        "title": _plain("Add documents"),
        "close": _plain("Close"),
        "blocks": [{"type": "section", "text": _plain(text[:3_000])}],
    }


def filled_ingest(body: Payload) -> FilledForm:
    """What a submitted form says."""
    view = body["view"]
    channel, channel_name = json.loads(view["private_metadata"])
    values = view["state"]["values"]
    address = str((values.get(_ADDRESS, {}).get("value") or {}).get("value") or "").strip()
    kind, every = _chosen(values, _KIND), _chosen(values, _EVERY)
    request = Request(channel, body["user"]["id"], channel_name=channel_name, id=view["id"])
    error = {_ADDRESS: "Give me an address."} if is_blank(address) else {}
    known = _TIMES.get(every, _TIMES[""])
    words = f"{kind} {address}" if kind in _KINDS else address
    return FilledForm(request, words.strip(), known[1], error)


def _chosen(values: Payload, block: str) -> str:
    option = (values.get(block, {}).get("value") or {}).get("selected_option") or {}
    chosen = str(option.get("value") or "")
    return "" if chosen == _USUAL else chosen


_USUAL = "usual"
"""The value of the first option of a menu: Slack allows no empty one."""


def _select(options: Mapping[str, str]) -> SlackBlock:
    shown = [{"text": _plain(text), "value": key or _USUAL} for key, text in options.items()]
    return {"type": "static_select", "options": shown, "initial_option": shown[0]}


def _input(block_id: str, label: str, element: SlackBlock, *, optional: bool = True) -> SlackBlock:
    return {
        "type": "input",
        "block_id": block_id,
        "optional": optional,
        "label": _plain(label),
        "element": element | {"action_id": "value"},
    }


def _plain(text: str) -> SlackBlock:
    return {"type": "plain_text", "text": text}
