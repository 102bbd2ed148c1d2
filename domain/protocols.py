"""Protocols: what domain needs from the packages above it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from domain.candidates import Candidate
from domain.documents import Chunk, Embedded, Source, Version, VersionOf
from domain.embeddings import Embedding, QuestionEmbedding, Vector
from domain.questions import Answer, Audience, Evidence, Message, Question
from domain.tokens import Reach

CUT = " …"
"""Ends an answer that was cut off because it reached the longest length or repeated itself."""

STOPPED = f" (stopped){CUT}"
"""Ends what was written of an answer when a person stopped it."""


class Embedder(Protocol):
    """Turns texts into vectors."""

    @property
    def model(self) -> str:
        """The model's name: an index stores it, and refuses vectors of another model."""
        ...

    @property
    def dimension(self) -> int: ...

    @property
    def reach(self) -> Reach:
        """How much of a text the model reads."""
        ...

    @property
    def gives_tokens(self) -> bool:
        """Whether its embeddings have the vectors of tokens too."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> list[Embedding]:
        """One for each text, in order. Raises RetrievalError."""
        ...

    def embed_question(self, text: str) -> QuestionEmbedding:
        """Raises RetrievalError."""
        ...


class PassageIndex(Protocol):
    """Chunks with their vectors, searched by words and by meaning, filtered by audience.

    Every method raises IndexUnavailable if the index does not answer, and IndexMismatch if it was
    built with another embedding model.
    """

    def replace(self, *documents: Embedded) -> None:
        """Replaces the chunks of these documents.

        A search sees all old or all new chunks of each, or for a moment both.
        """
        ...

    def remove(self, *documents: str) -> int:
        """Deletes the chunks of these documents and returns how many there were."""
        ...

    def set_audience(self, audience: Audience, *documents: str) -> None:
        """Gives every chunk of these documents this audience, and changes nothing else."""
        ...

    def audiences(self, documents: Collection[str] | None = None) -> dict[str, frozenset[Audience]]:
        """The audiences of each document's chunks, by default of all documents.

        There is one for each document, or several after a crash. Documents without chunks are
        missing.
        """
        ...

    def count(self) -> int:
        """How many chunks there are."""
        ...

    def documents(self) -> frozenset[str]:
        """The documents that have at least one chunk."""
        ...

    def chunks(self, document: str) -> Iterator[Chunk]:
        """The chunks of ``document``, read in pages, if possible in their order.

        Chunks that another process writes at the same time may be missing or come twice.
        """
        ...

    def words(self) -> Iterator[str]:
        """The words of each chunk as they are searched for, separated by spaces."""
        ...

    def embeddings(self, document: str) -> dict[str, Embedding]:
        """Those of a document's chunks, by the chunks' ids."""
        ...

    def search(
        self,
        text: str,
        vector: Vector,
        audience: Audience,
        k: int,
        only: Collection[str] | None = None,
    ) -> list[Candidate]:
        """The chunks that ``audience`` may read and that are nearest, in any order.

        There are at most ``k`` of the nearest by meaning, and as many by words. With ``only``, all
        are of these documents.
        """
        ...

    def tokens(self, candidates: Sequence[Candidate]) -> list[bytes]:
        """Those of the embeddings of candidates that were just found, in order.

        They are empty where there are none, and where the candidate is gone.
        """
        ...

    def around(
        self, candidates: Collection[Candidate], reach: int, audience: Audience
    ) -> list[Chunk]:
        """The chunks of candidates that were just found, and those at most ``reach`` places away.

        Those that ``audience`` may not read are missing.
        """
        ...

    def forget(self, *documents: str) -> int:
        """Like ``remove``, and also removes the deleted text from the disk if the index can.

        It may be called again for documents that have no chunks any more.
        """
        ...

    def tidy(self) -> None:
        """Reorganizes what was written since the last time, so that searches stay fast."""
        ...

    def drop(self) -> None:
        """Deletes this index, which cannot be used afterwards."""
        ...

    def drop_others(self, *kept: str) -> None:
        """Deletes the indexes beside this one, of other models, except those of these names."""
        ...

    def close(self) -> None: ...


class Reranker(Protocol):
    """Reads a question and texts together, and scores how well each text answers it."""

    @property
    def model(self) -> str:
        """What it is called, for people."""
        ...

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """One finite score for each text, in order; greater is better. Raises RetrievalError."""
        ...


class Retriever(Protocol):
    def search(self, question: Question, k: int | None = None) -> Evidence:
        """The best ``k`` passages, by default as many as a prompt shows. Raises RetrievalError."""
        ...


class Generator(Protocol):
    @property
    def model(self) -> str:
        """The base model's name, as it is shown to people."""
        ...

    def stream(
        self, messages: Sequence[Message], *, adapter: str | None, max_tokens: int
    ) -> Iterator[str]:
        """The pieces of the model's answer as they come; the last is ``CUT`` if it was cut off.

        Raises GenerationError.
        """
        ...


class TokenCounter(Protocol):
    """Counts tokens as the model does, or estimates them while its server does not answer."""

    @property
    def context(self) -> int | None:
        """How many tokens prompt and answer may have together, or None. Raises nothing."""
        ...

    def count(self, texts: Sequence[str]) -> list[int]:
        """The tokens of each text. Raises nothing."""
        ...


