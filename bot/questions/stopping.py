"""The event that a person pressed Stop while the bot answered."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Stop:
    """What is to be stopped: all that was asked in ``thread`` before ``at``, by Slack's clock.

    ``streams`` are the ts of the messages that Slack does not stream any more.
    """

    channel: str
    thread: str
    streams: tuple[str, ...]
    at: datetime


def stop(event: dict[str, Any]) -> Stop | None:
    """The Stop of an ``agent_session_stopped`` event; None if it does not say where."""
    thread = str(event.get("thread_ts") or "")
    streams = tuple(map(str, event.get("streaming_message_ts") or ()))
    if not event.get("channel") or not (thread or streams):
        return None
    at = datetime.fromtimestamp(float(event["event_ts"]), UTC)
    return Stop(event["channel"], thread, streams, at)
