"""The index that needs no server: a LanceDB table in a folder.

Every write commits a new version. So a reader, in this process or another one, sees it whole or not
at all, and after a crash the last complete version is used. Chunks are added first, and earlier
ones of the same document deleted then: two fast commits, where one that merges took ten times as
long. Search is exact: there is no approximate vector index.
"""

import logging
import warnings
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from time import time_ns
from typing import Any

import lancedb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from lancedb.index import FTS

from domain.documents import Chunk, Embedded
from domain.errors import IndexMismatch, IndexUnavailable
from domain.protocols import Vector
from domain.questions import Audience, Passage
from knowledge.chunk import embedded_text
from knowledge.index import memory, places
from knowledge.index.fusion import CANDIDATES, Candidate, cosine, fuse
from knowledge.index.words import asked, searchable

_log = logging.getLogger(__name__)

# LanceDB raises built-in exceptions for errors from Rust; its own classes derive from these too.
VENDOR_ERRORS = (RuntimeError, ValueError, OSError, KeyError, NotImplementedError)

PASSAGES = "passages"
"""The name of the first index; the names of those that are built beside it begin with it."""

_MODEL = b"phi3.embedding_model"
_SHOWN = ["id", "document", "title", "text", "audience", *places.COLUMNS]
_BETWEEN = "\0"  # no label holds it
_PAGE = 500  # rows read at once
_NAMED_AT_ONCE = 300  # the most documents in one condition; for more, reading all rows is faster
_SMALL_FILES = 24
_KEEP_OLD_VERSIONS = timedelta(hours=1)

# What the rows of an earlier version say in columns that they lack.
_EMPTY = {
    "written": "cast(0 as bigint)",
    **dict.fromkeys(places.NUMBERS, "cast(0 as int)"),
    **dict.fromkeys(places.TEXTS, "''"),
}


