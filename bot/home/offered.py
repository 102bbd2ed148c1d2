"""What the people of a channel can choose to be answered from: what may be read there."""

from collections import Counter
from collections.abc import Mapping

from bot.home.channel_form import OFFERED
from bot.ingest.lists import IngestLists
from bot.ingest.outcomes import name_of_collection, name_of_document
from bot.slack.conversations import Conversations
from domain.channels import ChannelSettings
from domain.documents import SourceState
from domain.questions import Audience
from domain.text import is_blank, truncate
from records.readable import ReadableSources
from records.sources import Sources

_LONGEST, _NAME, _END = 75, 40, 30
"""Characters that a menu of Slack shows; of a name and of the end of an address behind it."""


class Offered:
    """Every method raises MessengerError and DatabaseUnavailable."""

    def __init__(
        self,
        conversations: Conversations,
        lists: IngestLists,
        readable: ReadableSources,
        sources: Sources,
    ) -> None:
        self._conversations = conversations
        self._lists = lists
        self._readable = readable
        self._sources = sources

    def to(self, channel: str, person: str, already: ChannelSettings) -> dict[str, str]:
        """The names of sources and collections by their uris; what is chosen already comes first.

        Only what every reader of the channel may read, and at most as many as a menu can offer:
        collections, and then the documents that were read last.
        """
        audience = self._conversations.conversation(channel).audience(person)
        if not audience.labels:
            return {}
        collections = self._lists.readable(audience)
        # A page is a collection of one document, which has a title.
        titles = self._readable.among([one.uri for one in collections], audience)
        found = {
            one.uri: name_of_document(titles[one.uri])
            if one.uri in titles
            else name_of_collection(one.uri, one)
            for one in collections
        }
        documents, _ = self._readable.page(
            audience, [SourceState.INDEXED], without=[*found][:OFFERED], limit=OFFERED
        )
        found |= {one.uri: name_of_document(one) for one in documents}
        chosen = {uri: found.get(uri) or self._name(uri, audience) for uri in already.chosen}
        named = {uri: name for uri, name in (chosen | found).items() if not is_blank(name)}
        return told_apart(dict(list(named.items())[:OFFERED]))

    def _name(self, uri: str, audience: Audience) -> str:
        """The name of a document that was read long ago; empty if it may not be read here."""
        source = self._sources.find(uri)
        may_be_read = source is not None and audience.may_read(source.audience)
        return name_of_document(source) if source and may_be_read else ""


def told_apart(names: Mapping[str, str]) -> dict[str, str]:
    """The names by uri; where several are equal, each has the end of its address behind it."""
    shown = {uri: truncate(name, _LONGEST) for uri, name in names.items()}
    often = Counter(shown.values())
    return {
        uri: name if often[name] == 1 else f"{truncate(name, _NAME)} (…{uri[-_END:]})"
        for uri, name in shown.items()
    }
