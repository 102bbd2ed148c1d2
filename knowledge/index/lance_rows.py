"""How chunks are stored in LanceDB: the columns of the table, and chunks as its rows."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from domain.candidates import Candidate
from domain.documents import Chunk, Embedded
from domain.questions import Audience
from knowledge.chunk import embedded_text
from knowledge.index import places
from knowledge.index.words import searchable

MODEL = b"phi3.embedding_model"
"""Where the table's schema names its embedding model."""

SHOWN = ["id", "document", "title", "text", "audience", *places.COLUMNS]
"""The columns that ``to_chunk`` and ``candidate`` read."""

EMPTY = {
    "written": "cast(0 as bigint)",
    **dict.fromkeys(places.NUMBERS, "cast(0 as int)"),
    **dict.fromkeys(places.TEXTS, "''"),
}
"""What the rows of an earlier version say in columns that they lack, as SQL."""

_BETWEEN = "\0"  # no label holds it


def schema_of(model: str, dimension: int) -> pa.Schema:
    fields: list[tuple[str, pa.DataType]] = [
        *((name, pa.string()) for name in ("id", "document", "title", "text", "words")),
        ("audience", pa.list_(pa.string())),
        ("written", pa.int64()),
        *((name, pa.int32()) for name in places.NUMBERS),
        *((name, pa.string()) for name in places.TEXTS),
        ("vector", pa.list_(pa.float32(), dimension)),
    ]
    return pa.schema(fields, metadata={MODEL: model.encode()})


def to_rows(documents: Sequence[Embedded], written: int, schema: pa.Schema) -> pa.Table:
    chunks = [(one.document, chunk) for one in documents for chunk in one.chunks]
    embeddings = [embedding for one in documents for embedding in one.embeddings]
    placed = [places.columns(chunk) for _, chunk in chunks]
    columns = {
        "id": [chunk.id for _, chunk in chunks],
        "document": [document for document, _ in chunks],
        "title": [chunk.title for _, chunk in chunks],
        "text": [chunk.text for _, chunk in chunks],
        "words": [searchable(embedded_text(chunk)) for _, chunk in chunks],
        "audience": [sorted(chunk.audience.labels) for _, chunk in chunks],
        "written": [written] * len(chunks),
        **{name: [one[name] for one in placed] for name in places.COLUMNS},
        "vector": list(np.asarray([one.vector for one in embeddings], np.float32)),
    }
    return pa.table(columns, schema=schema)


def to_chunk(row: dict[str, Any]) -> Chunk:
    return Chunk(
        id=str(row["id"]),
        document=str(row["document"]),
        title=str(row["title"]),
        text=str(row["text"]),
        audience=Audience(frozenset(row["audience"])),
        where=places.where_of(row),
        place=places.place_of(row),
    )


def candidate(row: dict[str, Any], similarity: float, words: float = 0.0) -> Candidate:
    return Candidate(
        id=str(row["id"]),
        document=str(row["document"]),
        title=str(row["title"]),
        text=str(row["text"]),
        audience=Audience(frozenset(row["audience"])),
        where=places.where_of(row),
        place=places.place_of(row),
        similarity=similarity,
        words=words,
        row=str(row["_rowid"]),
    )


def audiences_in(rows: pa.Table) -> Iterator[tuple[str, Audience]]:
    """The documents and audiences of rows, each pair once."""
    labels = pc.binary_join(rows.column("audience"), _BETWEEN)
    pairs = pa.table({"document": rows.column("document"), "labels": labels})
    pairs = pairs.group_by(["document", "labels"]).aggregate([])
    for document, joined in zip(*(pairs.column(n).to_pylist() for n in range(2)), strict=True):
        yield document, Audience(frozenset(joined.split(_BETWEEN) if joined else ()))


def of_documents(documents: Collection[str]) -> str:
    """The condition that a row is of one of these documents, as SQL."""
    names = ", ".join(map(literal, documents))
    return f"document IN ({names})" if names else "false"


def readable_by(audience: Audience) -> str:
    """The condition that ``audience`` may read a row, as SQL."""
    labels = ", ".join(literal(label) for label in sorted(audience.labels))
    return f"array_has_any(audience, [{labels}])"


def literal(text: str) -> str:
    """``text`` as an SQL string; the quote is the only character that must be escaped."""
    return "'" + text.replace("'", "''") + "'"
