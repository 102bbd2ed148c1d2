"""Tests for only one index: its library's errors, and servers that do not answer."""

import inspect
import pkgutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import lancedb
import pytest

from domain.candidates import Candidate
from domain.documents import Chunk, Embedded
from domain.embeddings import Embedding
from domain.errors import IndexMismatch, IndexUnavailable
from domain.questions import Audience
from knowledge.index.lance import LanceIndex
from knowledge.index.lance_table import VENDOR_ERRORS
from tests.knowledge.doubles import ranked

if TYPE_CHECKING:  # Weaviate's library takes seconds to import
    from knowledge.index.weaviate import WeaviateIndex

ONE, OTHER = Embedding([1.0, 0.0]), Embedding([0.0, 1.0])
LONGER = Embedding([1.0, 0.0, 0.5])


def exceptions_of(package: ModuleType) -> set[type[Exception]]:
    """The exception classes that the package's modules define."""
    name = package.__name__
    found: set[type[Exception]] = set()
    modules = [package] + [
        import_module(info.name)
        for info in pkgutil.iter_modules(package.__path__, name + ".")
        if info.name.rsplit(".", 1)[1] in ("exceptions", "errors")
    ]
    for module in modules:
        found |= {
            item
            for item in vars(module).values()
            if inspect.isclass(item)
            and issubclass(item, Exception)
            and item.__module__.startswith(name)
            and not issubclass(item, Warning)
        }
    return found


@pytest.mark.slow
def test_every_exception_of_weaviate_is_translated() -> None:
    import weaviate

    from knowledge.index import weaviate_server

    theirs = exceptions_of(weaviate)
    assert len(theirs) > 20
    internal = {"_BatchStreamShutdownError"}  # for streamed batches, which are not used here
    leaks = {t.__name__ for t in theirs if not issubclass(t, weaviate_server.VENDOR_ERRORS)}
    assert leaks <= internal


def test_every_exception_of_lancedb_is_translated() -> None:
    theirs = exceptions_of(lancedb)
    assert theirs
    assert [t for t in theirs if not issubclass(t, VENDOR_ERRORS)] == []


def test_weaviate_that_does_not_answer_is_an_error_at_once() -> None:
    from knowledge.index.weaviate import WeaviateIndex

    began = time.monotonic()
    with pytest.raises(IndexUnavailable, match=r"does not answer.*127\.0\.0\.1:1"):
        WeaviateIndex("http://127.0.0.1:1", 2, model="m", dimension=3)
    assert time.monotonic() - began < 10


@pytest.mark.slow  # the import of Weaviate's library
def test_passage_late_in_a_very_long_document_is_shown_without_neighbours() -> None:
    from knowledge.index.weaviate import WeaviateIndex

    class Query:
        """A document of 20,000 chunks on a server with its usual limits."""

        def fetch_objects(self, *, offset: int, limit: int, **_: object) -> SimpleNamespace:
            if offset + limit > 10_000:
                raise IndexUnavailable("query maximum results exceeded")
            chunk = {"chunk": "c", "source": "a", "title": "", "text": "", "audience": ["everyone"]}
            rows = [{**chunk, "place": place} for place in range(offset, offset + limit)]
            return SimpleNamespace(objects=[SimpleNamespace(properties=row) for row in rows])

    index = WeaviateIndex.__new__(WeaviateIndex)
    index._ask = lambda call: call()
    index._collection = SimpleNamespace(query=Query())

    def places(place: int) -> list[int]:
        found = Candidate("c", "a", "", "", Audience.everyone(), 1.0, 1.0, place=place)
        return [one.place for one in index.around([found], 3, Audience.everyone())]

    assert places(1) == [0, 1, 2, 3, 4]
    assert places(9_996) == list(range(9_993, 10_000))
    assert places(9_997) == places(15_000) == []


