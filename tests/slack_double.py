"""A Slack in this process: its Web API and Socket Mode, on loopback, over real HTTP.

It has the behaviour that the bot relies on: what a message shows, what a stream allows, how much
fits into blocks. It can also fail in the ways in which Slack fails.
"""

import json
import struct
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Condition, Event, Thread
from time import monotonic, time
from typing import Any
from urllib.parse import parse_qsl

from tests.slack_limits import wrong_blocks, wrong_view

TEAM, ME, BOT_TOKEN, APP_TOKEN, SECRET = "T1", "UBOT", "xoxb-double", "xapp-double", "s3cret"
TICKET = "4b1d-never-logged"
CLIENT = "Basic " + b64encode(b"1.2:client-s3cret").decode()
"""How the app's id and secret are sent."""
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


@dataclass
class SlackMessage:
    """A message as people see it."""

    channel: str
    ts: str
    text: str
    blocks: list[dict[str, Any]]
    thread: str = ""
    only_for: str = ""
    streaming: bool = False
    stopped: bool = False
    """Whether a person pressed Stop while it was streamed."""
    updates: int = 0
    metadata: dict[str, Any] | None = None
    began: float = field(default_factory=monotonic)

    @property
    def words(self) -> str:
        """All the text of the blocks, or the message's text if there are none."""
        return "".join(texts(self.blocks)) or self.text


class Refused(Exception):
    pass


