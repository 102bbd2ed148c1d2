"""What the bot looks up in Slack: channels, people, files, and what was written."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from slack_sdk.web.slack_response import SlackResponse

from bot.history.messages import HistoryPage, history_page
from bot.slack.connection import Connection
from bot.slack.errors import translated

EVENT = "phi3"
"""The event_type of the metadata that marks the bot's messages."""

_PAGES = 5
"""The most pages of 200 messages in which a message is looked for."""

_PAGE = 200
_CHANNEL_PAGES = 3
"""The most pages of 1,000 channels in which one is looked for by name: a person waits for it."""

_PEOPLE_PAGES = 100
"""The most pages of 1,000 people that are read."""


@dataclass(frozen=True, slots=True)
class Posted:
    """A message in a channel. ``mark`` says what the bot posted it for, or is empty."""

    ts: str
    mark: str
    is_own: bool


class Lookups(Connection):
    """The calls that change nothing. Every method raises MessengerError."""

    _user = _bot = ""
    """The ids of the bot's user and of the bot, once they are known."""

    def messages(self, channel: str, thread: str, since: str) -> list[Posted]:
        """The messages in a thread, or in the channel if ``thread`` is empty, since a ts."""
        look = self._steady.conversations_replies if thread else self._steady.conversations_history
        asked = {
            "channel": channel,
            "oldest": since,
            "inclusive": True,
            "include_all_metadata": True,
            "limit": _PAGE,
        }
        asked |= {"ts": thread} if thread else {}
        pages = _pages(look, "to look at a conversation", _PAGES, **asked)
        return [self._as_posted(one) for page in pages for one in page.get("messages") or ()]

    def _as_posted(self, message: dict[str, Any]) -> Posted:
        metadata = message.get("metadata") or {}
        ours = metadata.get("event_type") == EVENT
        mark = str(metadata.get("event_payload", {}).get("id", "")) if ours else ""
        is_own = message.get("user") == self._user or bool(
            self._bot and message.get("bot_id") == self._bot
        )
        return Posted(str(message["ts"]), mark, is_own)

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
        pages = _pages(
            self._brisk.conversations_list,
            "to look for a channel",
            _CHANNEL_PAGES,
            types="public_channel",
            exclude_archived=True,
            limit=1_000,
        )
        return _id_where("name", name, pages)

    def direct_channel(self, person: str) -> str:
        """The id of the conversation of the bot and a person; empty if there is none."""
        look, doing = self._steady.conversations_list, "to look for a conversation"
        pages = _pages(look, doing, _CHANNEL_PAGES, types="im", limit=1_000)
        return _id_where("user", person, pages)

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
        return [str(member) for member in response["members"]], _next_page(response)

    def people(self) -> list[dict[str, Any]]:
        """What ``users.list`` says of all people of the workspace; it waits as ``history`` does."""
        look, doing = self._steady.users_list, "to look for the workspace's people"
        pages = _pages(look, doing, _PEOPLE_PAGES, limit=1_000)
        return [person for page in pages for person in page.get("members") or ()]

    def person(self, person: str) -> dict[str, Any]:
        """What ``users.info`` says."""
        self._check_pause("users.info", "to look at a person")
        with translated("to look at a person"):
            return dict(self._brisk.users_info(user=person)["user"])

    def profile(self, person: str) -> dict[str, Any]:
        """What ``users.info`` says; it waits as ``history`` does, since nobody waits for it."""
        with translated("to look at a person"):
            return dict(self._steady.users_info(user=person)["user"])

    def file(self, file_id: str) -> dict[str, Any]:
        with translated("to look at a file"):
            return dict(self._steady.files_info(file=file_id)["file"])


def _pages(
    look: Callable[..., SlackResponse], doing: str, most: int, **asked: Any
) -> Iterator[SlackResponse]:
    """The pages of an answer, ``most`` at most; each is asked for when it is wanted."""
    cursor = ""
    for _ in range(most):
        with translated(doing):
            response = look(**asked, cursor=cursor or None)
        yield response
        cursor = _next_page(response)
        if not cursor:
            return


def _next_page(response: SlackResponse) -> str:
    return str((response.get("response_metadata") or {}).get("next_cursor") or "")


def _id_where(field: str, value: str, pages: Iterator[SlackResponse]) -> str:
    """The id of the first channel with that value; empty if none has it."""
    channels = (channel for page in pages for channel in page.get("channels") or ())
    return next((str(one["id"]) for one in channels if one.get(field) == value), "")


def _as_payload(response: SlackResponse) -> dict[str, Any]:
    assert isinstance(response.data, dict)
    return response.data