def test_folder_that_cannot_be_created_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "index").write_text("a file")
    with pytest.raises(IndexUnavailable, match="cannot be used"):
        LanceIndex(tmp_path / "index", "m", 3)


def test_damaged_table_is_an_error_and_not_changed(tmp_path: Path) -> None:
    index = LanceIndex(tmp_path, "m", 2)
    chunk = Chunk("i", "s", "t", "x", Audience.everyone())
    index.replace(Embedded("s", [chunk], [ONE]))
    for data in (tmp_path / "passages.lance" / "data").iterdir():
        data.write_bytes(b"nothing")
    with pytest.raises(IndexUnavailable, match="cannot be used"):
        ranked(LanceIndex(tmp_path, "m", 2), "x", [1.0, 0.0], Audience.everyone(), 1)


def test_table_of_somebody_else_is_refused(tmp_path: Path) -> None:
    lancedb.connect(tmp_path).create_table("passages", [{"vector": [1.0, 0.0], "id": "x"}])
    with pytest.raises(IndexMismatch):
        LanceIndex(tmp_path, "m", 2)


@pytest.mark.slow
def test_many_small_writes_do_not_leave_many_files(tmp_path: Path) -> None:
    index = LanceIndex(tmp_path, "m", 2)
    for n in range(100):
        chunk = Chunk(f"i{n}", f"s{n}", "t", f"word{n}", Audience.everyone())
        index.replace(Embedded(f"s{n}", [chunk], [Embedding([1.0, n / 100])]))
        index.tidy()
    assert index.count() == 100
    assert len(list((tmp_path / "passages.lance" / "data").iterdir())) < 150
    [hit] = ranked(index, "word42", [0.0, 1.0], Audience.everyone(), 1)[:1]
    assert hit.text