@dataclass
class SlackDouble:
    refusals: dict[str, str] = field(default_factory=dict)
    """Method → the error with which it answers."""
    busy: dict[str, int] = field(default_factory=dict)
    """Method → how many more times it answers 429."""
    retry_after: str = "0"
    broken: dict[str, int] = field(default_factory=dict)
    """Method → how many more times it answers 503."""
    lost: dict[str, int] = field(default_factory=dict)
    """Method → how many more times it does its work and then answers 502."""
    late: dict[str, float] = field(default_factory=dict)
    """Method → the seconds after which its next call does its work, and answers."""
    fate: Callable[[str, dict[str, Any]], str] = lambda method, given: ""
    """Whether a call fails: as one of the four above, or ``gone``, without any answer."""
    stream_seconds: float = 300.0
    """How long after its start Slack ends a stream by itself."""
    outside: set[str] = field(default_factory=set)
    """The channels that the bot is not a member of."""
    workspace: str = "https://acme.slack.com/"
    closed: dict[str, str] = field(default_factory=dict)
    """A channel, or the ts of a thread → the error with which it refuses everything new."""
    page: int = 200
    """The most messages in a page of a history."""
    written: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """Channel → the messages of people, as Slack lists them; tests add and change them."""
    delay: float = 0.0
    channels: dict[str, dict[str, Any]] = field(default_factory=dict)
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Special people by id; everybody else is a member."""
    members: dict[str, list[str]] = field(default_factory=dict)
    """Channel → who is in it; in the others are U1, U2 and the bot."""
    members_page: int = 1_000
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    contents: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    messages: list[SlackMessage] = field(default_factory=list)
    reactions: list[tuple[str, str, str]] = field(default_factory=list)
    """Those of the bot: channel, ts and name."""
    homes: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The Home tabs by person."""
    views: list[dict[str, Any]] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    payloads: list[dict[str, Any]] = field(default_factory=list)
    sockets: list["Socket"] = field(default_factory=list)
    is_silent: bool = False
    """Whether its sockets accept everything but answer nothing."""
    refuse_blocks: bool = False
    uploads: dict[str, bytes] = field(default_factory=dict)
    """The content of files that the bot uploaded."""
    shown_files: set[str] = field(default_factory=set)
    posted_files: list[tuple[str, str, str]] = field(default_factory=list)
    """Channels, threads and files."""
    not_ready: int = 0
    """How many messages with a picture Slack refuses, since it still looks at the file."""
    url: str = ""
    team: str = TEAM
    token: str = BOT_TOKEN
    others: dict[str, "SlackDouble"] = field(default_factory=dict)
    """Further workspaces behind the same address, by the tokens of the bot in them."""
    codes: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What Slack gives for the code of an installation, or for a token that renews; once."""
    connections: int = 0
    """How many connections to it were opened."""

    def __post_init__(self) -> None:
        self.changed = Condition()
        self._ts = count(int(time()) + 600)  # later than all questions of the test
        self._envelopes = count(1)
        public = {"is_channel": True, "is_private": False}
        self.channels |= {
            "C1": public | {"name": "general"},
            "C2": public | {"name": "random"},
            "CPRIVATE": {"is_channel": True, "is_private": True, "name": "board"},
            "CSHARED": public | {"is_ext_shared": True},
            "D1": {"is_im": True},
        }

    # For tests: what happened

    def count(self, method: str) -> int:
        return sum(1 for called, _ in self.calls if called == method)

    def public(self) -> list[SlackMessage]:
        return [message for message in self.messages if not message.only_for]

    def whispers(self, person: str) -> list[str]:
        return [message.words for message in self.messages if message.only_for == person]

    def wait_for(self, is_so: Callable[[], object], seconds: float = 60) -> None:
        """Returns as soon as ``is_so()`` is true; it is called whenever something has happened."""
        ends = monotonic() + seconds
        with self.changed:
            while not is_so():
                assert monotonic() < ends, f"not so within {seconds} s; calls: {self.calls[-8:]}"
                self.changed.wait(0.02)

    # For tests: what to do

    def wrote(self, body: dict[str, Any]) -> None:
        """Lists the message of an event in its channel, unless it is listed already."""
        event = body.get("event")
        if not isinstance(event, dict):
            return
        is_message = event.get("type") in ("message", "app_mention") and not event.get("subtype")
        is_whole = all(isinstance(event.get(key), str) for key in ("user", "channel", "ts"))
        if not is_message or not is_whole or event["user"] == ME:
            return
        listed = self.written.setdefault(event["channel"], [])
        if all(one["ts"] != event["ts"] for one in listed):
            known = ("user", "text", "ts", "thread_ts", "files", "bot_id")
            kept = {key: event[key] for key in known if event.get(key)}
            listed.append({"type": "message", **kept})

    def send(self, payload: dict[str, Any], kind: str = "events_api", **retry: Any) -> str:
        """Sends an envelope to one of the sockets and returns its id."""
        envelope = f"e{next(self._envelopes)}"
        message = {"envelope_id": envelope, "type": kind, "payload": payload, **retry}
        self.sockets[-1].send(json.dumps(message).encode())
        return envelope

    def deliver(self, payload: dict[str, Any]) -> None:
        """Sends an event again until it is acknowledged, as Slack does, on any socket."""
        sent = set[str]()
        for n in range(120):
            retry: dict[str, Any] = {"retry_attempt": n, "retry_reason": "timeout"} if n else {}
            with suppress(OSError, IndexError):
                sent.add(self.send(payload, **retry))
            with self.changed:
                self.changed.wait_for(lambda: sent & set(self.acknowledged), 0.5)
            if sent & set(self.acknowledged):
                return
        raise AssertionError("nobody acknowledged the event")

    def disconnect(self, reason: str) -> None:
        """Tells every socket that it will be closed, and closes it soon after."""
        message = {"type": "disconnect", "reason": reason, "debug_info": {"host": "wss-1"}}
        for socket in list(self.sockets):
            with suppress(OSError):
                socket.send(json.dumps(message).encode())
        Event().wait(0.1)
        self.drop_sockets()

    def drop_sockets(self) -> None:
        for socket in list(self.sockets):
            with suppress(OSError):  # the bot may have closed it
                socket.close()

    def kill_streams(self) -> None:
        for message in self.messages:
            message.streaming = False

    def press_stop(self, channel: str, thread: str) -> dict[str, Any]:
        """A person presses Stop in a thread; returns the event that Slack sends then."""
        with self.changed:
            streams = [
                message
                for message in self.messages
                if message.streaming and (message.channel, message.thread) == (channel, thread)
            ]
            for message in streams:
                message.streaming, message.stopped = False, True
        event = {
            "type": "agent_session_stopped",
            "channel": channel,
            "user": "U1",
            "thread_ts": thread,
            "streaming_message_ts": [message.ts for message in streams],
            "event_ts": f"{time():.6f}",
        }
        return {"type": "event_callback", "team_id": TEAM, "event_id": "EvStop", "event": event}

    # The Web API

    def answer(self, method: str, given: dict[str, Any], token: str) -> dict[str, Any]:
        if method == "oauth.v2.access" and token != CLIENT:
            raise Refused("bad_client_secret")
        if method != "oauth.v2.access" and token not in (self.token, APP_TOKEN):
            raise Refused("invalid_auth")
        if error := self.refusals.get(method):
            raise Refused(error)
        name = "on_" + method.replace(".", "_").lower()
        if not hasattr(self, name):
            raise Refused("unknown_method")
        return dict(getattr(self, name)(given) or {})

    def on_auth_test(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"team_id": self.team, "user_id": ME, "bot_id": "BBOT", "url": self.workspace}

    def on_oauth_v2_access(self, given: dict[str, Any]) -> dict[str, Any]:
        code = given.get("code") or given.get("refresh_token")
        if code not in self.codes:
            raise Refused("invalid_code" if given.get("code") else "invalid_refresh_token")
        return self.codes.pop(code)

    def on_apps_connections_open(self, _: dict[str, Any]) -> dict[str, Any]:
        root = self.url.replace("http://", "ws://").removesuffix("/api/")
        return {"url": f"{root}/socket?ticket={TICKET}&app_id=A1"}

    def on_conversations_info(self, given: dict[str, Any]) -> dict[str, Any]:
        if given["channel"] not in self.channels:
            raise Refused("channel_not_found")
        return {"channel": {"id": given["channel"], **self.channels[given["channel"]]}}

    def on_conversations_members(self, given: dict[str, Any]) -> dict[str, Any]:
        self.on_conversations_info(given)
        members = self.members.get(given["channel"], ["U1", "U2", ME])
        start = int(given.get("cursor") or 0)
        end = start + min(self.members_page, int(given["limit"]))
        more = str(end) if end < len(members) else ""
        return {"members": members[start:end], "response_metadata": {"next_cursor": more}}

    def on_users_info(self, given: dict[str, Any]) -> dict[str, Any]:
        special = self.people.get(given["user"], {})
        member = {"id": given["user"], "team_id": self.team, "is_restricted": False}
        return {"user": member | special}

    def on_users_list(self, given: dict[str, Any]) -> dict[str, Any]:
        people = [self.on_users_info({"user": each})["user"] for each in sorted(self.people)]
        start = int(given.get("cursor") or 0)
        end = start + int(given["limit"])
        more = str(end) if end < len(people) else ""
        return {"members": people[start:end], "response_metadata": {"next_cursor": more}}

    def on_conversations_list(self, given: dict[str, Any]) -> dict[str, Any]:
        if given["types"] == "im":
            opened = {message.channel for message in self.messages if message.channel[0] == "D"}
            return {"channels": [{"id": each, "user": "U" + each[1:]} for each in sorted(opened)]}
        assert given["types"] == "public_channel"
        found = [
            {"id": channel, "name": about.get("name", channel.lower())}
            for channel, about in self.channels.items()
            if about.get("is_channel") and not about.get("is_private")
        ]
        return {"channels": found}

    def on_conversations_replies(self, given: dict[str, Any]) -> dict[str, Any]:
        assert given["ts"]
        if "include_all_metadata" in given:
            return self._standing(
                given, lambda message: given["ts"] in (message.thread, message.ts)
            )
        found = [one for one in self._written(given) if given["ts"] in (one["ts"], _thread(one))]
        if not found:
            raise Refused("thread_not_found")
        return self._paged(found, given)

    def on_conversations_history(self, given: dict[str, Any]) -> dict[str, Any]:
        if "include_all_metadata" in given:
            return self._standing(given, lambda message: not message.thread)
        oldest, latest = float(given.get("oldest", 0)), float(given.get("latest", "inf"))
        found = [
            one
            for one in self._written(given)
            if _thread(one) in ("", one["ts"]) or one.get("subtype") == "thread_broadcast"
            if oldest <= float(one["ts"]) <= latest
        ]
        return self._paged(found[::-1], given)

    def _written(self, given: dict[str, Any]) -> list[dict[str, Any]]:
        """All messages of a channel in order, the first of each thread with what it has."""
        channel = given["channel"]
        if channel not in self.channels:
            raise Refused("channel_not_found")
        if channel in self.outside:
            raise Refused("not_in_channel")
        written = [dict(one) for one in self.written.get(channel, ())] + [
            {
                "type": "message",
                "user": ME,
                "bot_id": "BBOT",
                "ts": message.ts,
                "text": message.text,
                **({"thread_ts": message.thread} if message.thread else {}),
            }
            for message in self.public()
            if message.channel == channel
        ]
        written.sort(key=lambda one: float(one["ts"]))
        for root in written:
            replies = [one for one in written if _thread(one) == root["ts"] and one is not root]
            if replies:
                root |= {
                    "thread_ts": root["ts"],
                    "reply_count": len(replies),
                    "latest_reply": replies[-1]["ts"],
                    "reply_users": sorted({str(one.get("user", "")) for one in replies}),
                }
        return written

    def _paged(self, found: list[dict[str, Any]], given: dict[str, Any]) -> dict[str, Any]:
        start = int(given.get("cursor") or 0)
        size = min(self.page, int(given.get("limit", 100)))
        more = str(start + size) if start + size < len(found) else ""
        return {
            "messages": found[start : start + size],
            "has_more": bool(more),
            "response_metadata": {"next_cursor": more},
        }

    def _standing(
        self, given: dict[str, Any], there: Callable[[SlackMessage], bool]
    ) -> dict[str, Any]:
        """The bot's messages as Slack lists them, with metadata only on request."""
        assert given["include_all_metadata"] in (True, "1", "true")
        found = [
            message
            for message in self.public()
            if message.channel == given["channel"] and there(message)
            if float(message.ts) >= float(given.get("oldest", 0))
        ]
        return {
            "messages": [
                {"ts": message.ts, "user": ME, "text": message.text}
                | ({"metadata": message.metadata} if message.metadata else {})
                for message in found
            ]
        }

    def on_assistant_threads_setstatus(self, given: dict[str, Any]) -> None:
        assert "status" in given
        assert given["thread_ts"]

    def on_agents_sessions_setstatus(self, given: dict[str, Any]) -> None:
        assert given["status"] in ("active", "processing", "suspended", "closed")
        assert given["channel_id"]
        assert given["thread_ts"]

    def on_chat_postmessage(self, given: dict[str, Any]) -> dict[str, Any]:
        channel = given["channel"]
        if channel.startswith("U"):
            channel = "D" + channel[1:]
        if channel in self.outside:
            raise Refused("not_in_channel")
        return self._add(given | {"channel": channel})

    def on_chat_postephemeral(self, given: dict[str, Any]) -> dict[str, Any]:
        return self._add(given, only_for=given["user"])

    def on_chat_startstream(self, given: dict[str, Any]) -> dict[str, Any]:
        if not given["channel"].startswith("D") and not given.get("recipient_user_id"):
            raise Refused("missing_recipient_user_id")
        assert given["thread_ts"]
        return self._add(given | {"text": _chunks(given)}, streaming=True)

    def on_chat_appendstream(self, given: dict[str, Any]) -> None:
        message = self._streaming(given)
        message.text += _chunks(given)
        message.updates += 1

    def on_chat_stopstream(self, given: dict[str, Any]) -> None:
        message = self._streaming(given)
        message.text += _chunks(given)
        message.blocks = _blocks(given)
        message.streaming = False
        message.metadata = _metadata(given) or message.metadata

    def on_chat_update(self, given: dict[str, Any]) -> None:
        message = self._message(given)
        if message.streaming:
            raise Refused("streaming_state_conflict")
        if self.refuse_blocks and _blocks(given):
            raise Refused("invalid_blocks")
        self._check_pictures(_blocks(given))
        message.text, message.blocks = given["text"], _blocks(given)
        message.metadata = _metadata(given) or message.metadata
        message.updates += 1

    def on_chat_delete(self, given: dict[str, Any]) -> None:
        message = self._message(given)
        if message.streaming:
            raise Refused("streaming_state_conflict")
        self.messages.remove(message)

    def on_reactions_add(self, given: dict[str, Any]) -> None:
        reaction = (given["channel"], given["timestamp"], given["name"])
        if reaction in self.reactions:
            raise Refused("already_reacted")
        self.reactions.append(reaction)

    def on_views_publish(self, given: dict[str, Any]) -> None:
        view = given["view"]
        view = json.loads(view) if isinstance(view, str) else view
        assert view["type"] == "home"
        self.homes[given["user_id"]] = view

    def on_views_open(self, given: dict[str, Any]) -> None:
        if not given["trigger_id"].startswith("trigger"):
            raise Refused("expired_trigger_id")
        view = given["view"]
        view = json.loads(view) if isinstance(view, str) else view
        if wrong := wrong_view(view):
            raise Refused(wrong)
        self._check_pictures(view["blocks"])
        self.views.append(view)

    def on_files_getuploadurlexternal(self, given: dict[str, Any]) -> dict[str, Any]:
        assert given["filename"]
        file = f"F{len(self.uploads) + 1}"
        self.uploads[file] = b""
        return {"upload_url": self.url.replace("/api/", f"/upload/{file}"), "file_id": file}

    def on_files_completeuploadexternal(self, given: dict[str, Any]) -> dict[str, Any]:
        files = given["files"]
        files = json.loads(files) if isinstance(files, str) else files
        if not all(self.uploads.get(one["id"]) for one in files):
            raise Refused("file_not_found")
        self.shown_files |= {one["id"] for one in files}
        if channel := given.get("channel_id"):
            self.posted_files += [(channel, given.get("thread_ts", ""), one["id"]) for one in files]
        return {"files": files}

    def on_files_info(self, given: dict[str, Any]) -> dict[str, Any]:
        if given["file"] not in self.files:
            raise Refused("file_not_found")
        return {"file": self.files[given["file"]]}

    def _add(
        self, given: dict[str, Any], *, only_for: str = "", streaming: bool = False
    ) -> dict[str, Any]:
        for place in (given["channel"], given.get("thread_ts") or ""):
            if error := self.closed.get(place):
                raise Refused(error)
        self._check_pictures(_blocks(given))
        ts = f"{next(self._ts)}.000100"
        self.messages.append(
            SlackMessage(
                given["channel"],
                ts,
                given.get("text", ""),
                _blocks(given),
                given.get("thread_ts") or "",
                only_for,
                streaming,
                metadata=_metadata(given),
            )
        )
        return {"channel": given["channel"], "ts": ts, "message_ts": ts}

    def _check_pictures(self, blocks: list[dict[str, Any]]) -> None:
        wanted = {block["slack_file"]["id"] for block in blocks if block["type"] == "image"}
        if wanted and self.not_ready:
            self.not_ready -= 1
            raise Refused("invalid_blocks")
        if not wanted <= self.shown_files:
            raise Refused("invalid_blocks")

    def _message(self, given: dict[str, Any]) -> SlackMessage:
        for message in reversed(self.messages):
            if (message.channel, message.ts) == (given["channel"], given["ts"]):
                return message
        raise Refused("message_not_found")

    def _streaming(self, given: dict[str, Any]) -> SlackMessage:
        message = self._message(given)
        if message.stopped:
            raise Refused("stopped_by_user")
        message.streaming &= monotonic() - message.began < self.stream_seconds
        if not message.streaming:
            raise Refused("message_not_in_streaming_state")
        return message


