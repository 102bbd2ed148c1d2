"""Puts the best passages in the order of a model that reads question and passage together."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from logging import getLogger
from time import monotonic

from domain.errors import ConfigError, RetrievalError
from domain.protocols import Reranker
from domain.questions import Passage

_log = getLogger(__name__)

READ = 20
"""How many passages are read. Nearly all that can be found is among so many, and each one costs."""

_REST = 60.0
"""Seconds without re-ranking after a failure, in which nobody waits for a server that is away."""


class Reranking:
    """Re-ranks by scores; where there are none, passages keep the search's order.

    ``reranker`` gives what scores them. It may load a model, and raise ConfigError.
    """

    def __init__(
        self, reranker: Callable[[], Reranker], clock: Callable[[], float] = monotonic
    ) -> None:
        self._reranker, self._clock = reranker, clock
        self._rests_until: float | None = None

    def reranked(self, question: str, passages: Sequence[Passage]) -> list[Passage]:
        """The same passages; the first ``READ`` of them best first, by the reranker's scores.

        Those that it finds equal keep their order. The passages' own scores stay at their places,
        so that they still fall from one passage to the next.
        """
        read = passages[:READ]
        scores = self._scores(question, read) if len(read) > 1 else []
        if not scores:
            return list(passages)
        order = sorted(range(len(read)), key=lambda place: -scores[place])
        best = [
            replace(read[place], score=there.score)
            for place, there in zip(order, read, strict=True)
        ]
        return [*best, *passages[READ:]]

    def _scores(self, question: str, passages: Sequence[Passage]) -> list[float]:
        """Copies are scored once. Empty after a failure, and for some time after it."""
        if self._rests_until is not None and self._clock() < self._rests_until:
            return []
        texts = [f"{passage.title}\n{passage.text}" for passage in passages]
        once = list(dict.fromkeys(texts))
        try:
            found = dict(zip(once, self._reranker().scores(question, once), strict=True))
        except (ConfigError, RetrievalError) as e:
            self._rests_until = self._clock() + _REST
            _log.warning("Passages are not re-ranked for %.0f seconds: %s", _REST, e)
            return []
        return [found[text] for text in texts]
