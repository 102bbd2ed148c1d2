"""Turns Slack's payloads into types. Code elsewhere does not see payloads."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from bot.answers.safe import plain_text
from domain.questions import Verdict
from domain.ratings import InputKind, reaction_kind
from domain.text import is_blank, truncate

Payload = dict[str, Any]

_SPOKEN = {None, "file_share", "thread_broadcast"}
"""The subtypes of message events for messages that a person has just written."""
_MENTION = re.compile(r"<@([^<>|]+)(?:\|[^<>]*)?>")
_LONGEST_NAME = 200
_COUNTER = 1_000
"""Microseconds of a timestamp from which on they are a time, and no counter."""

_RETRIES = 3
"""How often Slack repeats an event that is not acknowledged: at once, after 1 and 5 minutes."""

LONGEST = 12_000
"""How many characters of a message are read."""
_THUMBS = {
    "+1": Verdict.UP,
    "thumbsup": Verdict.UP,
    "-1": Verdict.DOWN,
    "thumbsdown": Verdict.DOWN,
}
_TONES = {f"skin-tone-{tone}": tone for tone in range(2, 7)}


@dataclass(frozen=True, slots=True)
class File:
    id: str
    name: str

    @property
    def uri(self) -> str:
        return f"slack-file:{self.id}"


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """A message of a person. ``thread`` is the ts of the first message of its thread."""

    channel: str
    person: str
    text: str
    markup: str
    """The text as Slack writes it, with addresses and channels in it, without the mention."""
    ts: str
    thread: str
    is_reply: bool
    is_direct: bool
    is_mention: bool
    is_to_others: bool
    is_shared: bool
    files: tuple[File, ...] = ()
    is_cut: bool = False
    """Whether the message was longer than ``LONGEST``."""
    chosen_ts: str = ""
    """When somebody chose an older message to be answered, as one of Slack's timestamps."""

    @property
    def at(self) -> datetime:
        return _time(self.ts)

    @property
    def asked_at(self) -> datetime:
        return _time(self.chosen_ts or self.ts)


@dataclass(frozen=True, slots=True)
class Reaction:
    """A reaction that is a verdict, given or taken back ``at`` that time by Slack's clock.

    ``author`` wrote the message; empty if Slack does not say who.
    """

    channel: str
    ts: str
    author: str
    person: str
    verdict: Verdict
    at: datetime
    kind: InputKind


@dataclass(frozen=True, slots=True)
class EmojiOnMessage:
    """A person reacted to the message ``ts`` with an emoji of this name, without its skin tone."""

    channel: str
    ts: str
    person: str
    emoji: str
    at: datetime
    is_shared: bool = False


@dataclass(frozen=True, slots=True)
class ButtonClick:
    """A press on one of the buttons under an answer, ``at`` that time by Slack's clock."""

    answer_id: str
    verdict: Verdict
    person: str
    at: datetime
    channel: str
    thread: str
    trigger: str


@dataclass(frozen=True, slots=True)
class Request:
    """A request about documents: from /phi3-ingest, the shortcut, or a mention.

    ``text`` has Slack's markup. ``id`` or ``trigger`` tells a request from all others, since Slack
    may send it again: ``id`` is the ts of a mention; ``trigger`` differs for each command and
    shortcut, and lets a form be opened for three seconds.
    """

    channel: str
    person: str
    text: str = ""
    thread: str = ""
    files: tuple[File, ...] = field(default=())
    is_shared: bool = False
    id: str = ""
    trigger: str = ""
    channel_name: str = ""
    has_replies: bool = True
    """Whether the thread has any yet; without, Slack shows no message for one person in it."""

    @property
    def shown_in(self) -> str:
        """The thread in which a message for one person is shown; empty: in the channel."""
        return self.thread if self.has_replies else ""


@dataclass(frozen=True, slots=True)
class ButtonPress:
    """A press on a button of the message ``ts``; each press has its own ``action_ts``."""

    channel: str
    person: str
    value: str
    ts: str
    thread: str
    action_ts: str


@dataclass(frozen=True, slots=True)
class HistoryChange:
    """Something changed in a thread, or in a message alone: ``root`` is its first message's ts."""

    channel: str
    root: str
    at: datetime


