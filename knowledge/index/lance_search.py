"""Searches a LanceDB table by meaning and by words, for those who may read what is found."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from domain.candidates import Candidate
from domain.embeddings import Vector
from domain.questions import Audience
from knowledge.index.lance_library import lancedb
from knowledge.index.lance_rows import SHOWN, candidate, readable_by
from knowledge.index.lance_table import VENDOR_ERRORS
from knowledge.index.lance_upkeep import has_vector_index
from knowledge.index.words import searches

_FEW = 5_000
"""If somebody may read at most so many chunks, comparing all of them is as fast, and exact."""

_PROBES = 64
"""Partitions of the vector index that are searched: more hardly find more, and take longer."""

_AT_ONCE = 4
_AUDIENCES = 1_000  # of people in different channels, that are remembered


class LanceSearch:
    """Searches the table ``name``, which must exist. Several threads may use it at once.

    The vector index stores vectors in 8 bits. So it only says which chunks are near, and their
    similarities are computed from the vectors themselves.
    """

    def __init__(self, folder: Path, name: str) -> None:
        # A table that this connection opens stays at the version that it has then.
        self._database = lancedb.connect(folder)
        self._name = name
        self._shared = _Shared()
        self._beside = ThreadPoolExecutor(_AT_ONCE, "search by words")

    def find(self, text: str, vector: Vector, audience: Audience, k: int) -> list[Candidate]:
        try:
            return self._find(text, vector, audience, k)
        except VENDOR_ERRORS:
            # Another process may just have deleted the files of the version that was opened.
            return self._find(text, vector, audience, k)

    def _find(self, text: str, vector: Vector, audience: Audience, k: int) -> list[Candidate]:
        table = self._database.open_table(self._name)
        allowed = readable_by(audience)
        coming = self._beside.submit(_by_words, table, text, allowed, k)
        near = _by_meaning(table, vector, allowed, k, exact=self._shared.is_small(table, allowed))
        scores = coming.result()
        return _candidates(table, vector, scores | dict.fromkeys(near - scores.keys(), 0.0))

    def close(self) -> None:
        self._beside.shutdown()


class _Shared:
    """What searches of the same version of a table need not find out again."""

    def __init__(self) -> None:
        self._known: tuple[int, dict[str, bool]] = (-1, {})

    def is_small(self, table: Any, allowed: str) -> bool:
        """Whether all chunks that are ``allowed`` are compared, since they are few."""
        version = table.version
        if self._known[0] != version or len(self._known[1]) > _AUDIENCES:
            self._known = version, {}
        known = self._known[1]
        if allowed not in known:
            known[allowed] = not has_vector_index(table) or table.count_rows(allowed) <= _FEW
        return known[allowed]


def _by_meaning(table: Any, vector: Vector, allowed: str, k: int, *, exact: bool) -> set[int]:
    """The ids of rows."""
    query = table.search(np.asarray(vector, np.float32), vector_column_name="vector")
    query = query.distance_type("cosine").where(allowed).select(["_distance"]).with_row_id(True)
    query = query.bypass_vector_index() if exact else query.nprobes(_PROBES)
    return set(query.limit(k).to_arrow().column("_rowid").to_pylist())


def _by_words(table: Any, text: str, allowed: str, k: int) -> dict[int, float]:
    """The ids of rows, and their BM25 scores."""
    found: dict[int, float] = {}
    for words in searches(text):
        query = table.search(words, query_type="fts", fts_columns="words").where(allowed)
        rows = query.select(["_score"]).with_row_id(True).limit(k).to_arrow()
        columns = (rows.column(name).to_pylist() for name in ("_rowid", "_score"))
        found = dict(zip(*columns, strict=True)) | found
    return found


def _candidates(table: Any, vector: Vector, scores: dict[int, float]) -> list[Candidate]:
    if not scores:
        return []
    query = table.take_row_ids(list(scores)).select([*SHOWN, "vector"]).with_row_id()
    found = query.to_arrow()
    vectors = found.column("vector").combine_chunks()
    matrix = vectors.values.to_numpy(zero_copy_only=False).reshape(len(vectors), -1)
    asked_for = np.asarray(vector, np.float32)
    lengths = np.linalg.norm(matrix, axis=1) * np.linalg.norm(asked_for)
    cosines = matrix @ asked_for / np.maximum(lengths, np.finfo(np.float32).tiny)
    rows = zip(found.drop_columns(["vector"]).to_pylist(), cosines.tolist(), strict=True)
    return [candidate(row, cosine, scores[row["_rowid"]]) for row, cosine in rows]
