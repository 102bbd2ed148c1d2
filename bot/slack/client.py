"""Slack's Web API: the calls that the bot makes."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk.web.chat_stream import ChatStream

from bot.answers.blocks import SlackBlock
from bot.slack.errors import is_busy, is_stopped, may_pass, translated
from bot.slack.lookups import EVENT, Lookups
from domain.errors import ConfigError, MessengerRefused, MessengerUnavailable

log = logging.getLogger(__name__)

_NOT_HERE = {"unknown_method", "missing_scope", "not_allowed_token_type", "feature_not_enabled"}
"""Error codes that will not change: this workspace does not have the feature."""


@dataclass(frozen=True, slots=True)
class Me:
    """The bot's identity in its workspace."""

    team: str
    user: str
    url: str = ""
    """The address of the workspace, such as ``https://acme.slack.com/``."""


class SlackClient(Lookups):
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
        super().__init__(token, url, timeout=timeout)
        self._missing: set[str] = set()

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


def _metadata(mark: str) -> dict[str, Any] | None:
    return {"event_type": EVENT, "event_payload": {"id": mark}} if mark else None
