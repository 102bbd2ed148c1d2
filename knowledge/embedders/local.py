"""What the embedders with a model on this machine share: batches by length, and who is next."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from domain.protocols import Vector
from domain.tokens import Reach
from knowledge.model_lock import ModelLock
from knowledge.reach import counter


class LocalEmbedder(ABC):
    """Embeds one batch at a time; a waiting question is embedded between two batches."""

    def __init__(self, name: str, dimension: int, reach: Reach, batch: int) -> None:
        self._name, self._dimension, self._reach, self._batch = name, dimension, reach, batch
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

    def embed_passages(self, texts: Sequence[str]) -> list[Vector]:
        """One vector of length 1 for each text. Texts that are too long for the model are cut.

        Texts of as many tokens share a batch, since the model computes each batch as long as its
        longest text.
        """
        vectors: list[Vector] = [()] * len(texts)
        tokens = [self._count(text) for text in texts]
        order = sorted(range(len(texts)), key=tokens.__getitem__, reverse=True)
        for start in range(0, len(order), self._batch):
            batch = order[start : start + self._batch]
            with self._lock.for_passages():
                embedded = self._passage_vectors([texts[n] for n in batch])
            for n, vector in zip(batch, embedded, strict=True):
                vectors[n] = vector
        return vectors

    def embed_question(self, text: str) -> Vector:
        with self._lock.for_question():
            return self._question_vector(text)

    @abstractmethod
    def _passage_vectors(self, texts: list[str]) -> list[Vector]: ...

    @abstractmethod
    def _question_vector(self, text: str) -> Vector: ...
