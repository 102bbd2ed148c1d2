"""The index that needs no server: a LanceDB table in a folder.

Every write commits a new version. So a reader, in this process or another one, sees either the old
passages of a source or the new ones, and after a crash the last complete version is used. Search is
exact: there is no approximate vector index.
"""

import warnings
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import lancedb
import numpy as np
import pyarrow as pa
from lancedb.index import FTS

from domain.documents import Chunk
from domain.errors import IndexMismatch, IndexUnavailable
from domain.protocols import Vector
from domain.questions import Audience, Passage
from knowledge import places
from knowledge.chunk import embedded_text
from knowledge.fusion import CANDIDATES, Candidate, cosine, fuse
from knowledge.words import asked, searchable

# LanceDB raises built-in exceptions for errors from Rust; its own classes derive from these too.
VENDOR_ERRORS = (RuntimeError, ValueError, OSError, KeyError, NotImplementedError)

_TABLE = "passages"
_MODEL = b"phi3.embedding_model"
_SHOWN = ["id", "source", "title", "text", "audience", *places.COLUMNS]
_TIDY_EVERY = 32
_PAGE = 500  # rows read at once
_NAMED_AT_ONCE = 100  # the most sources in one condition; for more, reading all of them is faster
_KEEP_OLD_VERSIONS = timedelta(hours=1)


class LanceIndex:
    """Implements PassageIndex in ``folder``, which it creates. Several threads may use it at once.

    Raises IndexMismatch if the folder's table was built with another embedding model.
    """

    def __init__(self, folder: Path, model: str, dimension: int) -> None:
        self._schema = _schema(model, dimension)
        with _translated(folder):
            folder.mkdir(parents=True, exist_ok=True)
            # Zero: each read looks for the newest version, since another process may have written.
            database = lancedb.connect(folder, read_consistency_interval=timedelta(0))
            self._table: Any = (
                database.open_table(_TABLE)
                if (folder / f"{_TABLE}.lance").exists()
                else database.create_table(_TABLE, schema=self._schema, exist_ok=True)
            )
            self._folder = folder
            self._refuse_other_model(model)
            self._add_columns()
            if not self._table.list_indices():
                self._table.create_index("words", config=_words())

    def replace(self, source: str, chunks: Sequence[Chunk], vectors: Sequence[Vector]) -> None:
        if not chunks:
            self.remove(source)
            return
        with _translated(self._folder):
            (
                self._table.merge_insert("id")
                .when_matched_update_all()
                .when_not_matched_insert_all()
                .when_not_matched_by_source_delete(f"source = {_literal(source)}")
                .execute(self._rows(chunks, vectors))
            )
            self._tidy()

    def remove(self, source: str) -> int:
        with _translated(self._folder):
            return int(self._table.delete(f"source = {_literal(source)}").num_deleted_rows)

    def set_audience(self, source: str, audience: Audience) -> None:
        labels = ", ".join(_literal(label) for label in sorted(audience.labels))
        with _translated(self._folder):
            self._table.update(
                where=f"source = {_literal(source)}",
                values_sql={"audience": f"make_array({labels})"},
            )
            self._tidy()

    def audiences(self, sources: Collection[str]) -> dict[str, frozenset[Audience]]:
        wanted, found = set(sources), dict[str, set[Audience]]()
        query = self._table.search().select(["source", "audience"])
        if len(wanted) <= _NAMED_AT_ONCE:
            names = ", ".join(map(_literal, wanted))
            query = query.where(f"source IN ({names})" if names else "false")
        with _translated(self._folder):
            rows = query.limit(None).to_arrow()
        columns = (rows.column(name).to_pylist() for name in ("source", "audience"))
        for source, labels in zip(*columns, strict=True):
            if source in wanted:
                found.setdefault(source, set()).add(Audience(frozenset(labels)))
        return {source: frozenset(audiences) for source, audiences in found.items()}

    def forget(self, source: str) -> int:
        """Deletes the rows and rewrites all files, since deleted rows would stay in the old ones.

        A search that another process does at this moment may fail.
        """
        removed = self.remove(source)
        with _translated(self._folder), warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # it warns about other processes
            self._table.update(values_sql={"title": "title"})
            self._table.create_index("words", config=_words(), replace=True)
            self._table.optimize(cleanup_older_than=timedelta(0), delete_unverified=True)
        return removed

    def count(self) -> int:
        with _translated(self._folder):
            return int(self._table.count_rows())

    def sources(self) -> frozenset[str]:
        with _translated(self._folder):
            rows = self._table.search().select(["source"]).limit(None).to_arrow()
        return frozenset(rows.column("source").unique().to_pylist())

    def chunks(self, source: str) -> Iterator[Chunk]:
        query = self._table.search().select(_SHOWN).where(f"source = {_literal(source)}")
        with _translated(self._folder):
            for page in query.limit(None).to_batches(_PAGE):
                for row in page.to_pylist():
                    yield _chunk(row)

    def search(self, text: str, vector: Vector, audience: Audience, k: int) -> list[Passage]:
        if not audience.labels or k <= 0:
            return []
        labels = ", ".join(_literal(label) for label in sorted(audience.labels))
        allowed = f"array_has_any(audience, [{labels}])"
        with _translated(self._folder):
            found = self._by_meaning(vector, allowed, max(k, CANDIDATES))
            return fuse(text, found, self._by_words(text, vector, allowed), k)

    def close(self) -> None:
        """Does nothing: LanceDB keeps nothing open between calls."""

    def _by_meaning(self, vector: Vector, allowed: str, k: int) -> list[Candidate]:
        query = self._table.search(np.asarray(vector, np.float32), vector_column_name="vector")
        rows = query.distance_type("cosine").where(allowed).select([*_SHOWN, "_distance"])
        return [
            _candidate(row, 1 - float(row["_distance"]))
            for row in rows.limit(k).to_arrow().to_pylist()
        ]

    def _by_words(self, text: str, vector: Vector, allowed: str) -> list[Candidate]:
        if not (words := asked(text)):
            return []
        query = self._table.search(words, query_type="fts", fts_columns="words").where(allowed)
        rows = query.select([*_SHOWN, "vector", "_score"]).limit(CANDIDATES).to_arrow().to_pylist()
        return [_candidate(row, cosine(vector, row["vector"]), row["_score"]) for row in rows]

    def _rows(self, chunks: Sequence[Chunk], vectors: Sequence[Vector]) -> pa.Table:
        columns = {
            "id": [chunk.id for chunk in chunks],
            "source": [chunk.source for chunk in chunks],
            "title": [chunk.title for chunk in chunks],
            "text": [chunk.text for chunk in chunks],
            "words": [searchable(embedded_text(chunk)) for chunk in chunks],
            "audience": [sorted(chunk.audience.labels) for chunk in chunks],
            **{name: [places.columns(chunk)[name] for chunk in chunks] for name in places.COLUMNS},
            "vector": list(np.asarray(vectors, np.float32)),
        }
        return pa.table(columns, schema=self._schema)

    def _tidy(self) -> None:
        """Merges small files and deletes old versions after every few writes."""
        if self._table.version % _TIDY_EVERY == 0:
            self._table.optimize(cleanup_older_than=_KEEP_OLD_VERSIONS)

    def _add_columns(self) -> None:
        """Those that a table of an earlier version lacks; its rows say nothing in them."""
        while missing := self._missing():
            try:
                self._table.add_columns(
                    {name: "cast(0 as int)" if name in places.NUMBERS else "''" for name in missing}
                )
            except VENDOR_ERRORS:
                # Another process may have added them just now.
                if self._missing() == missing:
                    raise

    def _missing(self) -> list[str]:
        known = self._table.schema.names
        return [name for name in places.COLUMNS if name not in known]

    def _refuse_other_model(self, model: str) -> None:
        schema = self._table.schema
        built_by = (schema.metadata or {}).get(_MODEL, b"?").decode()
        if built_by != model or schema.field("vector").type != self._schema.field("vector").type:
            raise IndexMismatch(
                "The index was built with another embedding model: set PHI3_EMBEDDER back, or move "
                "its folder away and ingest again.",
                f"{self._folder}: built with {built_by}, not with {model}",
            )


