"""/phi3-ingest remove: takes collections and documents from a conversation; others keep them."""

import logging
from collections.abc import Callable, Sequence

from bot.answers.render import name_of
from bot.ingest.wanted import Wanted
from bot.slack.client import Me
from bot.slack.conversations import ChannelKind, Conversation, Conversations
from bot.slack.events import Request
from domain.collections import Collection
from domain.documents import SourceState
from domain.errors import RetrievalError, public_text
from domain.labels import channel_label
from domain.links import UPLOAD
from domain.questions import Audience
from domain.text import truncate
from records.collections import Collections
from records.sources import Sources

log = logging.getLogger(__name__)

_LOOKED_AT = 5
"""How many other channels of a document Slack is asked about: the event waits only 3 s."""

Withdraw = Callable[[str, Audience], object]


class Removing:
    """``withdraw`` takes a source from some readers, ``withdraw_collection`` what is in one.

    Both raise RetrievalError, and may be repeated. ``forget`` deletes what is kept of a collection
    that is removed.
    """

    def __init__(
        self,
        me: Me,
        conversations: Conversations,
        collections: Collections,
        sources: Sources,
        withdraw: Withdraw,
        withdraw_collection: Withdraw,
        forget: Callable[[Collection], None],
    ) -> None:
        self._me = me
        self._conversations = conversations
        self._collections = collections
        self._sources = sources
        self._withdraw = withdraw
        self._withdraw_collection = withdraw_collection
        self._forget = forget

    def remove(self, wanted: Sequence[Wanted], request: Request, here: Conversation) -> str:
        """A line for each. Raises MessengerError and DatabaseUnavailable."""
        person = request.person
        lines = [
            self._remove(self._known(one), one.name, one.conversation, person) for one in wanted
        ]
        lines += [self._remove(file.uri, file.name, here, person) for file in request.files]
        return "\n".join(lines)

    def _known(self, wanted: Wanted) -> str:
        """The uri under which it is known."""
        is_known = self._collections.find(wanted.uri) or self._sources.find(wanted.uri)
        return wanted.uri if is_known else wanted.written or wanted.uri

    def _remove(self, uri: str, name: str, place: Conversation, person: str) -> str:
        own = place.own(person)
        audience = self._audience(uri)
        if not own.may_read(audience):
            return f"{truncate(name or name_of(uri), 200)} was not added in this conversation."
        taken = place.readers(person)
        if place.kind is ChannelKind.PUBLIC and self._is_public_elsewhere(audience, own):
            taken = own
        try:
            self._take(uri, taken)
        except RetrievalError as error:
            log.warning("%s was not withdrawn: %s", uri, error)
            return f"{name} is not removed: {public_text(error)} Try again in a minute."
        if place.audience(person).may_read(self._audience(uri)):
            return (
                f"{name} is no longer given to this conversation, but it was given to more people, "
                "and can still be read here."
            )
        return f"{name} is removed: nobody can ask about it here any more."

    def _audience(self, uri: str) -> Audience:
        """Who was given a collection, and the document of the same name."""
        collection, source = self._collections.find(uri), self._sources.find(uri)
        given = collection.audience if collection else Audience.of()
        if source and source.state is not SourceState.REMOVED:
            given = given.together_with(source.audience)
        return given

    def _take(self, uri: str, taken: Audience) -> None:
        """The documents come first: after a crash the collection can still be removed."""
        if collection := self._collections.find(uri):
            self._withdraw_collection(uri, taken)
            if collection.kind == UPLOAD and collection.readers.labels <= taken.labels:
                # Before its row, since nobody would find the file any more after a crash.
                self._forget(collection)
            is_deleted = self._collections.withdraw(uri, taken)
            # A reading may have found more in between.
            self._withdraw_collection(uri, taken)
            if is_deleted:
                self._forget(collection)
        if self._sources.find(uri):
            self._withdraw(uri, taken)

    def _is_public_elsewhere(self, audience: Audience, own: Audience) -> bool:
        """Whether another public channel of the workspace, so all members, may read it."""
        prefix = channel_label(self._me.team, "")
        others = [label for label in audience.labels - own.labels if label.startswith(prefix)]
        return any(
            self._conversations.as_it_is_now(label.removeprefix(prefix)).kind is ChannelKind.PUBLIC
            for label in sorted(others)[:_LOOKED_AT]
        )