class AnswerLog(Protocol):
    """Stores questions and answers. Every method raises DatabaseUnavailable."""

    def ask(self, question: Question) -> None:
        """Stores the question, unless one with the same id is stored already."""
        ...

    def answer_to(self, question_id: str) -> Answer | None: ...

    def record(self, answer: Answer) -> Answer:
        """Stores the answer and returns it; if its question has one already, returns that one."""
        ...


class Addresses(Protocol):
    def addresses(
        self, documents: Collection[str], audience: Audience
    ) -> dict[str, tuple[str, ...]]:
        """Where ``audience`` may read each document, the best address first, at most some.

        Documents that it may not read are missing. Raises DatabaseUnavailable.
        """
        ...

    def families(self, documents: Collection[str], audience: Audience) -> dict[str, list[Version]]:
        """For each document the versions of its text that ``audience`` may read, itself too.

        Those without other versions are left out. At most some hundred of a family are named.
        Raises DatabaseUnavailable.
        """
        ...


class Words(Protocol):
    """The words of the documents, and in how many passages each was written.

    Passages that were deleted since may still be counted. Every method raises DatabaseUnavailable.
    """

    def known_words(self, words: Collection[str]) -> frozenset[str]:
        """Those of ``words`` that a passage has."""
        ...

    def words_like(self, first: str, shortest: int, longest: int) -> dict[str, int]:
        """The words with this first letter and so many letters, and their passages."""
        ...

    def has_words(self) -> bool: ...

    def add_words(self, passages: Mapping[str, int]) -> None:
        """Adds to each word the number of new passages that have it."""
        ...

    def set_words(self, passages: Mapping[str, int], before: Mapping[str, int]) -> None:
        """Replaces the counts that were ``before``; what was added since then stays."""
        ...

    def all_words(self) -> dict[str, int]: ...


class Ledger(Addresses, Words, Protocol):
    """What a search reads."""

    def documents_in(self, uris: Collection[str]) -> frozenset[str]:
        """The documents of these sources, and of the sources that are in these collections.

        Raises DatabaseUnavailable.
        """
        ...


class SourceLedger(Ledger, Protocol):
    """Stores the state of each source. Every method raises DatabaseUnavailable."""

    def find(self, uri: str) -> Source | None: ...

    def find_all(self, uris: Collection[str]) -> dict[str, Source]:
        """The known ones of several sources, by uri."""
        ...

    def with_document(self, document: str) -> Source | None:
        """A source that has a document, if there is one."""
        ...

    def readers(self, documents: Collection[str], without: str = "") -> dict[str, Audience]:
        """Everyone to whom a source of each document was given; documents without any are missing.

        The source ``without`` does not count.
        """
        ...

    def in_use(self, documents: Collection[str], without: str = "") -> frozenset[str]:
        """Those that a source has, or is about to have, besides the source ``without``."""
        ...

    def save(self, source: Source) -> None:
        """Inserts or replaces the row of ``source.uri``.

        A new source is granted to its audience. The grants of a known source do not change.
        """
        ...

    def save_all(self, changed: Sequence[Source]) -> None:
        """Saves several sources at once, each as ``save`` does."""
        ...

    def grant(self, uri: str, audience: Audience, by: str, at: datetime) -> None:
        """Lets ``audience`` read a known source too. Raises NotFound."""
        ...

    def withdraw(self, uri: str, audience: Audience | None, at: datetime) -> None:
        """Takes a source from ``audience``, or from all; if nobody may read it then, removes it.

        A collection does not give it to ``audience`` again; a person may.
        """
        ...

    def under(self, prefix: str) -> list[Source]:
        """The sources whose uri starts with ``prefix``, without removed ones."""
        ...

    def members(self, collection: str) -> dict[str, Source]:
        """The sources of a collection, by uri; also those that were removed since."""
        ...

    def save_members(
        self,
        changed: Sequence[Source],
        joining: Mapping[tuple[str, Audience], Sequence[Source]],
        at: datetime,
    ) -> None:
        """Saves sources as ``save_all`` does, and makes known ones members of stored collections.

        That lets the audience beside each collection read its new members too. All is done, or
        nothing. Raises NotFound if a collection was removed.
        """
        ...

    def leave(
        self, collection: str, uri: str, at: datetime, audience: Audience | None = None
    ) -> None:
        """Takes a source out of a collection, with what only the collection gave.

        With ``audience`` it stays a member, and only these readers lose it. If nobody may read it
        then, it is removed.
        """
        ...

    def take_given(
        self,
        collection: str,
        audience: Audience | None = None,
        uris: Sequence[str] | None = None,
    ) -> None:
        """Takes from all, or from ``audience``, what only a collection gave them.

        By default that is done for all that is in it. It stays there, also what nobody may read.
        """
        ...

    def without_readers(self) -> frozenset[str]:
        """The sources that nobody may read, and that are in no collection, without removed ones."""
        ...

    def leave_all(self, uri: str) -> None:
        """Takes a source out of all collections; who may read it does not change."""
        ...

    def for_fewer(self, collection: str, audience: Audience) -> frozenset[str]:
        """The collections besides this one that do not let all of ``audience`` read them."""
        ...

    def versions_about(self, subject: str) -> list[VersionOf]:
        """Documents of a subject, at most some hundred; an empty subject has none."""
        ...

    def keep_versions(self, made: Sequence[VersionOf]) -> None:
        """Inserts or replaces what is known of documents as versions of a text."""
        ...

    def drop_versions(self, documents: Collection[str]) -> None:
        """Deletes what is known of those of the documents that no source has any more."""
        ...
