"""Searches a LanceDB table by meaning and by words, for those who may read what is found."""

import asyncio
from collections.abc import Collection
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from domain.embeddings import Vector
from domain.questions import Audience
from knowledge.index.lance_library import MatchQuery, lancedb, run
from knowledge.index.lance_numbers import ROW, Numbers
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
        self._version = -1
        self._numbers = Numbers()
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
            return run(self._find(text, vector, allowed, k))
        except VENDOR_ERRORS:
            # Another process may just have deleted the files of the version that was opened, or a
            # row that was found.
            self._table = None
            return run(self._find(text, vector, allowed, k))

    async def _find(self, text: str, vector: Vector, allowed: str, k: int) -> dict[int, float]:
        table = self._table = self._table or await self._open()
        await table.checkout_latest()  # another process may have written
        version = await table.version()
        if version < self._version:
            self._numbers = Numbers()  # another table is there, such as one of a backup
        self._version = version
        exact = await self._is_small(table, version, allowed)
        near, *by_words = await asyncio.gather(
            self._by_meaning(table, vector, allowed, k, exact=exact),
            *(self._by_words(table, words, allowed, k) for words in searches(text)),
        )
        found = dict.fromkeys(near, 0.0)
        for scores in reversed(by_words):  # the first search's score counts
            found |= scores
        return found

    async def _open(self) -> Any:
        database = await lancedb.connect_async(self._folder)
        return await database.open_table(self._name)

    async def _is_small(self, table: Any, version: int, allowed: str) -> bool:
        """Whether all chunks that are ``allowed`` are compared, since they are few."""
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
        self, table: Any, vector: Vector, allowed: str, k: int, *, exact: bool
    ) -> dict[int, float]:
        query = table.query().nearest_to(np.asarray(vector, np.float32)).column("vector")
        query = query.distance_type("cosine")
        query = query.bypass_vector_index() if exact else query.nprobes(_PROBES)
        query = query.where(allowed).select([ROW, "_distance"]).with_row_id()
        rows = await query.limit(k).to_arrow()
        return dict.fromkeys(await self._numbers.of(table, rows.column(ROW)), 0.0)

    async def _by_words(self, table: Any, words: str, allowed: str, k: int) -> dict[int, float]:
        query = table.query().nearest_to_text(MatchQuery(words, "words"))
        query = query.where(allowed).select([ROW, "_score"]).with_row_id()
        rows = await query.limit(k).to_arrow()
        numbers = await self._numbers.of(table, rows.column(ROW))
        return dict(zip(numbers, rows.column("_score").to_pylist(), strict=True))
