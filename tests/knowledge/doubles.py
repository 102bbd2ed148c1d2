"""Small fakes: an embedder from word hashes, a ledger in memory and one on disk."""

import json
import math
from array import array
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from hashlib import blake2b
from pathlib import Path

from domain.documents import Source, SourceState
from domain.errors import NotFound
from domain.protocols import Vector
from domain.questions import Audience
from domain.tokens import Reach
from knowledge.words import searchable

DIMENSION = 64


class WordEmbedder:
    """An embedder for which texts with shared words are near each other; it counts its texts."""

    def __init__(self, model: str = "words-64") -> None:
        self.model = model
        self.dimension = DIMENSION
        self.reach = Reach(512)
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
        known = self.rows.get(source.uri, source)
        self.rows[source.uri] = replace(source, audience=known.audience)

    def grant(self, uri: str, audience: Audience, by: str, at: datetime) -> None:
        if uri not in self.rows:
            raise NotFound(uri)
        self._give(uri, self.rows[uri].audience.together_with(audience))

    def withdraw(self, uri: str, audience: Audience | None, at: datetime) -> None:
        if row := self.rows.get(uri):
            dropped = row.audience.labels if audience is None else audience.labels
            self._give(uri, left := Audience(row.audience.labels - dropped))
            if not left.labels:
                gone = replace(row, state=SourceState.REMOVED, checksum="", chunks=0, reason="")
                self.save(replace(gone, updated_at=at))

    def _give(self, uri: str, audience: Audience) -> None:
        self.rows[uri] = replace(self.rows[uri], audience=audience)

    def under(self, prefix: str) -> list[Source]:
        return [
            row
            for uri, row in sorted(self.rows.items())
            if uri.startswith(prefix) and row.state is not SourceState.REMOVED
        ]


class FileLedger(MemoryLedger):
    """Writes a line of JSON for each save, which is still there after the process is killed."""

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
        self._write(self.rows[source.uri])

    def _give(self, uri: str, audience: Audience) -> None:
        super()._give(uri, audience)
        self._write(self.rows[uri])

    def _write(self, source: Source) -> None:
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
