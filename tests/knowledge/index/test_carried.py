"""Documents of an index as lines, and from lines that anybody may have written."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.blocks import Where
from domain.documents import Chunk, Embedded
from domain.embeddings import Embedding
from domain.errors import IndexUnavailable
from domain.questions import Audience
from knowledge.index.carried import from_lines, read_documents, to_lines
from knowledge.index.lance import LanceIndex

NOBODY = Audience.of()


def document(name: str, count: int) -> Embedded:
    where = Where(page=3, slide=0, sheet="Sheet", anchor="part")
    chunks = [
        Chunk(f"{name}-{n}", name, "Title", f"Text {n} \U0001f600\n", NOBODY, where, n)
        for n in range(count)
    ]
    vectors = [[0.6, 0.8 if n % 2 else -0.8] for n in range(count)]
    return Embedded(name, chunks, [Embedding(one, b"\x00\xff") for one in vectors])


def same(one: Embedded, other: Embedded) -> bool:
    vectors = [
        [round(float(number), 6) for number in each.vector]
        for both in (one, other)
        for each in both.embeddings
    ]
    return (
        one.document == other.document
        and [*one.chunks] == [*other.chunks]
        and vectors[: len(one.chunks)] == vectors[len(one.chunks) :]
        and [each.tokens for each in one.embeddings] == [each.tokens for each in other.embeddings]
    )


def test_documents_become_lines_and_documents_again() -> None:
    made = [document("one", 3), document("two", 1)]
    lines = [line for one in made for line in to_lines(one)]
    assert all(line.endswith(b"\n") and line.count(b"\n") == 1 for line in lines)
    found = [*from_lines(lines, 2)]
    assert len(found) == 2
    assert all(map(same, found, made))


def test_documents_are_read_whole_or_not_at_all(tmp_path: Path) -> None:
    index = LanceIndex(tmp_path, "model", 2)
    made = [document("one", 3), document("two", 1)]
    index.replace(*made)
    found = [*read_documents(index, ["one", "gone", "two"])]
    assert found.count(None) == 1
    read = {one.document: one for one in found if one}
    assert all(same(read[one.document], one) for one in made)
    index.replace(document("one", 2))
    [again] = read_documents(index, ["one"])
    assert again
    assert same(again, document("one", 2))
    index.close()


def test_a_document_that_is_removed_at_that_moment_is_left_out(tmp_path: Path) -> None:
    index = LanceIndex(tmp_path, "model", 2)
    index.replace(document("one", 3), document("two", 2))
    # As a removal leaves it that another process has begun: of a chunk only the number is left.
    index._contents.remove(index._numbers("one")[:1])
    [found] = filter(None, read_documents(index, ["one", "two"]))
    assert found.document == "two"
    index.close()


[GOOD] = [json.loads(line) for line in to_lines(document("one", 1))]

BAD = [
    {"vector": "AAAA"},
    {"vector": "AADAfwAAwH8="},  # not a number, twice
    {"vector": "no base64"},
    {"vector": None},
    {"tokens": 1},
    {"text": None},
    {"text": "\ud800"},
    {"title": 1},
    {"where": []},
    {"where": [-1, 0, "", ""]},
    {"where": [1.5, 0, "", ""]},
    {"place": 2**40},
    {"place": "1"},
]


@pytest.mark.parametrize("change", BAD, ids=str)
def test_lines_that_hold_no_passage_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(IndexUnavailable, match="cannot be read"):
        [*from_lines([json.dumps(GOOD | change).encode()], 2)]


@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: json.dumps(text).encode()))
@settings(deadline=None)
def test_any_line_is_refused(line: bytes) -> None:
    with pytest.raises(IndexUnavailable):
        [*from_lines([line], 2)]
