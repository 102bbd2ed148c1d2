"""What domain needs from the packages above it, and nothing of how they do it."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Protocol

from domain.documents import Chunk, Source
from domain.questions import Answer, Audience, Evidence, Message, Passage, Question

Vector = Sequence[float]

CUT = " …"
"""Ends an answer that was cut: at its longest, or because it repeated itself."""


class Embedder(Protocol):
    """Turns texts into vectors of length 1."""

    @property
    def model(self) -> str:
        """The model's name: an index remembers it, and refuses another."""
        ...

    @property
    def dimension(self) -> int: ...

    def embed_passages(self, texts: Sequence[str]) -> list[Vector]:
        """One vector for each text, in order. Raises RetrievalError."""
        ...

    def embed_question(self, text: str) -> Vector:
        """Raises RetrievalError."""
        ...


class PassageIndex(Protocol):
    """Chunks with their vectors, searched by words and by meaning, filtered by audience inside.

    Every method raises IndexUnavailable where the index does not answer, and IndexMismatch where
    it was built by another embedding model.
    """

    def replace(self, source: str, chunks: Sequence[Chunk], vectors: Sequence[Vector]) -> None:
        """Makes ``chunks`` the only ones of ``source``; readers see the old or the new ones."""
        ...

    def remove(self, source: str) -> int:
        """Deletes the chunks of ``source`` and says how many there were."""
        ...

    def set_audience(self, source: str, audience: Audience) -> None:
        """Makes ``audience`` that of every chunk of ``source``; nothing else of them changes."""
        ...

    def audiences(self, sources: Collection[str]) -> dict[str, frozenset[Audience]]:
        """The audiences that the chunks of each of ``sources`` bear.

        One for each source, unless a crash left more. Sources without chunks are not in it.
        """
        ...

    def count(self) -> int:
        """How many chunks there are."""
        ...

    def sources(self) -> frozenset[str]:
        """The sources that have at least one chunk."""
        ...

    def chunks(self, source: str) -> Iterator[Chunk]:
        """The chunks of ``source``, read a page at a time, as far as possible in their order.

        What another process writes meanwhile may be missing or come twice.
        """
        ...

    def search(self, text: str, vector: Vector, audience: Audience, k: int) -> list[Passage]:
        """At most ``k`` passages that ``audience`` may read, best first."""
        ...

    def forget(self, source: str) -> int:
        """As ``remove``; and the deleted text is gone from the disk too, where the index sees it.

        May be called again for a source that has no chunks any more.
        """
        ...

    def close(self) -> None: ...


class Retriever(Protocol):
    def search(self, question: Question, k: int | None = None) -> Evidence:
        """The best ``k`` passages, or as many as the prompt shows. Raises RetrievalError."""
        ...


class Generator(Protocol):
    @property
    def model(self) -> str:
        """The base model's name, as people should read it."""
        ...

    def stream(
        self, messages: Sequence[Message], *, adapter: str | None, max_tokens: int
    ) -> Iterator[str]:
        """The pieces of the model's continuation, as they come; ``CUT`` is the last if it was cut.

        Raises GenerationError.
        """
        ...


class TokenCounter(Protocol):
    """Counts tokens as the model does, or estimates them while its server cannot say."""

    @property
    def context(self) -> int | None:
        """How many tokens prompt and answer may have together; None: unknown. Raises nothing."""
        ...

    def count(self, texts: Sequence[str]) -> list[int]:
        """The tokens of each text. Raises nothing."""
        ...


class AnswerLog(Protocol):
    """Where questions and answers are kept. Every method raises DatabaseUnavailable."""

    def ask(self, question: Question) -> None:
        """Keeps the question; one with the same id stays as it was."""
        ...

    def answer_to(self, question_id: str) -> Answer | None: ...

    def record(self, answer: Answer) -> Answer:
        """Keeps the answer and returns it, or the one that its question already had."""
        ...


class SourceLedger(Protocol):
    """What became of each source. Every method raises DatabaseUnavailable."""

    def find(self, uri: str) -> Source | None: ...

    def save(self, source: Source) -> None:
        """Inserts or replaces the row of ``source.uri``.

        A new row is granted its audience. Who may read a known one stays what its grants say.
        """
        ...

    def grant(self, uri: str, audience: Audience, by: str, at: datetime) -> None:
        """Adds those who may read a known source; nobody is dropped. Raises NotFound."""
        ...

    def withdraw(self, uri: str, audience: Audience | None, at: datetime) -> None:
        """Takes a source from ``audience``, or from all; where nobody is left it is removed."""
        ...

    def under(self, prefix: str) -> list[Source]:
        """The sources, removed ones left out, whose uri starts with ``prefix``."""
        ...
