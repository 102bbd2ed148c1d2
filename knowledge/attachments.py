"""Reads files for one answer alone: nothing of them is stored in the index."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from operator import mul

from domain.documents import Chunk
from domain.errors import IngestError
from domain.evidence import support
from domain.protocols import Embedder
from domain.questions import Passage, Question
from domain.text import truncate
from knowledge.readers.base import File
from knowledge.reading import Readers

FILES = 5
"""The most files that are read for an answer."""

_COMPARED = 64
"""The most chunks that are embedded, those with the most words of the question: about a second."""
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Attached:
    """The best passages of the files, and why others could not be read."""

    passages: tuple[Passage, ...] = ()
    notes: tuple[str, ...] = ()


class Attachments:
    """Reads files by their names, ``slack-file:ID``, which ``download`` gives with a name."""

    def __init__(
        self,
        download: Callable[[str], tuple[str, bytes]],
        embedder: Callable[[], Embedder],
        readers: Readers,
    ) -> None:
        self._download = download
        self._embedder = embedder
        self._readers = readers

    def read(self, files: Sequence[str], question: Question) -> Attached:
        """The passages of ``files`` that are nearest to the question, best first.

        Only the question's own audience may read them. Raises RetrievalError and MemoryError.
        """
        embedder = self._embedder()
        found, notes = list[Passage](), list[str]()
        for uri in files[:FILES]:
            name = ""
            try:
                name, content = self._download(uri)
                document = self._readers.read(File(content, name), name, embedder.reach)
            except IngestError as error:
                what = name or "a file that you attached"
                notes.append(truncate(f"I could not read {what}: {error.public}", 300))
                continue
            found += [_passage(uri, chunk, question) for chunk in document.chunks]
        if len(files) > FILES:
            notes.append(f"I read only the first {FILES} files.")
        return Attached(tuple(_nearest(found, question, embedder)), tuple(notes))


def _passage(uri: str, chunk: Chunk, question: Question) -> Passage:
    return Passage(
        chunk.id, uri, chunk.title, chunk.text, 0.0, 0.0, question.audience, chunk.where, uri
    )


def _nearest(found: Sequence[Passage], question: Question, embedder: Embedder) -> list[Passage]:
    if not found:
        return []
    if len(found) > _COMPARED:
        by_words = sorted(found, key=lambda one: support(question.text, [one]), reverse=True)
        found = by_words[:_COMPARED]
    asked = embedder.embed_question(question.text).vector
    embedded = embedder.embed_passages([f"{one.title}\n{one.text}" for one in found])
    near = [sum(map(mul, asked, one.vector)) for one in embedded]
    compared = [
        replace(one, score=cosine, similarity=cosine)
        for one, cosine in zip(found, near, strict=True)
    ]
    return sorted(compared, key=lambda one: one.score, reverse=True)[:_SHOWN]
