"""Small honest stand-ins: an embedder made of word hashes, a ledger in memory and one on disk."""

import json
import math
from array import array
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from hashlib import blake2b
from pathlib import Path

from domain.documents import Source, SourceState
from domain.protocols import Vector
from domain.questions import Audience
from knowledge.words import searchable

DIMENSION = 64


class WordEmbedder:
    """Texts that share words are near each other. Counts what it embeds."""

    def __init__(self, model: str = "words-64") -> None:
        self.model = model
        self.dimension = DIMENSION
        self.embedded = 0

    def embed_passages(self, texts: Sequence[str]) -> list[Vector]:
        self.embedded += len(texts)
        return [_vector(text) for text in texts]

    def embed_question(self, text: str) -> Vector:
        return _vector(text)


class MemoryLedger:
    def __init__(self) -> None:
        self.rows: dict[str, Source] = {}

    def find(self, uri: str) -> Source | None:
        return self.rows.get(uri)

    def save(self, source: Source) -> None:
        self.rows[source.uri] = source

    def under(self, prefix: str) -> list[Source]:
        return [
            row
            for uri, row in sorted(self.rows.items())
            if uri.startswith(prefix) and row.state is not SourceState.REMOVED
        ]


class FileLedger(MemoryLedger):
    """A line of JSON for each save: what was written before a kill is there after it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        for line in path.read_text().splitlines() if path.exists() else []:
            row = json.loads(line)
            source = Source(
                **row
                | {
                    "audience": Audience.of(*row["audience"]),
                    "state": SourceState(row["state"]),
                    "updated_at": datetime.fromisoformat(row["updated_at"]),
                }
            )
            self.rows[source.uri] = source

    def save(self, source: Source) -> None:
        super().save(source)
        row = asdict(source) | {
            "audience": sorted(source.audience.labels),
            "updated_at": source.updated_at.isoformat(),
        }
        with self._path.open("a") as lines:
            lines.write(json.dumps(row) + "\n")


def _vector(text: str) -> Vector:
    numbers = [0.001] * DIMENSION
    for word in searchable(text).split():
        numbers[blake2b(word.encode()).digest()[0] % DIMENSION] += 1.0
    length = math.hypot(*numbers)
    return array("f", (number / length for number in numbers))
