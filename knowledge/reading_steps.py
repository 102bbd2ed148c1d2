"""How a run reads its files: one after the other here, or many at once on other machines."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from domain.embeddings import Embedding
from domain.errors import IngestError
from domain.protocols import Embedder
from domain.questions import Audience
from domain.tokens import Reach
from knowledge.document import ReadDocument
from knowledge.index_writer import Prepared
from knowledge.plan import ReadRequest
from knowledge.readers.base import File
from knowledge.reading import Readers
from knowledge.sources.base import Fetched


@dataclass(frozen=True, slots=True)
class Changed:
    """New content of a source. ``known`` has the embeddings that need not be made, by chunk id.

    ``shared`` and ``own`` name the document as that of all sources with this content, and as
    that of the sources in which it also has this title.
    """

    fetched: Fetched
    shared: str
    own: str
    known: Mapping[str, Embedding] = field(default_factory=dict)
    is_first: bool = True
    """Whether no source before it has the same content: then its file is to be read."""
    names_another: bool = False
    """Whether only its readers are new, who may not know the file that it was named by."""


@dataclass(frozen=True, slots=True)
class Step:
    """A source of a run: either what must be written of it is clear, or its content changed."""

    request: ReadRequest
    audience: Audience
    prepared: Prepared | None = None
    changed: Changed | None = None

    @property
    def file(self) -> File | None:
        """What is to be read ahead, if it is a file."""
        if self.changed is None or not self.changed.is_first:
            return None
        content = self.changed.fetched.content
        return content if isinstance(content, File) else None


@dataclass(frozen=True, slots=True)
class WasRead:
    """What reading a file gave: a document or an error.

    ``made`` has the embeddings of its chunks that were made where it was read, by chunk id.
    """

    document: ReadDocument | None = None
    error: IngestError | None = None
    made: Mapping[str, Embedding] = field(default_factory=dict)


class ReadAll(Protocol):
    """Reads the files of the steps of a run, which it may take ahead."""

    def __call__(self, steps: Iterator[Step]) -> Iterator[tuple[Step, WasRead | None]]:
        """Each step, in order, with what its file holds; None if it has none."""
        ...


@dataclass(frozen=True, slots=True)
class ReadHere:
    """Reads one file after the other; no step is taken ahead."""

    readers: Readers
    embedder: Embedder

    def __call__(self, steps: Iterator[Step]) -> Iterator[tuple[Step, WasRead | None]]:
        for step in steps:
            yield step, self._read(step.file, step.request.uri) if step.file else None

    def _read(self, file: File, source: str) -> WasRead:
        return read_file(self.readers, file, source, self.embedder.reach)


def read_file(readers: Readers, file: File, source: str, reach: Reach) -> WasRead:
    """What ``file`` holds, or why it could not be read."""
    try:
        return WasRead(readers.read(file, source, reach))
    except IngestError as error:
        return WasRead(error=error)
