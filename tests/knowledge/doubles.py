"""An embedder from word hashes, and a new ledger."""

import math
from array import array
from collections.abc import Sequence
from functools import cache
from hashlib import blake2b
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

from domain.candidates import Candidate
from domain.embeddings import Embedding, QuestionEmbedding, Vector
from domain.protocols import PassageIndex
from domain.questions import Audience
from domain.tokens import Reach
from knowledge.index.words import searchable
from knowledge.query.codes import codes_first
from knowledge.query.fusion import fused
from knowledge.query.search import CANDIDATES
from records.database import Database, open_engine, url_of
from records.sources import Sources
from records.tables import metadata

DIMENSION = 64


class WordEmbedder:
    """An embedder for which texts with shared words are near each other; it counts its texts."""

    def __init__(self, model: str = "words-64") -> None:
        self.model = model
        self.dimension = DIMENSION
        self.reach = Reach(512)
        self.gives_tokens = False
        self.embedded = 0

    def embed_passages(self, texts: Sequence[str]) -> list[Embedding]:
        self.embedded += len(texts)
        return [Embedding(_vector(text)) for text in texts]

    def embed_question(self, text: str) -> QuestionEmbedding:
        return QuestionEmbedding(_vector(text))


def new_ledger(file: Path) -> Sources:
    """The real ledger, in a SQLite database; the file is created if it does not exist."""
    if not file.exists():
        copyfile(Path(_empty_database().name) / "phi3.db", file)
    return Sources(Database(url_of(file)))


@cache
def _empty_database() -> TemporaryDirectory[str]:
    """The folder of a database, which each test copies: that is faster than to make it."""
    folder = TemporaryDirectory()
    engine = open_engine(url_of(Path(folder.name) / "phi3.db"), create=True)
    metadata.create_all(engine)
    engine.dispose()
    return folder


def _vector(text: str) -> Vector:
    numbers = [0.001] * DIMENSION
    for word in searchable(text).split():
        numbers[blake2b(word.encode()).digest()[0] % DIMENSION] += 1.0
    length = math.hypot(*numbers)
    return array("f", (number / length for number in numbers))


def ranked(
    index: PassageIndex, text: str, vector: Vector, audience: Audience, k: int
) -> list[Candidate]:
    """The best ``k`` that a search finds by meaning, words and codes alone."""
    found = index.search(text, vector, audience, max(k, CANDIDATES))
    ordered = codes_first(text, fused(text, found, words=True))
    return [one.candidate for one in ordered[:k]]
