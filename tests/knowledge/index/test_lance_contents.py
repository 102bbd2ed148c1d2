"""What LanceDB's rows stand for is in a file of its own: the two agree, whatever happens."""

import sqlite3
from pathlib import Path

import lancedb
import pytest

from domain.documents import Chunk, Embedded
from domain.embeddings import Embedding
from domain.errors import IndexUnavailable
from domain.questions import Audience
from knowledge.index.lance import LanceIndex
from knowledge.index.lance_rows import schema_of
from tests.knowledge.doubles import ranked

EVERYONE = Audience.everyone()
NEAR = [1.0, 0.0]


def opened(folder: Path) -> LanceIndex:
    return LanceIndex(folder, "m", 2)


def written(document: str, *texts: str) -> Embedded:
    chunks = [Chunk(text, document, "t", text, EVERYONE, place=n) for n, text in enumerate(texts)]
    return Embedded(document, chunks, [Embedding(NEAR, b"signs")] * len(chunks))


def texts(index: LanceIndex) -> list[str]:
    return sorted(one.text for one in ranked(index, "", NEAR, EVERYONE, 50))


def stored(folder: Path) -> list[str]:
    with sqlite3.connect(folder / "passages.chunks") as connection:
        return sorted(text for (text,) in connection.execute("SELECT text FROM chunks"))


def test_what_only_the_contents_hold_since_a_writer_died_is_shown_nowhere(tmp_path: Path) -> None:
    index = opened(tmp_path)
    index.replace(written("d", "one", "two"))
    index._contents.add([(written("d", "newer one", "newer two"), 2**62)])
    assert texts(index) == ["one", "two"]
    assert [chunk.text for chunk in index.chunks("d")] == ["one", "two"]
    assert set(index.embeddings("d")) == {"one", "two"}
    [hit] = ranked(index, "", NEAR, EVERYONE, 1)
    assert [chunk.text for chunk in index.around([hit], 3, EVERYONE)] == ["one", "two"]
    assert (index.count(), list(index.documents())) == (2, ["d"])

    index.replace(written("d", "newest"))
    assert texts(index) == ["newest"]


@pytest.mark.slow
def test_what_was_replaced_is_deleted_by_a_later_tidying_and_what_is_new_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = opened(tmp_path)
    for n in range(30):
        index.replace(written("d", f"version {n}"))
    index._contents.add([(written("e", "its row comes soon"), 2**62)])
    index.tidy()
    assert len(stored(tmp_path)) == 31  # a search may just have found them
    monkeypatch.setattr("knowledge.index.contents._KEPT", 0)
    for n in range(30, 60):
        index.replace(written("d", f"version {n}"))
    index.tidy()
    assert stored(tmp_path) == ["its row comes soon", "version 59"]
    assert texts(index) == ["version 59"]


def test_what_is_removed_is_deleted_at_once(tmp_path: Path) -> None:
    index = opened(tmp_path)
    index.replace(written("d", "one"), written("e", "two"))
    assert index.remove("d") == 1
    assert stored(tmp_path) == ["two"]


def test_candidate_is_as_private_as_the_narrower_of_both_says(tmp_path: Path) -> None:
    """They differ for a moment while an audience is set, or after a crash."""
    index = opened(tmp_path)
    index.replace(written("d", "one"))
    index._contents.set_audience(Audience.of("person:T1:U1"), ["d"])
    assert texts(index) == []


def test_audiences_are_those_of_the_rows_and_of_the_contents_that_they_name(
    tmp_path: Path,
) -> None:
    person = Audience.of("person:T1:U1")
    index = opened(tmp_path)
    index.replace(written("d", "one"), written("e", "two"))
    index._contents.set_audience(person, ["d"])
    index._contents.add([(written("not in the table", "three"), 2**62)])
    many = ["d", "e", *(f"unknown {n}" for n in range(400))]
    for wanted in (None, ["d", "e"], many):
        assert index.audiences(wanted) == {"d": {EVERYONE, person}, "e": {EVERYONE}}
    index.replace(written("d", "newer"))
    assert index.audiences(["d"]) == {"d": {EVERYONE}}


def test_missing_contents_are_an_error_and_nothing_is_changed(tmp_path: Path) -> None:
    index = opened(tmp_path)
    index.replace(written("d", "one"))
    index.close()
    (tmp_path / "passages.chunks").rename(tmp_path / "kept")
    with pytest.raises(IndexUnavailable, match=r"passages\.chunks is missing"):
        opened(tmp_path)
    (tmp_path / "kept").rename(tmp_path / "passages.chunks")
    assert texts(opened(tmp_path)) == ["one"]


def test_damaged_contents_are_an_error(tmp_path: Path) -> None:
    index = opened(tmp_path)
    index.replace(written("d", "one"))
    index.close()
    (tmp_path / "passages.chunks").write_bytes(b"nothing" * 5_000)
    with pytest.raises(IndexUnavailable, match="cannot be used"):
        opened(tmp_path)


def earlier(folder: Path, count: int) -> None:
    """A table as earlier versions wrote it, with whole chunks as rows."""
    columns = [schema_of("m", 2).field(name) for name in ("words", "audience", "vector")]
    row = {"title": "t", "words": "word", "audience": ["everyone"], "vector": NEAR}
    rows = [
        {**row, "id": f"{n}", "document": f"d{n % 40}", "text": f"{n:04}", "written": n % 7}
        for n in range(count)
    ]
    table = lancedb.connect(folder).create_table("passages", rows)
    metadata = schema_of("m", 2).metadata
    data = table.to_arrow()
    for column in columns:
        place = data.schema.get_field_index(column.name)
        data = data.set_column(place, column, data.column(column.name).cast(column.type))
    data = data.replace_schema_metadata(metadata)
    lancedb.connect(folder).create_table("passages", data, mode="overwrite")


def test_table_of_an_earlier_version_is_written_anew_whole(tmp_path: Path) -> None:
    earlier(tmp_path, 1_234)
    index = opened(tmp_path)
    assert index.count() == 1_234
    assert stored(tmp_path) == [f"{n:04}" for n in range(1_234)]
    assert len(list(index.chunks("d5"))) == len(range(5, 1_234, 40))
    assert texts(index)
    assert not list(tmp_path.glob("*_*"))


@pytest.mark.slow
@pytest.mark.parametrize("died", ["add", "rename", "rmtree"])
def test_upgrade_that_was_killed_begins_again_or_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, died: str
) -> None:
    earlier(tmp_path, 700)

    class Killed(BaseException):
        pass

    def kill(*_: object, **__: object) -> None:
        raise Killed

    died_in = {
        "add": "knowledge.index.lance_upgrade.to_rows",
        "rename": "pathlib.Path.rename",
        "rmtree": "shutil.rmtree",
    }
    with monkeypatch.context() as patch:
        patch.setattr(died_in[died], kill)
        with pytest.raises(Killed):
            opened(tmp_path)
    index = opened(tmp_path)
    assert index.count() == 700
    assert stored(tmp_path) == [f"{n:04}" for n in range(700)]
    assert not list(tmp_path.glob("*_*"))