def _words() -> FTS:
    return FTS(
        base_tokenizer="whitespace",
        stem=False,
        remove_stop_words=False,
        ascii_folding=False,
    )


def _schema(model: str, dimension: int) -> pa.Schema:
    fields: list[tuple[str, pa.DataType]] = [
        *((name, pa.string()) for name in ("id", "source", "title", "text", "words")),
        ("audience", pa.list_(pa.string())),
        *((name, pa.int32()) for name in places.NUMBERS),
        *((name, pa.string()) for name in places.TEXTS),
        ("vector", pa.list_(pa.float32(), dimension)),
    ]
    return pa.schema(fields, metadata={_MODEL: model.encode()})


def _chunk(row: dict[str, Any]) -> Chunk:
    return Chunk(
        id=str(row["id"]),
        source=str(row["source"]),
        title=str(row["title"]),
        text=str(row["text"]),
        audience=Audience(frozenset(row["audience"])),
        where=places.where_of(row),
        place=places.place_of(row),
    )


def _candidate(row: dict[str, Any], similarity: float, words: float = 0.0) -> Candidate:
    return Candidate(
        id=str(row["id"]),
        source=str(row["source"]),
        title=str(row["title"]),
        text=str(row["text"]),
        audience=Audience(frozenset(row["audience"])),
        where=places.where_of(row),
        similarity=similarity,
        words=words,
    )


def _literal(text: str) -> str:
    """``text`` as an SQL string; the quote is the only character that must be escaped."""
    return "'" + text.replace("'", "''") + "'"


@contextmanager
def _translated(folder: Path) -> Iterator[None]:
    try:
        yield
    except VENDOR_ERRORS as e:
        reason = (str(e).splitlines() or [type(e).__name__])[0][:200]
        raise IndexUnavailable(
            "The index cannot be used: repair its folder, or move it away and ingest again.",
            f"{folder}: {reason}",
        ) from e