class LanceIndex:
    """Implements PassageIndex in ``folder``, which it creates. Several threads may use it at once.

    Raises IndexMismatch if the table ``name`` was built with another embedding model.
    """

    def __init__(self, folder: Path, model: str, dimension: int, name: str = PASSAGES) -> None:
        self._schema = _schema(model, dimension)
        with _translated(folder):
            folder.mkdir(parents=True, exist_ok=True)
            # Zero: each read looks for the newest version, since another process may have written.
            database = lancedb.connect(folder, read_consistency_interval=timedelta(0))
            self._table: Any = (
                database.open_table(name)
                if (folder / f"{name}.lance").exists()
                else database.create_table(name, schema=self._schema, exist_ok=True)
            )
            self._folder, self._name = folder, name
            self._refuse_other_model(model)
            self._add_columns()
            if not self._table.list_indices():
                self._table.create_index("words", config=_words())

    def replace(self, *documents: Embedded) -> None:
        names = [one.document for one in documents]
        with _translated(self._folder):
            written = max(self._written(names).values(), default=0) + 1
            if rows := self._rows(documents, max(written, time_ns())):
                self._table.add(rows)
            self._delete_earlier(documents)

    def remove(self, *documents: str) -> int:
        if not documents:
            return 0
        with _translated(self._folder):
            return int(self._table.delete(_in(documents)).num_deleted_rows)

    def set_audience(self, audience: Audience, *documents: str) -> None:
        labels = ", ".join(_literal(label) for label in sorted(audience.labels))
        if documents:
            with _translated(self._folder):
                self._table.update(
                    where=_in(documents), values_sql={"audience": f"make_array({labels})"}
                )

    def audiences(self, documents: Collection[str] | None = None) -> dict[str, frozenset[Audience]]:
        query = self._table.search().select(["document", "audience"])
        if documents is not None and len(documents) <= _NAMED_AT_ONCE:
            query = query.where(_in(documents))
        with _translated(self._folder):
            rows = query.limit(None).to_arrow()
        found: dict[str, set[Audience]] = {}
        for document, labels in _distinct(rows):
            if documents is None or document in documents:
                found.setdefault(document, set()).add(Audience(frozenset(labels)))
        return {document: frozenset(audiences) for document, audiences in found.items()}

    def forget(self, *documents: str) -> int:
        """Deletes the rows and rewrites all files, since deleted rows would stay in the old ones.

        A search that another process does at this moment may fail.
        """
        removed = self.remove(*documents)
        with _translated(self._folder), warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # it warns about other processes
            self._table.update(values_sql={"title": "title"})
            self._table.create_index("words", config=_words(), replace=True)
            self._table.optimize(cleanup_older_than=timedelta(0), delete_unverified=True)
        return removed

    def count(self) -> int:
        with _translated(self._folder):
            return int(self._table.count_rows())

    def documents(self) -> frozenset[str]:
        with _translated(self._folder):
            rows = self._table.search().select(["document"]).limit(None).to_arrow()
        return frozenset(rows.column("document").unique().to_pylist())

    def chunks(self, document: str) -> Iterator[Chunk]:
        query = self._table.search().select(_SHOWN).where(_in([document]))
        with _translated(self._folder):
            for page in query.limit(None).to_batches(_PAGE):
                for row in page.to_pylist():
                    yield _chunk(row)

    def vectors(self, document: str) -> dict[str, Vector]:
        query = self._table.search().select(["id", "vector"]).where(_in([document]))
        with _translated(self._folder):
            rows = query.limit(None).to_arrow()
        return dict(zip(*(rows.column(name).to_pylist() for name in ("id", "vector")), strict=True))

    def search(self, text: str, vector: Vector, audience: Audience, k: int) -> list[Passage]:
        if not audience.labels or k <= 0:
            return []
        labels = ", ".join(_literal(label) for label in sorted(audience.labels))
        allowed = f"array_has_any(audience, [{labels}])"
        with _translated(self._folder):
            found = self._by_meaning(vector, allowed, max(k, CANDIDATES))
            return fuse(text, found, self._by_words(text, vector, allowed), k)

    def drop_others(self, *kept: str) -> None:
        with _translated(self._folder):
            database = lancedb.connect(self._folder)
            found = [file.stem for file in self._folder.glob(f"{PASSAGES}*.lance")]
            for name in set(found) - {self._name, *kept}:
                database.drop_table(name)

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

    def tidy(self) -> None:
        """Merges small files, takes new rows into the index of words, deletes old versions.

        It rewrites the whole table, so it does nothing while there are few small files. If another
        process writes at the same time, it may be refused, and is done some other time.
        """
        try:
            if self._table.stats()["fragment_stats"]["num_fragments"] > _SMALL_FILES:
                self._table.optimize(cleanup_older_than=_KEEP_OLD_VERSIONS)
                memory.give_back()
        except VENDOR_ERRORS as e:
            _log.warning("The index was not tidied this time: %s", e)

    def _written(self, documents: Collection[str]) -> dict[str, int]:
        """The latest writing of each document that is there."""
        found: dict[str, int] = {}
        if documents:
            query = self._table.search().select(["document", "written"]).where(_in(documents))
            rows = query.limit(None).to_arrow().group_by("document").aggregate([("written", "max")])
            columns = (rows.column(name).to_pylist() for name in ("document", "written_max"))
            found.update(zip(*columns, strict=True))
        return found

    def _delete_earlier(self, documents: Sequence[Embedded]) -> None:
        """Of each document only the latest writing stays, whichever process did it."""
        names = [one.document for one in documents]
        query = self._table.search().select(["document", "written"]).where(_in(names))
        rows = query.limit(None).to_arrow().group_by(["document", "written"]).aggregate([])
        latest = self._written(names)
        stale = [
            f"document = {_literal(document)} AND written < {latest[document]}"
            for document, written in zip(
                *(rows.column(n).to_pylist() for n in range(2)), strict=True
            )
            if written < latest[document]
        ]
        stale += [f"document = {_literal(one.document)}" for one in documents if not one.chunks]
        if stale:
            self._table.delete(" OR ".join(f"({condition})" for condition in stale))

    def _rows(self, documents: Sequence[Embedded], written: int) -> pa.Table | None:
        chunks = [(one.document, chunk) for one in documents for chunk in one.chunks]
        if not chunks:
            return None
        vectors = [vector for one in documents for vector in one.vectors]
        columns = {
            "id": [chunk.id for _, chunk in chunks],
            "document": [document for document, _ in chunks],
            "title": [chunk.title for _, chunk in chunks],
            "text": [chunk.text for _, chunk in chunks],
            "words": [searchable(embedded_text(chunk)) for _, chunk in chunks],
            "audience": [sorted(chunk.audience.labels) for _, chunk in chunks],
            "written": [written] * len(chunks),
            **{name: [places.columns(one)[name] for _, one in chunks] for name in places.COLUMNS},
            "vector": list(np.asarray(vectors, np.float32)),
        }
        return pa.table(columns, schema=self._schema)

    def _add_columns(self) -> None:
        """Changes a table of an earlier version, whose documents were named by their sources."""
        while missing := self._missing():
            try:
                if "source" in self._table.schema.names:
                    self._table.alter_columns({"path": "source", "rename": "document"})
                else:
                    self._table.add_columns({name: _EMPTY[name] for name in missing})
            except VENDOR_ERRORS:
                # Another process may have changed it just now.
                if self._missing() == missing:
                    raise

    def _missing(self) -> list[str]:
        known = self._table.schema.names
        return [name for name in ("document", *_EMPTY) if name not in known]

    def _refuse_other_model(self, model: str) -> None:
        schema = self._table.schema
        built_by = (schema.metadata or {}).get(_MODEL, b"?").decode()
        if built_by != model or schema.field("vector").type != self._schema.field("vector").type:
            raise IndexMismatch(
                "The index was built with another embedding model: set PHI3_EMBEDDER back, run "
                "`phi3 doctor`, then set the new one and run `phi3 sources reindex`. Or move "
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
        *((name, pa.string()) for name in ("id", "document", "title", "text", "words")),
        ("audience", pa.list_(pa.string())),
        ("written", pa.int64()),
        *((name, pa.int32()) for name in places.NUMBERS),
        *((name, pa.string()) for name in places.TEXTS),
        ("vector", pa.list_(pa.float32(), dimension)),
    ]
    return pa.schema(fields, metadata={_MODEL: model.encode()})


