"""The index that answers, and one that is built beside it for another embedding model."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from time import sleep
from typing import TYPE_CHECKING

from cli.settings import Settings
from domain.documents import IndexName
from domain.protocols import Embedder, PassageIndex
from records.live_index import LiveIndex

if TYPE_CHECKING:
    from knowledge.live import Live, Opened

_LANCE, _WEAVIATE = "passages", "Phi3Passages"
_BESIDE = "2"
_NOTICE = 10.0
"""Seconds after which other processes use the new index: they look at each search and reading."""


class Indexes:
    """Opens indexes as the settings say. ``live`` says which one answers."""

    def __init__(self, settings: Settings, live: LiveIndex) -> None:
        self._settings, self._stored = settings, live
        self._loaded: dict[str, Embedder] = {}

    @cached_property
    def live(self) -> "Live":
        from knowledge.live import Live

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

    def rebuild(self, progress: Callable[[int, int], None]) -> int:
        """Builds the index of the settings' model beside the one that answers, then swaps them.

        Returns how many passages it has. If it is killed, the next call goes on. Raises
        ConfigError and RetrievalError; until the swap nothing changes for anybody who asks.
        """
        from knowledge.reindex import Reindexing

        old = self._open(self._which())
        name = self._first if old.name.name != self._first else self._first + _BESIDE
        new = self._open(IndexName(self._wanted, name))
        work = Reindexing(old.index, new.index, new.embedder)
        work.copy(progress)
        self._stored.use(new.name, datetime.now(UTC))
        # Until others notice, they may write to the old index.
        sleep(_NOTICE)
        work.copy(progress)
        count = new.index.count()
        old.index.drop()
        for opened in (old, new):
            opened.index.close()
        return count

    def _which(self) -> IndexName:
        return self._stored.find() or IndexName(self._wanted, self._first)

    def _open_live(self, name: IndexName) -> "Opened":
        opened = self._open(name)
        if self._stored.find() is None:
            self._stored.use(name, datetime.now(UTC))
        return opened

    def _open(self, name: IndexName) -> "Opened":
        from knowledge.live import Opened

        embedder = self._embedder(name.model)
        return Opened(name, embedder, self._index(name, embedder))

    def _index(self, name: IndexName, embedder: Embedder) -> PassageIndex:
        chosen = self._settings
        if not chosen.weaviate_url:
            from knowledge.lance_index import LanceIndex

            folder = chosen.home / "index"
            return LanceIndex(folder, embedder.model, embedder.dimension, name.name)
        from knowledge.weaviate_index import WeaviateIndex

        return WeaviateIndex(
            chosen.weaviate_url,
            chosen.weaviate_grpc_port,
            model=embedder.model,
            dimension=embedder.dimension,
            api_key=chosen.weaviate_key.get_secret_value() or None,
            collection=name.name,
        )

    def _embedder(self, model: str) -> Embedder:
        if model not in self._loaded:
            self._loaded[model] = self._load(model)
        return self._loaded[model]

    def _load(self, model: str) -> Embedder:
        """The embedder of the settings, or else a model of this machine."""
        from knowledge.embedders import OpenAIEmbedder, SentenceTransformersEmbedder

        chosen = self._settings
        if model != self._wanted:
            return SentenceTransformersEmbedder(model)
        if chosen.embeddings_url:
            key = chosen.embeddings_key.get_secret_value() or None
            return OpenAIEmbedder(chosen.embeddings_url, chosen.embedder, key)
        return SentenceTransformersEmbedder(chosen.embedder)

    @property
    def _wanted(self) -> str:
        """The model of the settings."""
        from knowledge.embedders import full_name

        chosen = self._settings
        return chosen.embedder if chosen.embeddings_url else full_name(chosen.embedder)

    @property
    def _first(self) -> str:
        return _WEAVIATE if self._settings.weaviate_url else _LANCE