def message(body: Payload, me: str) -> IncomingMessage | None:
    """The message of an event; None if the event is not a new message of a person."""
    event = body["event"]
    person, text = event.get("user"), event.get("text") or ""
    wrote = event.get("subtype") in _SPOKEN and not event.get("bot_id") and person
    if not wrote or person in (me, "USLACKBOT") or event.get("hidden"):
        return None
    is_mention = event["type"] == "app_mention" or mentions(text, me)
    return _incoming(
        event,
        me,
        is_direct=event.get("channel_type") == "im",
        is_mention=is_mention,
        is_shared=_is_shared(body, event),
    )


def mentions(text: str, person: str) -> bool:
    return person in _MENTION.findall(text)


def _incoming(
    event: Payload, me: str, *, is_direct: bool, is_mention: bool, is_shared: bool
) -> IncomingMessage:
    text = event.get("text") or ""
    read = plain_text(text, me)
    return IncomingMessage(
        channel=event["channel"],
        person=event["user"],
        text="" if is_blank(read) else read[:LONGEST],
        markup=text.replace(f"<@{me}>", " ")[: LONGEST + 1].strip(),
        ts=event["ts"],
        thread=event.get("thread_ts") or event["ts"],
        is_reply=(event.get("thread_ts") or event["ts"]) != event["ts"],
        is_direct=is_direct,
        is_mention=is_mention,
        is_to_others=bool(set(_MENTION.findall(text)) - {me}),
        is_shared=is_shared,
        files=files(event),
        is_cut=len(read) > LONGEST,
    )


def _is_shared(body: Payload, event: Payload) -> bool:
    """Whether an event says that its channel is shared with another workspace.

    Where somebody of another one writes, it is, whatever else is said of the channel.
    """
    installed = {each.get("team_id") for each in body.get("authorizations") or ()}
    ours = installed or {body.get("team_id")}
    writers = (event.get("user_team"), event.get("source_team"))
    return bool(body.get("is_ext_shared_channel")) or any(
        _is_foreign(each, ours) for each in writers
    )


def _is_foreign(team: object, ours: Collection[object]) -> bool:
    """Whether a workspace is another one; what is said of an organisation (E…) tells nothing."""
    return isinstance(team, str) and team.startswith("T") and team not in ours


def is_last_delivery(headers: Mapping[str, Sequence[str]]) -> bool:
    """Whether Slack will not send this event again, even if it is not acknowledged."""
    count = next(iter(headers.get("x-slack-retry-num", ())), "")
    return count.isdecimal() and int(count[:4]) >= _RETRIES


def files(message: Payload) -> tuple[File, ...]:
    """The files of a message that are not deleted."""
    return tuple(
        File(str(file["id"]), _name(file))
        for file in message.get("files") or ()
        if file.get("id") and file.get("mode") != "tombstone"
    )


def _name(file: Payload) -> str:
    name = str(file.get("name") or file.get("title") or file["id"])
    return truncate(" ".join(name[: 2 * _LONGEST_NAME].split()), _LONGEST_NAME)


def reaction(event: Payload) -> Reaction | None:
    """The verdict of a thumb with any skin tone; None for any other reaction."""
    item, person = event.get("item", {}), event.get("user")
    name, _, tone = str(event.get("reaction", "")).partition("::")
    verdict = _THUMBS.get(name)
    if verdict is None or item.get("type") != "message" or not person:
        return None
    kind = reaction_kind(verdict, _TONES.get(tone))
    at, author = _moment(event["event_ts"]), str(event.get("item_user") or "")
    return Reaction(item["channel"], item["ts"], author, person, verdict, at, kind)


def emoji_on_message(body: Payload) -> EmojiOnMessage | None:
    event = body["event"]
    item = event.get("item") or {}
    emoji = str(event.get("reaction") or "").split("::")[0]
    person = event.get("user")
    if item.get("type") != "message" or not (emoji and person):
        return None
    at = _time(event["event_ts"])
    shared = _is_shared(body, event)
    return EmojiOnMessage(item["channel"], item["ts"], person, emoji, at, shared)


