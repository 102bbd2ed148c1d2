"""How passages are stored in Weaviate: the collection's properties, and chunks as objects."""

import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from hashlib import sha256
from time import sleep
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import weaviate
from weaviate.classes.config import Configure, DataType, Property, StopwordsPreset, Tokenization
from weaviate.classes.data import DataObject
from weaviate.classes.query import Filter
from weaviate.collections import Collection
from weaviate.collections.classes.filters import _Filters

from domain.candidates import Candidate
from domain.documents import Chunk
from domain.embeddings import Embedding
from domain.errors import IndexMismatch
from domain.questions import Audience
from knowledge.chunk import embedded_text
from knowledge.index import places
from knowledge.index.weaviate_server import PAUSE, VENDOR_ERRORS, WeaviateServer
from knowledge.index.words import searchable

# Chunks of earlier versions were named by their sources, and a property cannot be renamed.
DOCUMENT, DIGEST = "source", "source_digest"

TOKENS = "tokens"

SHOWN = ["chunk", DOCUMENT, "title", "text", "audience", *places.COLUMNS]
"""The properties that ``to_chunk`` reads; ``candidate`` reads ``TOKENS`` too."""

_ADDED = (*places.COLUMNS, TOKENS)
"""What collections of earlier versions lack."""


def open_collection(server: WeaviateServer, name: str, model: str, dimension: int) -> Any:
    """The collection ``name``; it is created if it is missing.

    Raises IndexUnavailable, and IndexMismatch if another embedding model built it.
    """
    about = {"embedding_model": model, "dimension": dimension}
    collections = server.client.collections
    if not server.ask(lambda: collections.exists(name)):
        try:
            _create_collection(server.client, name, json.dumps(about))
        except VENDOR_ERRORS:
            # Another process may have created it just now; it is checked below.
            sleep(PAUSE)
    collection = collections.get(name)
    config = server.ask(collection.config.get)
    if (built := _about(config.description)) != about:
        raise IndexMismatch(
            "The index was built with another embedding model: set PHI3_EMBEDDER back, run "
            "`phi3 doctor`, then set the new one and run `phi3 sources reindex`. Or delete "
            "its collection and ingest again.",
            f"{name} at {server.url}: built with {built.get('embedding_model', '?')}, "
            f"not with {model}",
        )
    server.ask(lambda: _add_properties(collection))
    return collection


def _create_collection(client: weaviate.WeaviateClient, name: str, about: str) -> None:
    def text(
        name: str, tokens: Tokenization, *, exact: bool = False, words: bool = False
    ) -> Property:
        return Property(
            name=name,
            data_type=DataType.TEXT,
            tokenization=tokens,
            index_filterable=exact,
            index_searchable=words,
        )

    client.collections.create(
        name,
        description=about,
        vector_config=Configure.Vectors.self_provided(),
        # Stop words are removed from the question instead, in the same way for every index.
        inverted_index_config=Configure.inverted_index(stopwords_preset=StopwordsPreset.NONE),
        properties=[
            text("chunk", Tokenization.FIELD),
            text(DOCUMENT, Tokenization.FIELD, exact=True),
            # A filter on a text ignores white space around it; a filter on a digest is exact.
            text(DIGEST, Tokenization.FIELD, exact=True),
            text("revision", Tokenization.FIELD, exact=True),
            text("title", Tokenization.FIELD),
            text("text", Tokenization.FIELD),
            text("words", Tokenization.WHITESPACE, words=True),
            Property(
                name="audience",
                data_type=DataType.TEXT_ARRAY,
                tokenization=Tokenization.FIELD,
                index_filterable=True,
                index_searchable=False,
            ),
            *map(_added, _ADDED),
        ],
    )


def _add_properties(collection: Collection[Any, Any]) -> None:
    """Those that a collection of an earlier version lacks; its objects say nothing in them."""
    for name in _missing(collection):
        try:
            collection.config.add_property(_added(name))
        except VENDOR_ERRORS:
            # Another process may have added it just now.
            if name in _missing(collection):
                raise


def _missing(collection: Collection[Any, Any]) -> list[str]:
    known = {one.name for one in collection.config.get(simple=True).properties}
    return [name for name in _ADDED if name not in known]


def _added(name: str) -> Property:
    """One that is only stored."""
    kind = DataType.INT if name in places.NUMBERS else DataType.TEXT
    kind = DataType.BLOB if name == TOKENS else kind
    is_text = kind is DataType.TEXT
    return Property(
        name=name,
        data_type=kind,
        tokenization=Tokenization.FIELD if is_text else None,
        index_filterable=False,
        index_searchable=False if is_text else None,
    )


def _about(description: str | None) -> dict[str, object]:
    try:
        known = json.loads(description or "{}")
    except json.JSONDecodeError:
        return {}
    return known if isinstance(known, dict) else {}


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


def candidate(row: Any, similarity: float, words: float = 0.0) -> Candidate:
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
        tokens=tokens_of(row),
    )


def tokens_of(row: Any) -> bytes:
    """Those of an embedding; not every object has some."""
    return b64decode(row.get(TOKENS) or "")


def flat(vector: Sequence[float] | Sequence[Sequence[float]]) -> list[float]:
    return [float(number) for number in vector if not isinstance(number, Sequence)]


def of_documents(*documents: str) -> _Filters:
    return Filter.by_property(DIGEST).contains_any([digest(one) for one in documents])


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
