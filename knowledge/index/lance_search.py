"""Searches a LanceDB table by meaning and by words, for those who may read what is found."""

import asyncio
from collections.abc import Collection
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from domain.embeddings import Vector
from domain.questions import Audience
from knowledge.index.lance_library import MatchQuery, lancedb
from knowledge.index.lance_rows import of_documents, readable_by
from knowledge.index.lance_table import VENDOR_ERRORS
from knowledge.index.words import searches

_FEW = 5_000
"""If somebody may read at most so many chunks, comparing all of them is as fast, and exact."""

_PROBES = 32
"""Partitions of the vector index that are searched. Of ten nearest chunks in a million, 16 of 1,024
partitions lose 1 in 100 (3 if few may be read), 32 none, and 64 take half as long again."""

_AUDIENCES = 1_000  # of people in different channels, that are remembered


class LanceSearch:
    """Searches the table ``name``, which must exist. Several threads may use it at once.

    The vector index stores vectors in 8 bits. So it only says which chunks are near, and not how
    near they are.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._table: Any = None
        self._small: tuple[int, dict[bytes, bool]] = (-1, {})

    def find(
        self,
        text: str,
        vector: Vector,
        audience: Audience,
        k: int,
        only: Collection[str] | None = None,
    ) -> dict[int, float]:
        """The numbers of the chunks that are near, and their BM25 scores, or 0.

        With ``only``, they are of these documents.
        """
        allowed = readable_by(audience)
        if only is not None:
            allowed = f"{allowed} AND {of_documents(sorted(only))}"
        try:
            return asyncio.run(self._find(text, vector, allowed, k))
        except VENDOR_ERRORS:
            # Another process may just have deleted the files of the version that was opened.
            self._table = None
            return asyncio.run(self._find(text, vector, allowed, k))

    async def _find(self, text: str, vector: Vector, allowed: str, k: int) -> dict[int, float]:
        table = self._table = self._table or await self._open()
        exact = await self._is_small(table, allowed)
        near, *by_words = await asyncio.gather(
            _by_meaning(table, vector, allowed, k, exact=exact),
            *(_by_words(table, words, allowed, k) for words in searches(text)),
        )
        found = dict.fromkeys(near, 0.0)
        for scores in reversed(by_words):  # the first search's score counts
            found |= scores
        return found

    async def _open(self) -> Any:
        # Zero: each search looks for the newest version, since another process may have written.
        interval = timedelta(0)
        database = await lancedb.connect_async(self._folder, read_consistency_interval=interval)
        return await database.open_table(self._name)

    async def _is_small(self, table: Any, allowed: str) -> bool:
        """Whether all chunks that are ``allowed`` are compared, since they are few."""
        version = await table.version()
        if self._small[0] != version or len(self._small[1]) > _AUDIENCES:
            self._small = version, {}
        known = self._small[1]
        key = sha256(allowed.encode(errors="replace")).digest()  # conditions may be long
        if key not in known:
            indexes = await table.list_indices()
            has_index = any(index.columns == ["vector"] for index in indexes)
            known[key] = not has_index or await table.count_rows(allowed) <= _FEW
        return known[key]


async def _by_meaning(
    table: Any, vector: Vector, allowed: str, k: int, *, exact: bool
) -> dict[int, float]:
    query = table.query().nearest_to(np.asarray(vector, np.float32)).column("vector")
    query = query.distance_type("cosine")
    query = query.bypass_vector_index() if exact else query.nprobes(_PROBES)
    rows = await query.where(allowed).select(["number", "_distance"]).limit(k).to_arrow()
    return dict.fromkeys(rows.column("number").to_pylist(), 0.0)


async def _by_words(table: Any, words: str, allowed: str, k: int) -> dict[int, float]:
    query = table.query().nearest_to_text(MatchQuery(words, "words"))
    rows = await query.where(allowed).select(["number", "_score"]).limit(k).to_arrow()
    columns = (rows.column(name).to_pylist() for name in ("number", "_score"))
    return dict(zip(*columns, strict=True))
