"""How passages are stored in Weaviate: the names of properties, and chunks as objects."""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, cast
from uuid import NAMESPACE_URL, uuid5

from weaviate.classes.data import DataObject
from weaviate.classes.query import Filter
from weaviate.collections.classes.filters import _Filters

from domain.candidates import Candidate
from domain.documents import Chunk
from domain.embeddings import Embedding
from domain.questions import Audience
from knowledge.chunk import embedded_text
from knowledge.index import places
from knowledge.index.words import searchable

# Chunks of earlier versions were named by their sources, and a property cannot be renamed.
DOCUMENT, DIGEST = "source", "source_digest"

TOKENS = "tokens"

SHOWN = ["chunk", DOCUMENT, "title", "text", "audience", *places.COLUMNS]
"""The properties that ``to_chunk`` and ``candidate`` read."""


def to_object(
    document: str, chunk: Chunk, revision: str, embedding: Embedding
) -> DataObject[Any, Any]:
    return DataObject(
        uuid=uuid5(NAMESPACE_URL, f"{document}\0{chunk.id}\0{revision}"),
        properties={
            "chunk": chunk.id,
            DOCUMENT: document,
            DIGEST: digest(document),
            "revision": revision,
            "title": chunk.title,
            "text": chunk.text,
            "words": searchable(embedded_text(chunk)),
            "audience": sorted(chunk.audience.labels),
            **places.columns(chunk),
            # The server refuses an empty one.
            **({TOKENS: b64encode(embedding.tokens).decode()} if embedding.tokens else {}),
        },
        vector=list(embedding.vector),
    )


def to_chunk(row: Any) -> Chunk:
    return Chunk(
        id=str(row["chunk"]),
        document=str(row[DOCUMENT]),
        title=str(row["title"]),
        text=str(row["text"]),
        audience=Audience(frozenset(row["audience"])),
        where=places.where_of(row),
        place=places.place_of(row),
    )


def candidate(found: Any, similarity: float, words: float = 0.0) -> Candidate:
    row = found.properties
    return Candidate(
        id=str(row["chunk"]),
        document=str(row[DOCUMENT]),
        title=str(row["title"]),
        text=str(row["text"]),
        audience=Audience(frozenset(row["audience"])),
        similarity=similarity,
        words=words,
        where=places.where_of(row),
        place=places.place_of(row),
        row=str(found.uuid),
    )


def tokens_of(row: Any) -> bytes:
    """Those of an embedding; not every object has some."""
    return b64decode(row.get(TOKENS) or "")


def flat(vector: Sequence[float] | Sequence[Sequence[float]]) -> Sequence[float]:
    """The client's type allows several vectors of an object; here each has one."""
    return cast(Sequence[float], vector)


def of_documents(*documents: str) -> _Filters:
    return Filter.by_property(DIGEST).contains_any([digest(one) for one in documents])


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