def texts(value: Any) -> Iterator[str]:
    """Every text of some blocks, in order."""
    if isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key == "text" and isinstance(item, str):
                yield item
            elif key != "accessibility_label":
                yield from texts(item)


def _thread(message: dict[str, Any]) -> str:
    return str(message.get("thread_ts", ""))


def _chunks(given: dict[str, Any]) -> str:
    chunks = given.get("chunks") or []
    chunks = json.loads(chunks) if isinstance(chunks, str) else chunks
    if any(chunk["type"] != "markdown_text" for chunk in chunks):
        raise Refused("invalid_chunks")
    return "".join(chunk["text"] for chunk in chunks)


def _metadata(given: dict[str, Any]) -> dict[str, Any] | None:
    metadata = given.get("metadata") or None
    metadata = json.loads(metadata) if isinstance(metadata, str) else metadata
    assert metadata is None or (metadata["event_type"] and metadata["event_payload"])
    return metadata


def _blocks(given: dict[str, Any]) -> list[dict[str, Any]]:
    blocks = given.get("blocks") or []
    blocks = json.loads(blocks) if isinstance(blocks, str) else list(blocks)
    if wrong := wrong_blocks(blocks):
        raise Refused(wrong)
    return blocks


class Socket:
    """One connection of Socket Mode, as the server sees it."""

    def __init__(self, double: SlackDouble, handler: BaseHTTPRequestHandler) -> None:
        self._double = double
        self._in, self._out, self._raw = handler.rfile, handler.wfile, handler.connection

    def serve(self) -> None:
        while frame := self._read():
            opcode, data = frame
            if opcode == 9 and not self._double.is_silent:
                self._write(10, data)
            elif opcode == 1:
                incoming = json.loads(data)
                with self._double.changed:
                    self._double.acknowledged.append(incoming["envelope_id"])
                    self._double.payloads.append(incoming.get("payload") or {})
                    self._double.changed.notify_all()
            elif opcode == 8:
                return

    def send(self, data: bytes) -> None:
        self._write(1, data)

    def close(self) -> None:
        self._raw.shutdown(2)

    def _read(self) -> tuple[int, bytes] | None:
        head = self._in.read(2)
        if len(head) < 2:
            return None
        opcode, size = head[0] & 15, head[1] & 127
        if size == 126:
            (size,) = struct.unpack("!H", self._in.read(2))
        mask, data = self._in.read(4), self._in.read(size)
        return opcode, bytes(byte ^ mask[n % 4] for n, byte in enumerate(data))

    def _write(self, opcode: int, data: bytes) -> None:
        size = len(data)
        head = bytes([0x80 | opcode, min(126, size)])
        self._out.write(head + (struct.pack("!H", size) if size >= 126 else b"") + data)
        self._out.flush()


