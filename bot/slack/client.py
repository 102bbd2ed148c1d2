"""Slack's Web API: the calls that the bot makes."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from slack_sdk.http_retry import HttpRequest, HttpResponse, RetryHandler, RetryState
from slack_sdk.http_retry.builtin_handlers import (
    ConnectionErrorRetryHandler,
    RateLimitErrorRetryHandler,
    ServerErrorRetryHandler,
)
from slack_sdk.web.chat_stream import ChatStream
from slack_sdk.web.slack_response import SlackResponse

from bot.answers.blocks import SlackBlock
from bot.history.messages import HistoryPage, history_page
from bot.slack.errors import is_busy, is_stopped, may_pass, retry_after, translated
from bot.slack.rates import Rates
from bot.slack.web_client import KeptWebClient
from domain.errors import ConfigError, MessengerRefused, MessengerUnavailable

log = logging.getLogger(__name__)

_PAGES = 5
"""The most pages of 200 messages in which a message is looked for."""

_LONGEST_WAIT = 60
"""Seconds; of five waits in a row this makes five minutes, then other work is done first."""

_SHORT = 3
"""Seconds that a call may take for which a person waits, or the next piece of an answer."""

_PAGE = 200
_CHANNEL_PAGES = 3
"""The most pages of 1,000 channels in which one is looked for by name: a person waits for it."""

_PEOPLE_PAGES = 100
"""The most pages of 1,000 people that are read."""

_EVENT = "phi3"
"""The event_type of the metadata that marks the bot's messages."""

_NOT_HERE = {"unknown_method", "missing_scope", "not_allowed_token_type", "feature_not_enabled"}
"""Error codes that will not change: this workspace does not have the feature."""


@dataclass(frozen=True, slots=True)
class Me:
    """The bot's identity in its workspace."""

    team: str
    user: str
    url: str = ""
    """The address of the workspace, such as ``https://acme.slack.com/``."""


@dataclass(frozen=True, slots=True)
class Posted:
    """A message in a channel. ``mark`` says what the bot posted it for, or is empty."""

    ts: str
    mark: str
    is_own: bool


