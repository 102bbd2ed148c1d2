"""Cards: questions with the answers that experts confirmed, as documents."""

from collections.abc import Callable, Mapping, Sequence

from domain.cards import Card, CardState
from domain.errors import GoneSource
from knowledge.sources.base import Entry, Fetched, Listing

FindCard = Callable[[str], Card | None]
"""Gives a card by its name as a source. Raises DatabaseUnavailable."""


class CardSources:
    """Implements Connector for cards that are named one by one. What was taken back is gone."""

    def __init__(self, uris: Sequence[str], find: FindCard) -> None:
        self._uris, self._find = uris, find

    def list(self, known: Mapping[str, str], cursor: str) -> Listing:  # noqa: ARG002
        there = {uri: self._verified(uri) is not None for uri in self._uris}
        return Listing(
            tuple(Entry(uri) for uri in self._uris if there[uri]),
            gone=tuple(uri for uri in self._uris if not there[uri]),
        )

    def read(self, entry: Entry, version: str) -> Fetched:  # noqa: ARG002 - it has none
        if (card := self._verified(entry.uri)) is None:
            raise GoneSource("the answer was withdrawn")
        return Fetched(card.content(), modified=card.confirmed_at)

    def _verified(self, uri: str) -> Card | None:
        card = self._find(uri)
        return card if card and card.state is CardState.VERIFIED else None
