"""The messages of a channel, as its history lists them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from bot.history.uris import day_of, is_ts
from bot.slack.events import File, Payload, files

LONGEST = 40_000
"""Characters of a message; Slack cuts longer ones itself."""

_WRITTEN = {"", "file_share", "me_message", "thread_broadcast", "bot_message"}
"""The subtypes of messages that somebody wrote; all others are notices, such as of a joining."""
_ATTACHMENTS = 20


@dataclass(frozen=True, slots=True)
class HistoryFile:
    """A file of a message; ``changed`` is what tells that its content is another one."""

    file: File
    changed: str


@dataclass(frozen=True, slots=True)
class HistoryMessage:
    """``thread`` is the ts of the first message of its thread; it is ``ts`` for that one itself.

    ``replies``, ``latest_reply`` and ``repliers`` are known of the first message of a thread only.
    ``edited`` is the ts of the last edit, or empty. ``text`` has Slack's markup.
    """

    ts: str
    thread: str
    person: str
    text: str
    subtype: str = ""
    bot: str = ""
    bot_name: str = ""
    edited: str = ""
    replies: int = 0
    latest_reply: str = ""
    repliers: tuple[str, ...] = ()
    files: tuple[HistoryFile, ...] = ()

    @property
    def is_reply(self) -> bool:
        return self.thread != self.ts

    @property
    def is_written(self) -> bool:
        """Whether a person or a program wrote it, and not Slack."""
        return self.subtype in _WRITTEN

    @property
    def is_of_bot(self) -> bool:
        return bool(self.bot) or self.subtype == "bot_message"

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(float(self.ts), UTC)

    @property
    def day(self) -> date:
        return day_of(self.ts)


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Some messages, and where the next ones are; ``next_page`` is empty behind the last."""

    messages: tuple[HistoryMessage, ...]
    next_page: str = ""


def history_page(response: Payload) -> HistoryPage:
    """A page of conversations.history or conversations.replies."""
    more = (response.get("response_metadata") or {}).get("next_cursor") or ""
    return HistoryPage(tuple(_messages(response.get("messages") or ())), str(more))


def _messages(payloads: Any) -> Iterator[HistoryMessage]:
    for payload in payloads:
        ts = str(payload.get("ts") or "")
        if is_ts(ts):
            yield _message(payload, ts)


def _message(payload: Payload, ts: str) -> HistoryMessage:
    thread = str(payload.get("thread_ts") or ts)
    profile = payload.get("bot_profile") or {}
    return HistoryMessage(
        ts=ts,
        thread=thread if is_ts(thread) else ts,
        person=str(payload.get("user") or ""),
        text=_text(payload)[:LONGEST],
        subtype=str(payload.get("subtype") or ""),
        bot=str(payload.get("bot_id") or ""),
        bot_name=str(payload.get("username") or profile.get("name") or ""),
        edited=str((payload.get("edited") or {}).get("ts") or ""),
        replies=int(payload.get("reply_count") or 0),
        latest_reply=str(payload.get("latest_reply") or ""),
        repliers=tuple(map(str, payload.get("reply_users") or ())),
        files=tuple(_files(payload)),
    )


def _text(payload: Payload) -> str:
    """Its text; what a program shows may stand in attachments instead."""
    if text := str(payload.get("text") or ""):
        return text
    attachments = list(payload.get("attachments") or ())[:_ATTACHMENTS]
    shown = (str(one.get("text") or one.get("fallback") or "") for one in attachments)
    return "\n".join(filter(None, shown))


def _files(payload: Payload) -> Iterator[HistoryFile]:
    described = {str(file.get("id")): file for file in payload.get("files") or ()}
    for file in files(payload):
        about = described[file.id]
        changed = about.get("updated") or about.get("timestamp") or about.get("created") or ""
        yield HistoryFile(file, f"{changed}-{about.get('size') or ''}")