class _Patient(RateLimitErrorRetryHandler):
    """Waits as Slack asks, but not for longer than ``_LONGEST_WAIT`` at a time."""

    def _can_retry(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        is_short = response is not None and retry_after(response.headers) <= _LONGEST_WAIT
        return is_short and super()._can_retry(
            state=state, request=request, response=response, error=error
        )


class _Noting(RetryHandler):
    """Notes for how long Slack does not want a method to be called; it repeats no call."""

    def __init__(self, rates: Rates) -> None:
        super().__init__()
        self._rates = rates

    def can_retry(
        self,
        *,
        state: RetryState,  # noqa: ARG002 - the SDK passes it
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,  # noqa: ARG002
    ) -> bool:
        if response is not None and response.status_code == 429:
            method = request.url.rpartition("/")[2]
            self._rates.refused(method, retry_after(response.headers))
        return False


class SlackClient:
    """The calls of Slack's API that the bot needs. Every method raises MessengerError.

    Posting is tried again only if Slack said that it did nothing (429), since a second post would
    be a second answer. Calls that can be repeated without harm are repeated after any failure.
    The rates that Slack allows are kept over all threads: what is not ``steady`` is refused as
    ``ratelimited`` before a rate is used up, and all other messages wait for their turn.
    A ``mark`` is kept in a message's metadata, so that ``messages`` finds a post whose reply from
    Slack was lost.
    """

    def __init__(
        self, token: str, url: str = "https://slack.com/api/", *, timeout: int = 15
    ) -> None:
        def client(*handlers: Any, seconds: int = timeout) -> WebClient:
            noting = _Noting(self._rates)
            return KeptWebClient(
                token, base_url=url, timeout=seconds, retry_handlers=[noting, *handlers]
            )

        self._rates = Rates()
        self.url = url
        self.token = token
        self._posting = client(_Patient(max_retry_count=3))
        self._steady = client(
            _Patient(max_retry_count=5),
            ConnectionErrorRetryHandler(max_retry_count=3),
            ServerErrorRetryHandler(max_retry_count=3),
        )
        self._brisk = client(seconds=_SHORT)
        self._missing: set[str] = set()
        self._user = self._bot = ""

    def client(self) -> WebClient:
        """The SDK's client, for Bolt and for Socket Mode."""
        return self._posting

    @property
    def authorize(self) -> Callable[[], AuthorizeResult] | None:
        """Tells Bolt whose bot it is, where its client has no token."""
        return None

    def use(self, token: str) -> None:
        """From now on every call is made with this token."""
        self.token = token
        for client in (self._posting, self._steady, self._brisk):
            client.token = token

    def me(self) -> Me:
        """Whom the token belongs to; it waits as ``history`` does, since the bot begins with it.

        Raises ConfigError if Slack does not accept the token.
        """
        try:
            with translated("the bot's token"):
                response = self._steady.auth_test()
        except MessengerRefused as error:
            if is_busy(error):
                raise
            raise ConfigError(
                f"Slack does not accept SLACK_BOT_TOKEN ({error.code}); "
                "copy the bot token (xoxb-…) from the app's OAuth page."
            ) from error
        self._user, self._bot = str(response["user_id"]), str(response.get("bot_id") or "")
        url = str(response.get("url") or "")
        return Me(str(response["team_id"]), self._user, url if url.startswith("https://") else "")

    def post(
        self,
        channel: str,
        text: str,
        blocks: Sequence[SlackBlock] = (),
        thread: str = "",
        *,
        mark: str = "",
        steady: bool = True,
    ) -> str:
        """Posts a message and returns its ts; not ``steady``: tried once, for progress."""
        return self.posted(channel, text, blocks, thread, mark=mark, steady=steady)[1]

    def posted(
        self,
        channel: str,
        text: str,
        blocks: Sequence[SlackBlock] = (),
        thread: str = "",
        *,
        mark: str = "",
        steady: bool = True,
    ) -> tuple[str, str]:
        """Posts and returns channel and ts: posting to a person's id opens another channel."""
        client = self._posting if steady else self._brisk
        self._take_turn("chat.postMessage", channel, "to post a message", steady=steady)
        with translated("to post a message"):
            response = client.chat_postMessage(
                channel=channel,
                text=text,
                blocks=list(blocks),
                thread_ts=thread or None,
                metadata=_metadata(mark),
                unfurl_links=False,
                unfurl_media=False,
            )
        return str(response["channel"]), str(response["ts"])

    def messages(self, channel: str, thread: str, since: str) -> list[Posted]:
        """The messages in a thread, or in the channel if ``thread`` is empty, since a ts."""
        found, cursor = list[Posted](), ""
        look = self._steady.conversations_replies if thread else self._steady.conversations_history
        where = {"ts": thread} if thread else {}
        for _ in range(_PAGES):
            with translated("to look at a conversation"):
                response = look(
                    channel=channel,
                    **where,
                    oldest=since,
                    inclusive=True,
                    include_all_metadata=True,
                    limit=200,
                    cursor=cursor or None,
                )
            found += [self._as_posted(message) for message in response.get("messages") or ()]
            cursor = (response.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                break
        return found

    def history(
        self, channel: str, oldest: float = 0.0, latest: float = 0.0, next_page: str = ""
    ) -> HistoryPage:
        """A page of a channel's messages, the newest first; times in seconds, 0 for no limit.

        It waits if Slack is busy, for some minutes at most.
        """
        with translated("to read a channel"):
            response = self._steady.conversations_history(
                channel=channel,
                oldest=f"{oldest:.6f}" if oldest else None,
                latest=f"{latest:.6f}" if latest else None,
                inclusive=True,
                limit=_PAGE,
                cursor=next_page or None,
            )
        return history_page(_as_payload(response))

    def replies(
        self, channel: str, thread: str, next_page: str = "", *, steady: bool = True
    ) -> HistoryPage:
        """A page of a thread's messages, the oldest first.

        It waits as ``history`` does; not ``steady``: tried once, since a person waits.
        """
        client = self._steady if steady else self._brisk
        with translated("to read a thread"):
            response = client.conversations_replies(
                channel=channel, ts=thread, limit=_PAGE, cursor=next_page or None
            )
        return history_page(_as_payload(response))

    def public_channel(self, name: str) -> str:
        """The id of the public channel of that name; empty if there is none."""
        next_page = ""
        for _ in range(_CHANNEL_PAGES):
            with translated("to look for a channel"):
                response = self._brisk.conversations_list(
                    types="public_channel",
                    exclude_archived=True,
                    limit=1_000,
                    cursor=next_page or None,
                )
            for channel in response.get("channels") or ():
                if channel.get("name") == name:
                    return str(channel["id"])
            next_page = (response.get("response_metadata") or {}).get("next_cursor") or ""
            if not next_page:
                break
        return ""

    def direct_channel(self, person: str) -> str:
        """The id of the conversation of the bot and a person; empty if there is none."""
        next_page = ""
        for _ in range(_CHANNEL_PAGES):
            with translated("to look for a conversation"):
                response = self._steady.conversations_list(
                    types="im", limit=1_000, cursor=next_page or None
                )
            for channel in response.get("channels") or ():
                if channel.get("user") == person:
                    return str(channel["id"])
            next_page = (response.get("response_metadata") or {}).get("next_cursor") or ""
            if not next_page:
                break
        return ""

    def _as_posted(self, message: dict[str, Any]) -> Posted:
        metadata = message.get("metadata") or {}
        ours = metadata.get("event_type") == _EVENT
        mark = str(metadata.get("event_payload", {}).get("id", "")) if ours else ""
        is_own = message.get("user") == self._user or bool(
            self._bot and message.get("bot_id") == self._bot
        )
        return Posted(str(message["ts"]), mark, is_own)

    def update(
        self,
        channel: str,
        ts: str,
        text: str,
        blocks: Sequence[SlackBlock] = (),
        *,
        mark: str = "",
        steady: bool = True,
    ) -> None:
        """Replaces a message's text and blocks; not ``steady``: tried once, for progress."""
        client = self._steady if steady else self._brisk
        self._take_turn("chat.update", channel, "to update a message", steady=steady)
        with translated("to update a message"):
            client.chat_update(
                channel=channel, ts=ts, text=text, blocks=list(blocks), metadata=_metadata(mark)
            )

    def has_room(self, method: str, channel: str) -> bool:
        """Whether progress may be shown by a call of a method now; that call is counted."""
        return self._rates.has_room(method, channel)

    def _take_turn(self, method: str, channel: str, doing: str, *, steady: bool) -> None:
        if steady:
            self._rates.wait(method, channel)
        elif not self._rates.has_room(method, channel):
            raise MessengerRefused("ratelimited", doing, self._rates.pause(method))

    def _check_pause(self, method: str, doing: str) -> None:
        if left := self._rates.pause(method):
            raise MessengerRefused("ratelimited", doing, left)

    def stream(self, channel: str, thread: str, team: str, person: str) -> ChatStream | None:
        """A stream that has not begun yet; None if this workspace has no streams."""
        if "stream" in self._missing:
            return None
        return self._brisk.chat_stream(
            buffer_size=1,
            channel=channel,
            thread_ts=thread,
            recipient_team_id=team,
            recipient_user_id=person,
        )

    def append(self, stream: ChatStream, markdown: str) -> str:
        """Sends a piece and returns the stream's ts."""
        try:
            with translated("to stream an answer"):
                stream.append(markdown_text=markdown)
        except MessengerRefused as error:
            if error.code in _NOT_HERE:
                self._missing.add("stream")
            raise
        return str(stream.ts)

    def stop(
        self, stream: ChatStream, markdown: str, blocks: Sequence[SlackBlock], *, mark: str = ""
    ) -> None:
        with translated("to end a stream"):
            stream.stop(
                markdown_text=markdown or None, blocks=list(blocks), metadata=_metadata(mark)
            )

    def end_stream(self, channel: str, ts: str, *, steady: bool = True) -> None:
        """Ends a stream if the message is one that still runs; not ``steady``: tried once.

        It raises only if the stream may run on, or if the error says that a person stopped it.
        """
        if "stream" in self._missing:
            return
        client = self._steady if steady else self._brisk
        try:
            with translated("to end a stream"):
                client.chat_stopStream(channel=channel, ts=ts)
        except MessengerRefused as error:
            if may_pass(error) or is_stopped(error):
                raise
            log.debug("No stream to end at %s: %s", ts, error)

    def delete(self, channel: str, ts: str) -> None:
        """Deletes a message of the bot, unless it is gone already."""
        try:
            with translated("to delete a message"):
                self._steady.chat_delete(channel=channel, ts=ts)
        except MessengerRefused as error:
            if error.code != "message_not_found":
                raise

    def status(self, channel: str, thread: str, text: str) -> bool:
        """Shows ``text`` as the bot's status; False if this workspace has no status."""
        if "status" in self._missing:
            return False
        try:
            with translated("to set a status"):
                self._brisk.assistant_threads_setStatus(
                    channel_id=channel, thread_ts=thread, status=text
                )
        except MessengerRefused as error:
            if error.code in _NOT_HERE:
                self._missing.add("status")
            return False
        except MessengerUnavailable:
            return False
        return True

    def react(self, channel: str, ts: str, emoji: str) -> None:
        """Adds a reaction; once it is there, does nothing."""
        if "reactions" in self._missing:
            return
        try:
            with translated("to add a reaction"):
                self._brisk.reactions_add(channel=channel, timestamp=ts, name=emoji)
        except MessengerRefused as error:
            if error.code in _NOT_HERE:
                self._missing.add("reactions")
            elif error.code != "already_reacted":
                raise

    def end_session(self, channel: str, thread: str) -> None:
        """Takes back that the bot works in a thread, after a person pressed Stop there."""
        if "session" in self._missing:
            return
        try:
            with translated("to end a session"):
                self._brisk.agents_sessions_setStatus(
                    channel_id=channel, thread_ts=thread, status="active"
                )
        except MessengerRefused as error:
            if error.code in _NOT_HERE:
                self._missing.add("session")
            log.debug("No session to end in %s: %s", thread, error)

    def post_ephemeral(
        self,
        channel: str,
        person: str,
        text: str,
        blocks: Sequence[SlackBlock] = (),
        thread: str = "",
    ) -> None:
        """Posts a message that only ``person`` sees."""
        with translated("to post a message for one person"):
            self._posting.chat_postEphemeral(
                channel=channel,
                user=person,
                text=text,
                blocks=list(blocks) or None,
                thread_ts=thread or None,
            )

    def open_view(self, trigger: str, view: SlackBlock) -> None:
        with translated("to open a form"):
            self._brisk.views_open(trigger_id=trigger, view=view)

    def publish_home(self, person: str, view: SlackBlock) -> None:
        with translated("to show the Home tab"):
            self._brisk.views_publish(user_id=person, view=view)

    def conversation(self, channel: str) -> dict[str, Any]:
        """The result of ``conversations.info``; with a short timeout, since an event waits."""
        self._check_pause("conversations.info", "to look at the channel")
        with translated("to look at the channel"):
            return dict(self._brisk.conversations_info(channel=channel)["channel"])

    def members(self, channel: str, next_page: str = "") -> tuple[list[str], str]:
        """Ids of people in a channel, and the name of the next page; empty if there is none."""
        with translated("to see who is in a channel"):
            response = self._brisk.conversations_members(
                channel=channel, limit=1_000, cursor=next_page or None
            )
        cursor = (response.get("response_metadata") or {}).get("next_cursor") or ""
        return [str(member) for member in response["members"]], str(cursor)

    def people(self) -> list[dict[str, Any]]:
        """What ``users.list`` says of all people of the workspace; it waits as ``history`` does."""
        found, next_page = list[dict[str, Any]](), ""
        for _ in range(_PEOPLE_PAGES):
            with translated("to look for the workspace's people"):
                response = self._steady.users_list(limit=1_000, cursor=next_page or None)
            found += response.get("members") or ()
            next_page = (response.get("response_metadata") or {}).get("next_cursor") or ""
            if not next_page:
                break
        return found

    def person(self, person: str) -> dict[str, Any]:
        """What ``users.info`` says."""
        self._check_pause("users.info", "to look at a person")
        with translated("to look at a person"):
            return dict(self._brisk.users_info(user=person)["user"])

    def profile(self, person: str) -> dict[str, Any]:
        """What ``users.info`` says; it waits as ``history`` does, since nobody waits for it."""
        with translated("to look at a person"):
            return dict(self._steady.users_info(user=person)["user"])

    def upload(
        self, name: str, content: bytes, title: str, channel: str = "", thread: str = ""
    ) -> str:
        """Uploads a file and returns its id.

        It is posted in a channel; without one only the bot sees it, until a message shows it.
        """
        with translated("to upload a file"):
            response = self._steady.files_upload_v2(
                filename=name,
                file=content,
                title=title,
                channel=channel or None,
                thread_ts=thread or None,
            )
            return str(response["files"][0]["id"])

    def file(self, file_id: str) -> dict[str, Any]:
        with translated("to look at a file"):
            return dict(self._steady.files_info(file=file_id)["file"])


def _as_payload(response: SlackResponse) -> dict[str, Any]:
    assert isinstance(response.data, dict)
    return response.data


def _metadata(mark: str) -> dict[str, Any] | None:
    return {"event_type": _EVENT, "event_payload": {"id": mark}} if mark else None
