"""Whether what an answer was made from still stands in the documents."""

from collections.abc import Callable

from domain.adapters import Example
from domain.protocols import PassageIndex
from domain.questions import Passage
from knowledge.chunk import heading_of
from records.sources import Sources


class CurrentPassages:
    """Looks at each document once. ``index`` is only called if there is one to look at."""

    def __init__(self, sources: Sources, index: Callable[[], PassageIndex]) -> None:
        self._sources = sources
        self._index = index
        self._documents: dict[str, str] = {}
        self._lines: dict[str, frozenset[str]] = {}

    def has_all(self, row: Example) -> bool:
        """Whether every line of the row's passages still stands in its document.

        A document that is gone is not looked at here. Raises DatabaseUnavailable, and
        RetrievalError if the index cannot be read.
        """
        return all(map(self._stands, row.passages))

    def _stands(self, passage: Passage) -> bool:
        now = self._document_of(passage.source)
        return not now or _lines(passage.text) <= self._lines_of(now)

    def _document_of(self, source: str) -> str:
        if source not in self._documents:
            found = self._sources.find(source)
            self._documents[source] = found.document if found else ""
        return self._documents[source]

    def _lines_of(self, document: str) -> frozenset[str]:
        """The lines of its passages, and their headings, which stand between joined passages."""
        if document not in self._lines:
            chunks = list(self._index().chunks(document))
            texts = (text for chunk in chunks for text in (chunk.text, heading_of(chunk)))
            self._lines[document] = frozenset[str]().union(*map(_lines, texts))
        return self._lines[document]


def _lines(text: str) -> frozenset[str]:
    return frozenset(line for part in text.splitlines() if (line := part.strip()))
