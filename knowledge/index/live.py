"""The index that answers, with its embedding model: it may be replaced while the program runs."""

from collections.abc import Callable
from dataclasses import dataclass
from logging import getLogger
from threading import Lock

from domain.documents import IndexName
from domain.errors import ConfigError, RetrievalError
from domain.protocols import Embedder, PassageIndex, Retriever
from domain.questions import Evidence, Question

_log = getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Opened:
    """An index, and the embedding model that it was built with."""

    name: IndexName
    embedder: Embedder
    index: PassageIndex


class Live:
    """Opens the index that ``which`` names, and again when another one is live.

    An index that was opened before is kept while the new one cannot be opened. ``open_index``
    raises ConfigError and RetrievalError.
    """

    def __init__(
        self, which: Callable[[], IndexName], open_index: Callable[[IndexName], Opened]
    ) -> None:
        self._which, self._open = which, open_index
        self._opening = Lock()
        self._opened: Opened | None = None

    def current(self) -> Opened:
        name = self._which()
        with self._opening:
            if self._opened is None or self._opened.name != name:
                self._opened = self._opened_anew(name)
            return self._opened

    def close(self) -> None:
        if self._opened:
            self._opened.index.close()

    def _opened_anew(self, name: IndexName) -> Opened:
        before = self._opened
        try:
            opened = self._open(name)
        except (ConfigError, RetrievalError) as e:
            if before is None:
                raise
            _log.warning("The index of %s is still used: %s", before.name.model, e)
            return before
        if before:
            _log.info("The index of %s answers now.", name.model)
            before.index.close()
        return opened


class LiveRetriever:
    """Implements Retriever by the one of the index that answers now."""

    def __init__(self, retriever: Callable[[], Retriever]) -> None:
        self._retriever = retriever

    def search(self, question: Question, k: int | None = None) -> Evidence:
        return self._retriever().search(question, k)