def _chunk(row: dict[str, Any]) -> Chunk:
    return Chunk(
        id=str(row["id"]),
        document=str(row["document"]),
        title=str(row["title"]),
        text=str(row["text"]),
        audience=Audience(frozenset(row["audience"])),
        where=places.where_of(row),
        place=places.place_of(row),
    )


def _candidate(row: dict[str, Any], similarity: float, words: float = 0.0) -> Candidate:
    return Candidate(
        id=str(row["id"]),
        document=str(row["document"]),
        title=str(row["title"]),
        text=str(row["text"]),
        audience=Audience(frozenset(row["audience"])),
        where=places.where_of(row),
        similarity=similarity,
        words=words,
    )


def _in(documents: Collection[str]) -> str:
    names = ", ".join(map(_literal, documents))
    return f"document IN ({names})" if names else "false"


def _distinct(rows: pa.Table) -> Iterator[tuple[str, list[str]]]:
    """The documents and audiences of all rows, each pair once."""
    labels = pc.binary_join(rows.column("audience"), _BETWEEN)
    pairs = pa.table({"document": rows.column("document"), "labels": labels})
    pairs = pairs.group_by(["document", "labels"]).aggregate([])
    for document, joined in zip(*(pairs.column(n).to_pylist() for n in range(2)), strict=True):
        yield document, joined.split(_BETWEEN) if joined else []


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
