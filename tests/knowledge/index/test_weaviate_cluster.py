"""How collections are spread over a Weaviate cluster, on a server of one node."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from domain.documents import Chunk, Embedded
from domain.embeddings import Embedding
from domain.errors import ConfigError, IndexUnavailable
from domain.questions import Audience
from tests.knowledge.doubles import ranked

if TYPE_CHECKING:  # Weaviate's library takes seconds to import
    from knowledge.index.weaviate import WeaviateIndex

pytestmark = pytest.mark.weaviate

EVERYONE = Audience.everyone()
Open = Callable[..., "WeaviateIndex"]


@pytest.fixture
def open_index(weaviate_address: tuple[str, int]) -> Iterator[Open]:
    from knowledge.index.weaviate import WeaviateIndex
    from knowledge.index.weaviate_collection import Spread

    name, opened = f"Test{uuid4().hex}", list[WeaviateIndex]()

    def start(replicas: int | None = None, shards: int | None = None) -> WeaviateIndex:
        spread = Spread(replicas, shards)
        opened.append(
            WeaviateIndex(*weaviate_address, model="m", dimension=2, collection=name, spread=spread)
        )
        return opened[-1]

    yield start
    if opened:
        opened[0].drop()
    for index in opened:
        index.close()


def config(index: "WeaviateIndex") -> Any:
    return index._collection.config.get()


def chunk(document: str, text: str, audience: Audience = EVERYONE) -> Chunk:
    return Chunk(f"{document} {text}", document, "t", text, audience)


def test_collection_is_as_the_server_chooses_and_compares_by_the_cosine(open_index: Open) -> None:
    index = open_index()
    made = config(index)
    assert (made.replication_config.factor, made.sharding_config.desired_count) == (1, 1)
    assert made.vector_config["default"].vector_index_config.distance_metric == "cosine"
    assert index.differs == ""


def test_collection_of_two_shards_is_written_searched_changed_and_emptied(
    open_index: Open,
) -> None:
    index = open_index(replicas=1, shards=2)
    assert config(index).sharding_config.actual_count == 2
    documents = [f"d{n}" for n in range(20)]
    vector = Embedding([1.0, 0.0])
    index.replace(*(Embedded(one, [chunk(one, "early")], [vector]) for one in documents))
    index.replace(*(Embedded(one, [chunk(one, "late")], [vector]) for one in documents))
    team = Audience.of("team:T1")
    index.set_audience(team, *documents[:5])
    index.tidy()
    assert (index.count(), index.documents()) == (20, frozenset(documents))
    found = ranked(index, "late", [1.0, 0.0], EVERYONE, 30)
    assert {one.document for one in found} == set(documents[5:])
    assert {one.text for one in found} == {"late"}
    assert [one.text for one in index.chunks("d0")] == ["late"]
    assert index.remove(*documents) == 20
    assert index.count() == 0


def test_more_replicas_than_nodes_are_an_error_that_says_what_to_set(
    open_index: Open,
) -> None:
    with pytest.raises(ConfigError, match=r"^PHI3_WEAVIATE_REPLICAS is 3, but Weaviate has 1 node"):
        open_index(replicas=3)


def test_existing_collection_says_how_it_differs_from_the_settings(open_index: Open) -> None:
    open_index(shards=2)
    assert open_index().differs == ""
    assert open_index(replicas=1, shards=2).differs == ""
    assert open_index(replicas=3, shards=4).differs == (
        "replicas: 1 instead of 3, shards: 2 instead of 4"
    )


def test_with_copies_most_of_them_take_part_and_deleted_objects_stay_deleted(
    open_index: Open,
) -> None:
    from weaviate.classes.config import ConsistencyLevel, ReplicationDeletionStrategy

    from knowledge.index import weaviate_collection

    asked = weaviate_collection._replication(3)
    assert (asked.factor, asked.asyncEnabled) == (3, True)
    assert asked.deletionStrategy is ReplicationDeletionStrategy.DELETE_ON_CONFLICT
    index = open_index()
    made = config(index)
    assert weaviate_collection._consistent(index._collection, made).consistency_level is None
    made.replication_config.factor = 3
    consistent = weaviate_collection._consistent(index._collection, made)
    assert consistent.consistency_level is ConsistencyLevel.QUORUM


@pytest.mark.parametrize("attempt", range(3))
def test_what_was_written_is_found_by_meaning_after_tidying(open_index: Open, attempt: int) -> None:
    index = open_index()
    for n in range(5):
        index.replace(Embedded("s", [chunk("s", f"{attempt} {n}")], [Embedding([1.0, float(n)])]))
        index.tidy()
        [found] = ranked(index, "", [1.0, 0.0], EVERYONE, 5)
        assert found.text == f"{attempt} {n}"


def test_vectors_that_are_never_indexed_are_an_error(
    open_index: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    from knowledge.index import weaviate_collection

    monkeypatch.setattr(weaviate_collection, "_STUCK", 0.0)
    monkeypatch.setattr(weaviate_collection, "_waiting", lambda *_: 7)
    with pytest.raises(IndexUnavailable, match="has not indexed 7 vectors"):
        open_index().tidy()
