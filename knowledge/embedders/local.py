"""What the embedders with a model on this machine share: batches by length, and who is next."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from domain.embeddings import Embedding, QuestionEmbedding
from domain.tokens import Reach
from knowledge.model_lock import ModelLock
from knowledge.reach import counter


class LocalEmbedder(ABC):
    """Embeds one batch at a time; a waiting question is embedded between two batches."""

    def __init__(
        self, name: str, dimension: int, reach: Reach, batch: int, *, gives_tokens: bool
    ) -> None:
        self._name, self._dimension, self._reach, self._batch = name, dimension, reach, batch
        self._gives_tokens = gives_tokens
        self._count = counter(reach)
        self._lock = ModelLock()  # not every model may be used by two threads

    @property
    def model(self) -> str:
        return self._name

    @property
    def reach(self) -> Reach:
        return self._reach

    @property
    def dimension(self) -> int:
        return self._dimension

    @property
    def gives_tokens(self) -> bool:
        return self._gives_tokens

    def embed_passages(self, texts: Sequence[str]) -> list[Embedding]:
        """Texts that are too long for the model are cut.

        Texts of as many tokens share a batch, since the model computes each batch as long as its
        longest text.
        """
        found: dict[int, Embedding] = {}
        tokens = [self._count(text) for text in texts]
        order = sorted(range(len(texts)), key=tokens.__getitem__, reverse=True)
        for start in range(0, len(order), self._batch):
            batch = order[start : start + self._batch]
            with self._lock.for_passages():
                found |= zip(batch, self._passages([texts[n] for n in batch]), strict=True)
        return [found[n] for n in range(len(texts))]

    def embed_question(self, text: str) -> QuestionEmbedding:
        with self._lock.for_question():
            return self._question(text)

    @abstractmethod
    def _passages(self, texts: list[str]) -> list[Embedding]: ...

    @abstractmethod
    def _question(self, text: str) -> QuestionEmbedding: ...
