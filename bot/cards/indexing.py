"""Keeps the index as the cards say: a card is a source of its own."""

from collections.abc import Callable
from datetime import UTC, datetime

from domain.cards import Card
from domain.documents import Source, SourceState
from domain.errors import UnreadableSource
from domain.questions import Audience
from records.sources import Sources


class CardIndex:
    """``ingest`` reads one source, ``withdraw`` takes one from some of its readers.

    Every method raises RetrievalError, IngestError and DatabaseUnavailable, and may be repeated.
    """

    def __init__(
        self,
        sources: Sources,
        ingest: Callable[[Source], Source],
        withdraw: Callable[[str, Audience], object],
    ) -> None:
        self._sources = sources
        self._ingest = ingest
        self._withdraw = withdraw

    def add(self, card: Card) -> None:
        """Lets those find a card who may read it, and nobody else."""
        now = datetime.now(UTC)
        known = self._sources.find(card.source)
        if known is None:
            state, by = SourceState.REQUESTED, card.confirmed_by
            known = Source(card.source, card.audience, state, by, now, card.question)
            self._sources.save(known)
        else:
            self.narrow(card.source, card.audience)
            self._sources.grant(card.source, card.audience, card.confirmed_by, now)
        done = self._ingest(self._sources.find(card.source) or known)
        if done.state is not SourceState.INDEXED:
            raise UnreadableSource(done.reason or "it could not be indexed")

    def narrow(self, source: str, audience: Audience) -> None:
        """Takes a card from those who are not among ``audience``."""
        known = self._sources.find(source)
        wide = known.audience.labels - audience.labels if known else ()
        if wide:
            self._withdraw(source, Audience.of(*wide))

    def remove(self, card: Card) -> None:
        self.narrow(card.source, Audience.of())
