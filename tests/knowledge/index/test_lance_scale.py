"""A LanceDB index that is large enough for indexes on vectors, audiences and documents."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import sleep

import numpy as np
import pytest

from domain.documents import Chunk, Embedded
from domain.embeddings import Embedding
from domain.questions import Audience
from knowledge.index.lance import LanceIndex
from knowledge.index.lance_upkeep import INDEXED, has_vector_index
from tests.knowledge.doubles import ranked
from tests.knowledge.made import HUNDREDTH, MANY, TENTH, Made

pytestmark = pytest.mark.slow

SIZE, DIMENSION = 20_000, 96
made = Made(DIMENSION)


def held(folder: Path, secrets: list[bytes]) -> set[bytes]:
    """Those of ``secrets`` that are in a file."""
    files = [file.read_bytes() for file in folder.rglob("*") if file.is_file()]
    return {secret for secret in secrets if any(secret in file for file in files)}


def columns(index: LanceIndex) -> set[str]:
    return {column for one in index._table.list_indices() for column in one.columns}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filled") / "index"
    index = LanceIndex(folder, "made", DIMENSION)
    index.replace(*made.documents(0, SIZE // 10))
    index.tidy()
    index.close()
    return folder


@pytest.fixture
def folder(filled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(filled, tmp_path / "index"))


@pytest.fixture
def index(folder: Path) -> Iterator[LanceIndex]:
    index = LanceIndex(folder, "made", DIMENSION)
    yield index
    index.close()


def test_small_index_is_searched_exactly(tmp_path: Path) -> None:
    index = LanceIndex(tmp_path, "made", DIMENSION)
    index.replace(*made.documents(0, INDEXED // 10 - 1))
    index.tidy()
    assert columns(index) == {"words"}
    index.replace(*made.documents(INDEXED, 1))
    assert columns(index) == {"words"}  # built by tidy, and never while documents are written
    index.tidy()
    assert columns(index) == {"words", "audience", "document", "vector"}


@pytest.mark.parametrize("label", [MANY, TENTH, HUNDREDTH])
def test_nearly_all_of_the_nearest_chunks_are_found(index: LanceIndex, label: str) -> None:
    documents = list(made.documents(0, SIZE // 10))
    rows = [
        (chunk.id, embedding.vector)
        for one in documents
        for chunk, embedding in zip(one.chunks, one.embeddings, strict=True)
        if label in chunk.audience.labels
    ]
    matrix = np.asarray([vector for _, vector in rows], np.float32)
    assert has_vector_index(index._table)
    shares = []
    for _, vector in made.questions(50):
        similar = matrix @ np.asarray(vector, np.float32)
        exact = {rows[n][0] for n in np.argsort(-similar)[:10]}
        hits = ranked(index, "", vector, Audience.of(label), 10)  # no words: by meaning alone
        shares.append(len(exact & {hit.id for hit in hits}) / 10)
        assert all(label in hit.audience.labels for hit in hits)
    assert np.mean(shares) >= 0.97


def test_similarity_is_the_cosine_although_the_index_holds_shorter_numbers(
    index: LanceIndex,
) -> None:
    [one] = made.documents(5, 1)
    [first, *_] = ranked(index, "", one.embeddings[0].vector, Audience.of(MANY), 1)
    assert first.id == one.chunks[0].id
    assert first.similarity == pytest.approx(1, abs=1e-6)


def test_what_is_new_changed_or_gone_since_the_last_tidying_is_found_so(
    index: LanceIndex,
) -> None:
    [known, narrowed, gone] = made.documents(0, 3)
    text = "Zyxgadgets are stored in the blue shed."
    new = Chunk("new", "new", "Sheds", text, Audience.of(MANY, "channel:T1:C5"))
    vector = [1.0] + [0.0] * (DIMENSION - 1)
    index.replace(Embedded("new", [new], [Embedding(vector)]))
    index.set_audience(Audience.of("channel:T1:C5"), narrowed.document)
    index.remove(gone.document)

    for label in (MANY, "channel:T1:C5"):
        for words in ("", "Where are zyxgadgets?"):
            assert ranked(index, words, vector, Audience.of(label), 3)[0].text == text
    by_words = ranked(
        index, "Where are zyxgadgets?", known.embeddings[0].vector, Audience.of(MANY), 60
    )
    assert text in [hit.text for hit in by_words]
    readers = {
        label: {hit.document for hit in ranked(index, "", vector, Audience.of(label), 50)}
        for vector in (one.vector for one in (*narrowed.embeddings[:3], *gone.embeddings[:3]))
        for label in (MANY, "channel:T1:C5")
    }
    assert narrowed.document not in readers[MANY]
    assert narrowed.document in readers["channel:T1:C5"]
    assert gone.document not in readers[MANY]
    assert index.audiences([narrowed.document, gone.document]) == {
        narrowed.document: {Audience.of("channel:T1:C5")}
    }


def test_audience_is_looked_up_in_its_index(index: LanceIndex) -> None:
    query = index._table.search(made.questions(1)[0][1], vector_column_name="vector")
    plan = query.where("array_has_any(audience, ['channel:T1:C1'])").limit(3).explain_plan()
    assert "@audience_idx(LabelList)" in plan


def test_tidying_again_takes_new_rows_into_the_indexes(index: LanceIndex) -> None:
    index.replace(*made.documents(SIZE, 600))
    assert {one.num_unindexed_rows for one in index._table.list_indices()} == {6_000}
    index.tidy()
    assert {one.num_unindexed_rows for one in index._table.list_indices()} == {0}
    version = index._table.version
    index.tidy()
    assert index._table.version == version


def test_vector_index_is_built_again_when_there_are_far_more_rows(index: LanceIndex) -> None:
    [before] = [one.name for one in index._table.list_indices() if one.columns == ["vector"]]
    index.replace(*made.documents(SIZE, SIZE * 2 // 10))
    index.tidy()
    [after] = [one.name for one in index._table.list_indices() if one.columns == ["vector"]]
    assert (before, after) == ("vector_in_128", "vector_in_256")


def test_others_write_and_search_while_the_index_is_tidied(index: LanceIndex, folder: Path) -> None:
    writer = LanceIndex(folder, "made", DIMENSION)

    def build_again() -> None:
        for _ in range(2):
            index._table.drop_index("vector_in_128")
            index.tidy()

    with ThreadPoolExecutor() as pool:
        building = pool.submit(build_again)
        written = list(made.documents(SIZE, 40))
        while written or not building.done():
            if written:
                writer.replace(written.pop())
            [question] = made.questions(1)
            assert len(ranked(writer, *question, Audience.of(TENTH), 10)) == 10
        building.result()
    index.tidy()
    assert has_vector_index(index._table)
    assert index.count() == SIZE + 400


def test_process_that_is_killed_while_it_builds_leaves_an_index_that_answers(
    folder: Path,
) -> None:
    index = LanceIndex(folder, "made", DIMENSION)
    index._table.drop_index("vector_in_128")
    index._table.drop_index("document_idx")
    build = (
        "import sys; from pathlib import Path; from knowledge.index.lance import LanceIndex\n"
        f"index = LanceIndex(Path(sys.argv[1]), 'made', {DIMENSION}); print('ready', flush=True)\n"
        "index.tidy()"
    )
    for seconds in (0.05, 0.3, 0.8):
        command = [sys.executable, "-c", build, str(folder)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout
            process.stdout.readline()
            sleep(seconds)
            process.send_signal(signal.SIGKILL)
        [question] = made.questions(1)
        assert len(ranked(index, *question, Audience.of(MANY), 10)) == 10
        index.replace(*made.documents(SIZE, 1))
        assert index.count() == SIZE + 10
    index.tidy()
    assert columns(index) == {"words", "audience", "document", "vector"}


def test_what_is_forgotten_is_in_no_file(index: LanceIndex, folder: Path) -> None:
    name = "forgotten-document"
    chunk = Chunk("c", name, "Secret", "zyxgadget password", Audience.of(MANY))
    vector = np.linspace(1, 2, DIMENSION, dtype=np.float32)
    signs = b"signs of the tokens"
    index.replace(Embedded(name, [chunk], [Embedding(vector.tolist(), signs)]))
    index._table.optimize()
    secrets = [b"zyxgadget", name.encode(), vector.tobytes(), signs]
    assert held(folder, secrets) == set(secrets)
    assert index.forget(name) == 1
    assert held(folder, secrets) == set()
    assert columns(index) == {"words", "audience", "document", "vector"}
    assert index.search("", vector.tolist(), Audience.of(MANY), 5)
