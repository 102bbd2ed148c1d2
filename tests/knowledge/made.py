"""Made chunks with made vectors: as many as a test or a benchmark needs, and the same each time.

Vectors of a model lie in groups, and vary in far fewer ways than they have numbers; so do these.
"""

from collections.abc import Iterator, Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from domain.blocks import Where
from domain.documents import Chunk, Embedded
from domain.embeddings import Embedding, Vector
from domain.questions import Audience

_WAYS = 32  # in which vectors vary
_GROUPS = 500
_WORDS = 20
_ASKED = 6  # words of a question
_FREQUENT = 50
_VOCABULARY = 30_000
_LETTERS = "abcdefghijklmnopqrst"

MANY, TENTH, HUNDREDTH = "team:T1", "channel:T1:C10", "channel:T1:C1"
"""Who may read all of the chunks, a tenth, and a hundredth of them."""


class Made:
    """Documents of ``size`` chunks each, with the signs of ``tokens`` tokens."""

    def __init__(self, dimension: int, size: int = 10, tokens: int = 10) -> None:
        chance = np.random.default_rng(1)
        self._size, self._signs = size, tokens * -(-dimension // 8)
        self._ways = chance.normal(size=(_WAYS, dimension)).astype(np.float32)
        self._groups = chance.normal(size=(_GROUPS, _WAYS)).astype(np.float32)
        shares = 1 / np.arange(5, _VOCABULARY + 5)  # as often as the words of a language
        self._frequent = set(map(_word, range(_FREQUENT)))
        self._share = np.cumsum(shares / shares.sum())

    def documents(self, first: int, count: int) -> Iterator[Embedded]:
        for n in range(first, first + count):
            chance = np.random.default_rng(1_000_000 + n)
            name = f"{n:064x}"
            labels = [MANY] + [TENTH] * (n % 10 == 3) + [HUNDREDTH] * (n % 100 == 7)
            audience = Audience.of(*labels)
            chunks = [
                Chunk(f"{name}-{k}", name, f"Document {n}", text, audience, _where(n, k), k)
                for k, text in enumerate(self._texts(chance, self._size))
            ]
            vectors = vectors_of(self._vectors(chance, self._size))
            signs = [chance.bytes(self._signs) for _ in vectors]
            yield Embedded(name, chunks, list(map(Embedding, vectors, signs)))

    def words(self) -> list[str]:
        """All words that the chunks may have."""
        return [_word(number) for number in range(_VOCABULARY)]

    def questions(self, count: int) -> list[tuple[str, Vector]]:
        """Questions without the most frequent words, which are left out of a search by words."""
        chance = np.random.default_rng(2)
        texts: list[str] = []
        while len(texts) < count:
            [text] = self._texts(chance, 1)
            if rare := [word for word in text.split() if word not in self._frequent]:
                texts.append(" ".join(rare[:_ASKED]))
        return list(zip(texts, vectors_of(self._vectors(chance, count)), strict=True))

    def _vectors(self, chance: np.random.Generator, count: int) -> NDArray[np.float32]:
        near = self._groups[chance.integers(_GROUPS, size=count)]
        ways = near + chance.normal(size=near.shape).astype(np.float32) * 0.7
        vectors = ways @ self._ways
        vectors += chance.normal(size=vectors.shape).astype(np.float32) * 1.5
        length = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / length, np.float32)

    def _texts(self, chance: np.random.Generator, count: int) -> list[str]:
        words = np.searchsorted(self._share, chance.random((count, _WORDS)))
        return [" ".join(map(_word, row)) for row in words.tolist()]


def _where(document: int, place: int) -> Where:
    """Each fourth document is a PDF, a presentation, a workbook, or a page with headings."""
    return (
        Where(page=place + 1),
        Where(slide=place + 1),
        Where(sheet=f"Sheet {place + 1}"),
        Where(anchor=f"part-{place + 1}"),
    )[document % 4]


def vectors_of(rows: NDArray[np.float32]) -> Sequence[Vector]:
    return cast(Sequence[Vector], rows)


def _word(number: int) -> str:
    letters = ""
    for _ in range(4):
        number, letter = divmod(number, len(_LETTERS))
        letters += _LETTERS[letter]
    return letters
