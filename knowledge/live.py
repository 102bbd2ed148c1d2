"""The index that answers, with its embedding model: it may be replaced while the program runs."""

from collections.abc import Callable
from dataclasses import dataclass
from logging import getLogger
from threading import Lock

from domain.errors import ConfigError, RetrievalError
from domain.protocols import Embedder, PassageIndex, Retriever
from domain.questions import Evidence, Question

_log = getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Opened:
    """An index, and the embedding model that it was built with."""

    model: str
    embedder: Embedder
    index: PassageIndex


class Live:
    """Opens the index of the embedding model that ``model`` names, and again when that changes.

    An index that was opened before is kept while the new one cannot be opened. ``open_index``
    raises ConfigError and RetrievalError.
    """

    def __init__(self, model: Callable[[], str], open_index: Callable[[str], Opened]) -> None:
        self._model, self._open = model, open_index
        self._opening = Lock()
        self._opened: Opened | None = None

    def current(self) -> Opened:
        model = self._model()
        with self._opening:
            if self._opened is None or self._opened.model != model:
                self._opened = self._opened_anew(model)
            return self._opened

    def close(self) -> None:
        if self._opened:
            self._opened.index.close()

    def _opened_anew(self, model: str) -> Opened:
        before = self._opened
        try:
            opened = self._open(model)
        except (ConfigError, RetrievalError) as e:
            if before is None:
                raise
            _log.warning("The index of %s is still used: %s", before.model, e)
            return before
        if before:
            _log.info("The index of %s answers now.", model)
            before.index.close()
        return opened


class LiveRetriever:
    """Implements Retriever by the one of the index that answers now."""

    def __init__(self, retriever: Callable[[], Retriever]) -> None:
        self._retriever = retriever

    def search(self, question: Question, k: int | None = None) -> Evidence:
        return self._retriever().search(question, k)
