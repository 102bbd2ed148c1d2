"""Makes the connectors of channels and threads, after it has asked who can read the channel."""

import logging
from collections.abc import Callable

from bot.history.calls import Download, HistoryCalls
from bot.history.channel import SlackChannel
from bot.history.documents import Documents
from bot.history.names import Names
from bot.history.thread import SlackThread
from bot.history.uris import CHANNEL, SlackPlace, slack_place
from bot.slack.client import Me, SlackClient
from bot.slack.conversations import ChannelKind, kind_of
from bot.slack.errors import waiting_for_slack
from domain.collections import Collection
from domain.errors import ConfigError, MessengerRefused, UnreadableSource
from domain.labels import EVERYONE, team_label
from domain.questions import Audience
from domain.text import truncate
from knowledge.sources.base import Connector
from records.collections import Collections

log = logging.getLogger(__name__)

Withdraw = Callable[[str, Audience], object]
"""Takes what is in a collection from an audience."""


class SlackCollections:
    """Channels and threads, as collections that are read again and again."""

    def __init__(
        self,
        slack: SlackClient,
        me: Me,
        download: Download,
        collections: Collections,
        withdraw: Withdraw,
    ) -> None:
        self._slack = slack
        self._me = me
        self._download = download
        self._collections = collections
        self._withdraw = withdraw
        self._names = Names(slack.profile)

    def connector(self, collection: Collection, changed: str = "") -> Connector:
        """The connector of a channel or a thread; of a thread that has ``changed``, only for it.

        If a channel is not public any more, it is first taken from those who cannot read it; then
        UnreadableSource is raised, and the next reading goes on. Raises ConfigError for what is no
        channel of this workspace, and MessengerUnavailable.
        """
        place = slack_place(collection.uri)
        if place is None or place.team != self._me.team:
            raise ConfigError(f"{collection.uri} is not in this bot's workspace.")
        about = self._about(place)
        self._check_readers(collection, place, kind_of(about) if about else ChannelKind.UNKNOWN)
        calls = HistoryCalls(self._slack, self._download)
        documents = Documents(self._me, self._names, title_of(about))
        if place.kind == CHANNEL:
            return SlackChannel(calls, documents, place, thread=changed)
        return SlackThread(calls, documents, place)

    def or_else(
        self, connect: Callable[[Collection], Connector]
    ) -> Callable[[Collection], Connector]:
        """Makes the connector of any collection; ``connect`` those that are not of Slack."""

        def connector(collection: Collection) -> Connector:
            is_slack = slack_place(collection.uri) is not None
            return self.connector(collection) if is_slack else connect(collection)

        return connector

    def _about(self, place: SlackPlace) -> dict[str, object]:
        """What Slack says of the channel; nothing if the bot cannot see it any more."""
        try:
            with waiting_for_slack():
                return self._slack.conversation(place.channel)
        except MessengerRefused as error:
            if error.code == "channel_not_found":
                return {}
            raise UnreadableSource(f"Slack does not let me look at it ({error.code})") from error

    def _check_readers(self, collection: Collection, place: SlackPlace, kind: ChannelKind) -> None:
        wide = collection.audience.labels & {EVERYONE, team_label(place.team)}
        if kind is not ChannelKind.PUBLIC and wide:
            log.warning("%s is not public any more, and is taken from others", collection.uri)
            self._narrow(collection, place, Audience(wide))
            raise UnreadableSource(
                "this channel is not public any more, so from now on only those who can read it "
                "can ask about what was read there"
            )
        if kind is ChannelKind.UNKNOWN:
            raise UnreadableSource(
                "I am not in this channel any more. What I read there before is kept: invite me to "
                "it again, or remove it with /phi3-ingest remove"
            )

    def _narrow(self, collection: Collection, place: SlackPlace, wide: Audience) -> None:
        """Takes all that was read in the channel from ``wide``, also by its other collections.

        These first give nothing to ``wide`` any more, since a document in several would pass from
        one to the other. The collection itself does so last: after a crash all is done again.
        """
        others = [
            each.uri
            for each in self._collections.all()
            if each.uri != collection.uri and _is_in(each.uri, place)
        ]
        for uri in others:
            self._collections.withdraw(uri, wide)
        for uri in (*others, collection.uri):
            self._withdraw(uri, wide)
        self._collections.withdraw(collection.uri, wide)


def _is_in(uri: str, place: SlackPlace) -> bool:
    """Whether ``uri`` names something in the same channel."""
    other = slack_place(uri)
    return other is not None and (other.team, other.channel) == (place.team, place.channel)


def title_of(about: dict[str, object]) -> str:
    """The name of a channel as people see it, from what conversations.info says."""
    if about.get("is_im"):
        return "Direct messages"
    if about.get("is_mpim"):
        return "Group messages"
    name = " ".join(str(about.get("name") or "").split())
    return f"#{truncate(name, 80)}" if name else "A channel"
