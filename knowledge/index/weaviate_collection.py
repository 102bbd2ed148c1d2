"""The collection of a Weaviate server: how it is created, on a cluster too, and what it must be."""

import json
from dataclasses import dataclass
from math import inf
from time import monotonic, sleep
from typing import Any

import weaviate
from weaviate.classes.config import (
    Configure,
    ConsistencyLevel,
    DataType,
    Property,
    ReplicationDeletionStrategy,
    StopwordsPreset,
    Tokenization,
    VectorDistances,
)
from weaviate.collections import Collection
from weaviate.collections.classes.config import CollectionConfig
from weaviate.exceptions import InsufficientPermissionsError

from domain.errors import ConfigError, IndexMismatch, IndexUnavailable
from knowledge.index import places
from knowledge.index.weaviate_schema import DIGEST, DOCUMENT, TOKENS
from knowledge.index.weaviate_server import PAUSE, VENDOR_ERRORS, WeaviateServer

_ADDED = (*places.COLUMNS, TOKENS)
"""What collections of earlier versions lack."""

_STUCK = 300.0
"""Seconds in which a server indexes at least some of the vectors that wait."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How a new collection is spread over the nodes of a cluster; None: as the server chooses."""

    replicas: int | None = None
    shards: int | None = None


AS_THE_SERVER_CHOOSES = Spread()


def open_collection(
    server: WeaviateServer, name: str, model: str, dimension: int, spread: Spread
) -> tuple[Any, str]:
    """The collection ``name``, created if it is missing, and how it differs from ``spread``.

    Raises IndexUnavailable, ConfigError if the cluster is too small, and IndexMismatch if another
    embedding model built it.
    """
    about = {"embedding_model": model, "dimension": dimension}
    collections = server.client.collections
    if not server.ask(lambda: collections.exists(name)):
        _create(server, name, json.dumps(about), spread)
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
    return _consistent(collection, config), _differences(config, spread)


def wait_for_vectors(server: WeaviateServer, collection: Any) -> None:
    """Until searches by meaning find everything that was written.

    Raises IndexUnavailable if the server makes no progress.
    """
    least, until = inf, monotonic() + _STUCK
    while waiting := server.ask(lambda: _waiting(server.client, collection.name)):
        if waiting < least:
            least, until = waiting, monotonic() + _STUCK
        if monotonic() > until:
            raise IndexUnavailable(
                f"Weaviate has not indexed {waiting} vectors; its log says why.", server.url
            )
        sleep(PAUSE)


def _waiting(client: weaviate.WeaviateClient, collection: str) -> int:
    """Vectors on all nodes that are not indexed yet."""
    try:
        nodes = client.cluster.nodes(collection, output="verbose")
    except InsufficientPermissionsError:
        return 0  # the key's role may not ask
    return sum(shard.vector_queue_length for node in nodes for shard in node.shards or ())


def _create(server: WeaviateServer, name: str, about: str, spread: Spread) -> None:
    try:
        _create_collection(server, name, about, spread)
    except VENDOR_ERRORS as e:
        # Another process may have created it just now; its settings are checked by the caller.
        sleep(PAUSE)
        if server.ask(lambda: server.client.collections.exists(name)):
            return
        nodes = len(server.ask(server.client.cluster.nodes))
        if nodes < (spread.replicas or 1):
            raise ConfigError(
                f"PHI3_WEAVIATE_REPLICAS is {spread.replicas}, but Weaviate has {nodes} "
                f"node{'s' * (nodes != 1)}: set it to at most {nodes}, or add nodes."
            ) from e
        raise server.unavailable(e) from e


def _create_collection(server: WeaviateServer, name: str, about: str, spread: Spread) -> None:
    replicas, shards = spread.replicas, spread.shards
    server.client.collections.create(
        name,
        description=about,
        # Similarities are computed as for the cosine, whatever a server's default is.
        vector_config=Configure.Vectors.self_provided(
            vector_index_config=Configure.VectorIndex.hnsw(distance_metric=VectorDistances.COSINE)
        ),
        # Stop words are removed from the question instead, in the same way for every index.
        inverted_index_config=Configure.inverted_index(stopwords_preset=StopwordsPreset.NONE),
        replication_config=_replication(replicas) if replicas else None,
        sharding_config=Configure.sharding(desired_count=shards) if shards else None,
        properties=[
            _text("chunk", Tokenization.FIELD),
            _text(DOCUMENT, Tokenization.FIELD, exact=True),
            # A filter on a text ignores white space around it; a filter on a digest is exact.
            _text(DIGEST, Tokenization.FIELD, exact=True),
            _text("revision", Tokenization.FIELD, exact=True),
            _text("title", Tokenization.FIELD),
            _text("text", Tokenization.FIELD),
            _text("words", Tokenization.WHITESPACE, words=True),
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


def _replication(replicas: int) -> Any:
    return Configure.replication(
        factor=replicas,
        async_enabled=replicas > 1,
        # An id is never written again after its object was deleted. So a deletion holds on every
        # node, even if the readers of the object were changed on one of them later.
        deletion_strategy=ReplicationDeletionStrategy.DELETE_ON_CONFLICT if replicas > 1 else None,
    )


def _consistent(collection: Collection[Any, Any], config: CollectionConfig) -> Any:
    """With several copies, most take part in each writing and reading, so that one is seen by the
    next; half of them may be away."""
    if config.replication_config.factor > 1:
        return collection.with_consistency_level(ConsistencyLevel.QUORUM)
    return collection


def _differences(config: CollectionConfig, spread: Spread) -> str:
    sharding = config.sharding_config
    compared = {
        "replicas": (config.replication_config.factor, spread.replicas),
        "shards": (sharding.desired_count if sharding else None, spread.shards),
    }
    return ", ".join(
        f"{what}: {has} instead of {wanted}"
        for what, (has, wanted) in compared.items()
        if wanted is not None and has != wanted
    )


def _text(name: str, tokens: Tokenization, *, exact: bool = False, words: bool = False) -> Property:
    return Property(
        name=name,
        data_type=DataType.TEXT,
        tokenization=tokens,
        index_filterable=exact,
        index_searchable=words,
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
    if name == TOKENS:
        kind = DataType.BLOB
    elif name in places.NUMBERS:
        kind = DataType.INT
    else:
        return _text(name, Tokenization.FIELD)
    return Property(name=name, data_type=kind, index_filterable=False)


def _about(description: str | None) -> dict[str, object]:
    try:
        known = json.loads(description or "{}")
    except json.JSONDecodeError:
        return {}
    return known if isinstance(known, dict) else {}
