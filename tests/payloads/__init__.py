"""Slack's payloads, as Slack sends them. ``payload`` reads one and changes fields for a test."""

import json
from itertools import count
from pathlib import Path
from typing import Any

_TRIGGERS = count(1)


def payload(name: str, /, **event: Any) -> dict[str, Any]:
    """The payload ``name``; the keyword arguments replace fields of its event, or its own."""
    body: dict[str, Any] = json.loads(Path(__file__).with_name(f"{name}.json").read_text())
    if name in ("slash_command", "message_shortcut"):
        body["trigger_id"] = f"trigger-{next(_TRIGGERS)}"  # Slack makes one for each
    body.get("event", body).update(event)
    return body


def mention(
    n: int = 0,
    text: str = "How do I get a new laptop?",
    asked: float = 1763900000,
    **event: Any,
) -> dict[str, Any]:
    """The ``n``-th of several mentions, each a separate message, beginning at ``asked``."""
    ts = f"{int(asked) + n}.000100"
    body = payload("app_mention", ts=ts, event_ts=ts, text=f"<@UBOT> {text}", **event)
    return body | {"event_id": f"Ev{n:04}"}


def click(answer_id: str, verdict: str, user: str = "U1", channel: str = "C1") -> dict[str, Any]:
    body = payload("feedback_click")
    body["actions"][0]["value"] = f"{answer_id}:{verdict}"
    body["user"]["id"] = user
    body["channel"]["id"] = body["container"]["channel_id"] = channel
    return body