@contextmanager
def slack_double(served: SlackDouble | None = None) -> Iterator[SlackDouble]:
    """Serves a double, by default a new one."""
    double = served or SlackDouble()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            with double.changed:
                double.connections += 1

        def log_message(self, *_: object) -> None: ...

        def do_GET(self) -> None:
            if self.headers.get("Upgrade") == "websocket":
                return self._upgrade()
            name = self.path.removeprefix("/files/")
            authorised = self.headers.get("Authorization") == f"Bearer {BOT_TOKEN}"
            kind, content = double.contents.get(name, ("text/html", b"<title>Sign in</title>"))
            if not authorised:
                kind, content = "text/html", b"<title>Sign in</title>"
            self._reply(200, content, kind)
            return None

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"] or 0)
            content = self.rfile.read(length)
            if len(content) < length:  # who sent it was killed meanwhile
                self.close_connection = True
                return
            if self.path.startswith("/upload/"):
                double.uploads[self.path.removeprefix("/upload/")] = content
                self._reply(200, b"OK", "text/plain")
                return
            body = content.decode()
            is_json = "json" in (self.headers["Content-Type"] or "")
            given = json.loads(body or "{}") if is_json else dict(parse_qsl(body, True))
            method = self.path.removeprefix("/api/")
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            there = double.others.get(token, double)
            with there.changed:
                there.calls.append((method, given))
                fate = there.fate(method, given)
                late = there.late.pop(method, 5.0 if fate == "late" else 0.0)
            if fate == "gone":
                self.close_connection = True
                return
            Event().wait(late)
            with there.changed:
                status, answer = self._answer(there, method, given, token, fate)
                there.changed.notify_all()
            if there.delay:
                Event().wait(there.delay)
            with suppress(OSError):  # the bot may have hung up
                self._reply(status, json.dumps(answer).encode())

        def _answer(
            self, double: SlackDouble, method: str, given: Any, token: str, fate: str
        ) -> tuple[int, dict[str, Any]]:
            if fate in ("busy", "broken", "lost"):
                trouble = getattr(double, fate)
                trouble[method] = trouble.get(method, 0) + 1
            for trouble, status in ((double.busy, 429), (double.broken, 503)):
                if trouble.get(method, 0) > 0:
                    trouble[method] -= 1
                    return status, {"ok": False, "error": "ratelimited"}
            try:
                answer = double.answer(method, given, token)
            except Refused as refused:
                return 200, {"ok": False, "error": str(refused)}
            if double.lost.get(method, 0) > 0:
                double.lost[method] -= 1
                return 502, {"ok": False, "error": "bad gateway"}
            return 200, {"ok": True, **answer}

        def _reply(self, status: int, content: bytes, kind: str = "application/json") -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            if status == 429:
                self.send_header("Retry-After", double.retry_after)
            self.end_headers()
            self.wfile.write(content)

        def _upgrade(self) -> None:
            key = self.headers["Sec-WebSocket-Key"].encode()
            self.send_response(101)
            self.send_header("Upgrade", "websocket")
            self.send_header("Connection", "Upgrade")
            self.send_header("Sec-WebSocket-Accept", b64encode(sha1(key + _GUID).digest()).decode())
            self.end_headers()
            self.close_connection = True
            socket = Socket(double, self)
            with double.changed:
                double.sockets.append(socket)
                double.changed.notify_all()
            try:
                socket.serve()
            except OSError:
                pass
            finally:
                with double.changed:
                    double.sockets.remove(socket)
                    double.changed.notify_all()

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

    server = Server(("127.0.0.1", 0), Handler)
    double.url = f"http://127.0.0.1:{server.server_port}/api/"
    thread = Thread(target=server.serve_forever, args=(0.005,), daemon=True)
    thread.start()
    try:
        yield double
    finally:
        double.drop_sockets()
        server.shutdown()
        server.server_close()
        thread.join()