@pytest.mark.weaviate
class TestOnARealServer:
    @pytest.fixture
    def index(self, weaviate_address: tuple[str, int]) -> Iterator["WeaviateIndex"]:
        from knowledge.index.weaviate import WeaviateIndex

        url, port = weaviate_address
        index = WeaviateIndex(
            url, port, model="m", dimension=2, collection=f"Test{uuid4().hex}", wait=2
        )
        yield index
        index._server.client.collections.delete(index._collection.name)
        index.close()

    def chunks(self, *texts: str) -> list[Chunk]:
        return [Chunk(f"i{text}", "s", "t", text, Audience.everyone()) for text in texts]

    def test_refused_passage_is_an_error_and_the_old_ones_stay(
        self, index: "WeaviateIndex"
    ) -> None:
        index.replace(Embedded("s", self.chunks("one"), [ONE]))
        with pytest.raises(IndexUnavailable, match="refused"):
            index.replace(Embedded("s", self.chunks("two"), [LONGER]))
        [left] = ranked(index, "one", [1.0, 0.0], Audience.everyone(), 5)
        assert left.text == "one"

    def test_crash_before_deleting_is_repaired_by_the_next_write(
        self, index: "WeaviateIndex"
    ) -> None:
        from knowledge.index import weaviate_schema

        died = "0" * 64  # as an earlier version of the program wrote it
        index.replace(Embedded("s", self.chunks("one"), [ONE]))
        left = weaviate_schema.to_object("s", self.chunks("two")[0], died, ONE)
        index._writes._insert([left])
        assert index.count() == 2
        index.replace(Embedded("s", self.chunks("two", "three"), [ONE, OTHER]))
        found = ranked(index, "x", [1.0, 0.0], Audience.everyone(), 5)
        assert sorted(p.text for p in found) == ["three", "two"]

    def test_calls_wait_for_a_server_that_is_starting(self, index: "WeaviateIndex") -> None:
        from weaviate.exceptions import WeaviateQueryError

        answers = iter([WeaviateQueryError("tried to browse non-existing index", "GRPC")])

        def ask() -> str:
            for error in answers:
                raise error
            return "ready"

        assert index._ask(ask) == "ready"

    def test_calls_do_not_wait_forever_for_a_server(self, index: "WeaviateIndex") -> None:
        from weaviate.exceptions import WeaviateQueryError

        def ask() -> str:
            raise WeaviateQueryError("tried to browse non-existing index", "GRPC")

        index._server._wait = 0.1
        with pytest.raises(IndexUnavailable, match="does not answer"):
            index._ask(ask)

    def test_deleted_collection_is_an_error_not_a_new_one(self, index: "WeaviateIndex") -> None:
        index._server.client.collections.delete(index._collection.name)
        with pytest.raises(IndexUnavailable):
            ranked(index, "x", [1.0, 0.0], Audience.everyone(), 1)
        assert not index._server.client.collections.exists(index._collection.name)

    def test_only_refused_passages_are_named_and_the_others_are_written(
        self, index: "WeaviateIndex"
    ) -> None:
        index.replace(Embedded("other", self.chunks("other"), [ONE]))
        chunks = [replace(one, title=f"Title {one.text}") for one in self.chunks("one", "two")]
        with pytest.raises(IndexUnavailable, match=r"refused 1 of 2 passages.*'Title two'"):
            index.replace(Embedded("s", chunks, [ONE, LONGER]))
        assert [chunk.text for chunk in index.chunks("s")] == ["one"]

    def test_passage_that_a_busy_server_refused_is_written_again(
        self, index: "WeaviateIndex", monkeypatch: pytest.MonkeyPatch
    ) -> None:
        insert, asked = index._writes._refused, list[int]()

        def busy(objects: list[Any]) -> dict[int, str]:
            asked.append(len(objects))
            if len(asked) == 1:
                assert not insert(objects[:1])
                return {1: "too busy"}
            return insert(objects)

        monkeypatch.setattr(index._writes, "_refused", busy)
        index.replace(Embedded("s", self.chunks("one", "two"), [ONE, OTHER]))
        assert asked == [2, 1]
        assert {chunk.text for chunk in index.chunks("s")} == {"one", "two"}

    def test_writing_that_ended_late_yields_to_a_later_one(self, index: "WeaviateIndex") -> None:
        from knowledge.index import weaviate_schema

        later = "9" * 20 + "-00000000"
        newer = weaviate_schema.to_object("s", self.chunks("newer")[0], later, ONE)
        index._writes._insert([newer])
        index._writes._delete_earlier(["s"], "0" * 20 + "-00000000")
        older = weaviate_schema.to_object("s", self.chunks("older")[0], "0" * 64, ONE)
        index._writes._insert([older])
        index._writes._delete_earlier(["s"], "0" * 20 + "-00000000")
        assert [chunk.text for chunk in index.chunks("s")] == ["newer"]

    @pytest.mark.slow
    def test_of_writers_of_one_document_one_wins_as_a_whole(
        self, index: "WeaviateIndex", weaviate_address: tuple[str, int]
    ) -> None:
        from knowledge.index.weaviate import WeaviateIndex

        name = index._collection.name
        others = [
            WeaviateIndex(*weaviate_address, model="m", dimension=2, collection=name)
            for _ in range(3)
        ]
        versions = [
            [f"version {n}", "in both", f"other of {n}", "in both too"] for n in range(len(others))
        ]

        def write(n: int) -> None:
            for _ in range(8):
                vectors = [Embedding([1.0, float(m)]) for m in range(4)]
                others[n].replace(Embedded("s", self.chunks(*versions[n]), vectors))

        def give(reader: str) -> None:
            for _ in range(10):
                index.set_audience(Audience.of(reader), "s")

        with ThreadPoolExecutor() as pool:
            work = [pool.submit(write, n) for n in range(3)] + [pool.submit(give, "team:T1")]
            for each in work:
                each.result()
        assert sorted(chunk.text for chunk in index.chunks("s")) in map(sorted, versions)
        for other in others:
            other.close()
