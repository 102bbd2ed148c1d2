"""The columns of a LanceDB table, and the conditions on its rows."""

from collections.abc import Collection, Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from domain.documents import Embedded
from domain.questions import Audience
from knowledge.chunk import embedded_text
from knowledge.index.words import searchable

MODEL = b"phi3.embedding_model"
"""Where the table's schema names its embedding model."""

_BETWEEN = "\0"  # no label holds it


def schema_of(model: str, dimension: int) -> pa.Schema:
    """``number`` is the chunk's in the contents. The words and vectors are there to be found."""
    fields: list[tuple[str, pa.DataType]] = [
        ("number", pa.int64()),
        ("document", pa.string()),
        ("written", pa.int64()),
        ("audience", pa.list_(pa.string())),
        ("words", pa.string()),
        ("vector", pa.list_(pa.float32(), dimension)),
    ]
    return pa.schema(fields, metadata={MODEL: model.encode()})


def to_rows(
    documents: Sequence[Embedded], numbers: Sequence[int], written: int, schema: pa.Schema
) -> pa.Table:
    chunks = [(one.document, chunk) for one in documents for chunk in one.chunks]
    vectors = [embedding.vector for one in documents for embedding in one.embeddings]
    columns = {
        "number": numbers,
        "document": [document for document, _ in chunks],
        "written": [written] * len(chunks),
        "audience": [sorted(chunk.audience.labels) for _, chunk in chunks],
        "words": [searchable(embedded_text(chunk)) for _, chunk in chunks],
        "vector": list(np.asarray(vectors, np.float32)),
    }
    return pa.table(columns, schema=schema)


def audiences_in(rows: pa.Table) -> Iterator[tuple[str, int, Audience]]:
    """The documents of rows, when they were written, and their audiences, each of these once."""
    labels = pc.binary_join(rows.column("audience"), _BETWEEN)
    names = ["document", "written", "labels"]
    each = pa.table([rows.column("document"), rows.column("written"), labels], names)
    each = each.group_by(names).aggregate([])
    for document, written, joined in zip(*(each.column(n).to_pylist() for n in names), strict=True):
        yield document, written, Audience(frozenset(joined.split(_BETWEEN) if joined else ()))


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
