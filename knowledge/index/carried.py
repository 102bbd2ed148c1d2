"""Documents of an index as lines of JSON, with their vectors, so that nothing is embedded again.

A line is one chunk; those of a document follow each other. Who may read it is not written: the
database says that.
"""

import json
from array import array
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, repeat
from typing import Any

import numpy as np

from domain.blocks import Where
from domain.documents import Chunk, Embedded
from domain.embeddings import Embedding, Vector
from domain.errors import IndexUnavailable
from domain.protocols import PassageIndex
from domain.questions import Audience
from knowledge.index.lance import LanceIndex
from knowledge.index.stored_chunks import to_bytes

_ATTEMPTS = 3
_AT_ONCE = 300  # documents that LanceDB is asked for together
_NOBODY = Audience.of()


def read_documents(index: PassageIndex, documents: Sequence[str]) -> Iterator[Embedded | None]:
    """One for each document, as it is in ``index``; None if it is not there or not whole."""
    if not isinstance(index, LanceIndex):
        yield from (_read_document(index, document) for document in documents)
        return
    for start in range(0, len(documents), _AT_ONCE):
        some = documents[start : start + _AT_ONCE]
        missing = len(some)
        for one in index.embedded(*some):
            missing -= 1
            yield one
        yield from repeat(None, missing)


def _read_document(index: PassageIndex, document: str) -> Embedded | None:
    for _ in range(_ATTEMPTS):
        # While another process writes it, a chunk may come twice.
        found = {(chunk.place, chunk.id): chunk for chunk in index.chunks(document)}
        if not found:
            return None
        embeddings = index.embeddings(document)
        chunks = [found[key] for key in sorted(found)]
        if all(chunk.id in embeddings for chunk in chunks):
            return Embedded(document, chunks, [embeddings[chunk.id] for chunk in chunks])
    return None


def to_lines(one: Embedded) -> Iterator[bytes]:
    for chunk, embedding in zip(one.chunks, one.embeddings, strict=True):
        where = chunk.where
        line = {
            "document": one.document,
            "id": chunk.id,
            "title": chunk.title,
            "text": chunk.text,
            "place": chunk.place,
            "where": [where.page, where.slide, where.sheet, where.anchor],
            "vector": b64encode(to_bytes(embedding.vector)).decode(),
            "tokens": b64encode(embedding.tokens).decode(),
        }
        yield json.dumps(line, separators=(",", ":")).encode() + b"\n"


def from_lines(lines: Iterable[bytes], dimension: int) -> Iterator[Embedded]:
    """The documents, for nobody to read yet. Raises IndexUnavailable for other lines."""
    parsed = (_parsed(line, dimension) for line in lines)
    for document, pairs in groupby(parsed, key=lambda pair: pair[0].document):
        chunks, embeddings = zip(*pairs, strict=True)
        yield Embedded(document, chunks, embeddings)


def _parsed(line: bytes, dimension: int) -> tuple[Chunk, Embedding]:
    try:
        read = json.loads(line)
        names = [_text(read[name]) for name in ("id", "document", "title", "text")]
        page, slide, sheet, anchor = read["where"]
        where = Where(_count(page), _count(slide), _text(sheet), _text(anchor))
        vector = _vector(b64decode(read["vector"], validate=True), dimension)
        tokens = b64decode(read["tokens"], validate=True)
        chunk = Chunk(names[0], names[1], names[2], names[3], _NOBODY, where, _count(read["place"]))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as e:
        raise IndexUnavailable("The passages of the backup cannot be read.", repr(e)[:200]) from e
    return chunk, Embedding(vector, tokens)


def _vector(packed: bytes, dimension: int) -> Vector:
    vector = np.frombuffer(packed, np.float32)
    if len(vector) != dimension or not np.isfinite(vector).all():
        raise ValueError(f"{len(vector)} numbers in a vector")
    return array("f", packed)


def _text(value: Any) -> str:
    value.encode()  # lone surrogates, which no index takes, are a ValueError
    return str(value)


def _count(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 2**31:
        raise ValueError(value)
    return value