def click(body: Payload) -> ButtonClick | None:
    """The click on a thumb; None if its value is not one of ours."""
    action, where = body["actions"][0], body.get("container", {})
    answer_id, _, verdict = str(action.get("value") or "").partition(":")
    channel = (body.get("channel") or {}).get("id") or where.get("channel_id")
    if not answer_id or verdict not in tuple(Verdict) or not channel:
        return None
    message = body.get("message") or {}
    return ButtonClick(
        answer_id=answer_id,
        verdict=Verdict(verdict),
        person=body["user"]["id"],
        at=_moment(action["action_ts"]),
        channel=channel,
        thread=message.get("thread_ts") or where.get("thread_ts") or where.get("message_ts", ""),
        trigger=body.get("trigger_id", ""),
    )


def button_press(body: Payload) -> ButtonPress | None:
    """A press on a button under a message; None if it was pressed elsewhere."""
    action, where = body["actions"][0], body.get("container", {})
    message = body.get("message") or {}
    channel = (body.get("channel") or {}).get("id") or where.get("channel_id")
    ts = message.get("ts") or where.get("message_ts")
    value = str(action.get("value") or "")
    if not (channel and ts and value):
        return None
    thread = message.get("thread_ts") or ""
    at = str(action.get("action_ts") or "")
    return ButtonPress(channel, body["user"]["id"], value, ts, thread, at)


def press_id(body: Payload) -> str:
    """What tells one press on a button from every other; the same if Slack sends it again."""
    action = body["actions"][0]
    return str(action.get("action_ts") or body.get("trigger_id") or uuid4())


def history_change(body: Payload, me: str) -> HistoryChange | None:
    """What an event of a message changes in what was read before; None if nothing.

    That is an edit, a deletion or a reply; the bot's own messages are never read.
    """
    event = body["event"]
    before = event.get("previous_message") or {}
    match event.get("subtype"):
        case "message_changed":
            after = event.get("message") or {}
            is_same = all(after.get(key) == before.get(key) for key in ("text", "files"))
            message = {} if is_same else after
        case "message_deleted":
            message = before
        case None | "file_share" | "thread_broadcast" if event.get("thread_ts"):
            message = event
        case _:
            return None
    root = str(message.get("thread_ts") or message.get("ts") or "")
    if not root or message.get("user") == me:
        return None
    return HistoryChange(event["channel"], root, _time(str(event.get("event_ts") or event["ts"])))


def command(body: Payload) -> Request:
    return Request(
        channel=body["channel_id"],
        person=body["user_id"],
        text=body.get("text") or "",
        trigger=body.get("trigger_id") or "",
        channel_name=body.get("channel_name") or "",
    )


def shortcut(body: Payload) -> Request:
    message = body.get("message") or {}
    return Request(
        channel=body["channel"]["id"],
        person=body["user"]["id"],
        thread=message.get("thread_ts") or message.get("ts", ""),
        files=files(message),
        trigger=body.get("trigger_id") or "",
        has_replies=bool(message.get("thread_ts")),
    )


def chosen_message(body: Payload, me: str) -> IncomingMessage:
    """A message that a person wants to be answered; it is theirs from then on."""
    channel, said = body["channel"], body.get("message") or {}
    home, theirs = (body.get("team") or {}).get("id"), body["user"].get("team_id")
    event = said | {
        "channel": channel["id"],
        "user": body["user"]["id"],
        "ts": said.get("ts") or body["message_ts"],
    }
    chosen = _incoming(
        event,
        me,
        is_direct=channel.get("name") == "directmessage",
        is_mention=True,
        is_shared=_is_foreign(theirs, {home}),
    )
    return replace(chosen, chosen_ts=str(body.get("action_ts") or ""))


def thread_shortcut(body: Payload) -> Request:
    """The wish to read the thread of a message."""
    asked = shortcut(body)
    return replace(asked, text="this thread", files=())


def _time(ts: str) -> datetime:
    """The time that one of Slack's timestamps means."""
    return datetime.fromtimestamp(float(ts), UTC)


def _moment(ts: str) -> datetime:
    """The time of what a person did, to tell which of two things came first.

    Where the part of a second is below a thousandth it is a counter, and tells nothing of presses,
    which have a time there. Then the time of arrival says the part, if that is in the same second.
    """
    at = _time(ts)
    if at.microsecond >= _COUNTER:
        return at
    ends = at + timedelta(microseconds=999_000)
    arrived = datetime.now(UTC)
    return arrived if at <= arrived < ends else ends
