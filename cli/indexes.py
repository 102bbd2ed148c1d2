"""The index that answers, and one that is built beside it: of another model, or elsewhere."""

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from time import sleep
from typing import TYPE_CHECKING

from cli.settings import Settings
from domain.documents import IndexName, IndexPlace
from domain.errors import ConfigError, IndexUnavailable
from domain.protocols import Embedder, PassageIndex, SourceLedger
from records.live_index import LiveIndex

if TYPE_CHECKING:
    from knowledge.index.live import Live, Opened
    from knowledge.index.reindex import Embeddings


_LANCEDB = "passages"
"""The name of the first index on LanceDB; those of later ones begin with it. A collection of
Weaviate begins with a capital."""

_NOTICE = 60
"""Seconds after which other processes write to the new index: they look after each document, and
may have a batch of passages to embed."""


class Indexes:
    """Opens indexes as the settings say. ``live`` says which one answers."""

    def __init__(self, settings: Settings, live: LiveIndex, ledger: SourceLedger) -> None:
        self._settings, self._stored, self._ledger = settings, live, ledger
        self._loaded: dict[str, Embedder] = {}

    @cached_property
    def live(self) -> "Live":
        from knowledge.index.live import Live

        return Live(self._which, self._open_live)

    @property
    def embedder(self) -> Embedder:
        """The embedding model of the index that answers; the index itself is not opened."""
        return self._embedder(self._which().model)

    def close(self) -> None:
        self.live.close()

    def is_current(self) -> bool:
        """Whether the index that answers was built with the model of the settings."""
        return self._which().model == self._wanted

    @property
    def place(self) -> IndexPlace:
        """Where the index that answers is."""
        return place_of(self._which())

    @property
    def differs(self) -> str:
        """How the collection that answers is not as the settings say, in words; often empty."""
        if self.place is IndexPlace.LANCEDB:
            return ""
        from knowledge.index.weaviate import WeaviateIndex

        index = self.live.current().index
        return index.differs if isinstance(index, WeaviateIndex) else ""

    def rebuild(self, progress: Callable[[str, int, int], None]) -> int:
        """Builds the index of the settings' model beside the one that answers, then swaps them.

        ``progress`` takes what is done now, how much of it is done, and how much there is. Returns
        how many passages the new one has. If it is killed, the next call goes on. Raises
        ConfigError and RetrievalError; until the swap nothing changes for anybody who asks.
        """
        from knowledge.index.reindex import NewEmbeddings

        name = self._name_for(self._wanted, self.place)
        with self._opened(self._which()) as old:
            old.index.drop_others(name.name)
            with self._opened(name) as new:
                return self._carry(old, new, NewEmbeddings(new.embedder), progress)

    def move(self, to: IndexPlace, progress: Callable[[str, int, int], None]) -> int:
        """Builds the same index in another place, with its vectors, then swaps them.

        Otherwise it is as ``rebuild``.
        """
        from knowledge.index.reindex import SameEmbeddings

        name = self._name_for(self._which().model, to)
        with self._opened(self._which()) as old, self._opened(name) as new:
            return self._carry(old, new, SameEmbeddings(old.index), progress)

    def _carry(
        self,
        old: "Opened",
        new: "Opened",
        vectors: "Embeddings",
        progress: Callable[[str, int, int], None],
    ) -> int:
        from knowledge.index.reindex import Reindexing

        work = Reindexing(old.index, new.index, vectors, self._ledger)
        work.copy(progress)
        self._stored.use(new.name, datetime.now(UTC))
        # Until others notice, they may write to the old index.
        for second in range(_NOTICE):
            progress("Waiting until all processes use the new index", second, _NOTICE)
            sleep(1)
        work.copy_late(progress)
        old.index.drop()
        new.index.drop_others()
        return new.index.count()

    def drop_others(self) -> None:
        """Deletes what is left of indexes that do not answer, or not yet."""
        self.live.current().index.drop_others()

    def is_free(self, model: str, dimension: int) -> bool:
        """Whether `made_anew` would delete no passages on a server. The database is not asked."""
        if not self._settings.weaviate_url:
            return True
        name = self._name_for(model, IndexPlace.WEAVIATE)
        with closing(self._index(name, model, dimension)) as index:
            return index.count() == 0

    @contextmanager
    def made_anew(self, model: str, dimension: int) -> Iterator[PassageIndex]:
        """An empty index where the settings say, which answers at the end of the block.

        The model itself is not needed. Nobody else may use an index meanwhile.
        """
        place = IndexPlace.WEAVIATE if self._settings.weaviate_url else IndexPlace.LANCEDB
        name = self._name_for(model, place)
        with closing(self._index(name, model, dimension)) as before:
            before.drop()
        with closing(self._index(name, model, dimension)) as index:
            yield index
            self._stored.use(name, datetime.now(UTC))
            index.drop_others()

    def check(self, opened: "Opened") -> None:
        """Raises IndexUnavailable if another index answers since ``opened``."""
        if self._which() != opened.name:
            raise IndexUnavailable("The index was replaced meanwhile; this is read again.")

    def _name_for(self, model: str, place: IndexPlace) -> IndexName:
        """Each model has a name of its own, so that nothing half built is taken for another."""
        digest = sha256(model.encode(errors="replace")).hexdigest()[:8]
        return IndexName(model, f"{self._first(place)}_{digest}")

    def _which(self) -> IndexName:
        wanted = IndexPlace.WEAVIATE if self._settings.weaviate_url else IndexPlace.LANCEDB
        return self._stored.find() or IndexName(self._wanted, self._first(wanted))

    def _first(self, place: IndexPlace) -> str:
        return self._settings.weaviate_collection if place is IndexPlace.WEAVIATE else _LANCEDB

    def _open_live(self, name: IndexName) -> "Opened":
        opened = self._open(name)
        if self._stored.find() is None:
            self._stored.use(name, datetime.now(UTC))
        return opened

    @contextmanager
    def _opened(self, name: IndexName) -> "Iterator[Opened]":
        opened = self._open(name)
        with closing(opened.index):
            yield opened

    def _open(self, name: IndexName) -> "Opened":
        from knowledge.index.live import Opened

        embedder = self._embedder(name.model)
        return Opened(name, embedder, self._index(name, embedder.model, embedder.dimension))

    def _index(self, name: IndexName, model: str, dimension: int) -> PassageIndex:
        chosen = self._settings
        if place_of(name) is IndexPlace.LANCEDB:
            from knowledge.index.lance import LanceIndex

            folder = chosen.home / "index"
            return LanceIndex(folder, model, dimension, name.name)
        if not chosen.weaviate_url:
            raise ConfigError("For an index on Weaviate, set PHI3_WEAVIATE_URL.")
        from knowledge.index.weaviate import WeaviateIndex
        from knowledge.index.weaviate_collection import Spread

        return WeaviateIndex(
            chosen.weaviate_url,
            chosen.weaviate_grpc_port,
            model=model,
            dimension=dimension,
            api_key=chosen.weaviate_key.get_secret_value() or None,
            collection=name.name,
            authorities=os.environ.get("SSL_CERT_FILE", ""),
            spread=Spread(chosen.weaviate_replicas, chosen.weaviate_shards),
        )

    def _embedder(self, model: str) -> Embedder:
        if model not in self._loaded:
            self._loaded[model] = self._load(model)
        return self._loaded[model]

    def _load(self, model: str) -> Embedder:
        """The embedder of the settings, or else a model of this machine."""
        chosen = self._settings
        if model == self._wanted and chosen.embeddings_url:
            from knowledge.embedders.openai import OpenAIEmbedder

            key = chosen.embeddings_key.get_secret_value() or None
            return OpenAIEmbedder(
                chosen.embeddings_url,
                chosen.embedder,
                key,
                dimensions=chosen.embeddings_dimensions,
            )
        from knowledge.embedders.choosing import local_embedder

        return local_embedder(model, chosen.embedder_backend)

    @property
    def _wanted(self) -> str:
        """The model of the settings."""
        from knowledge.embedders.limits import known_as
        from knowledge.embedders.places import full_name

        chosen = self._settings
        if chosen.embeddings_url:
            return known_as(chosen.embedder, chosen.embeddings_dimensions)
        return full_name(chosen.embedder)


def place_of(name: IndexName) -> IndexPlace:
    return IndexPlace.LANCEDB if name.name.startswith(_LANCEDB) else IndexPlace.WEAVIATE
