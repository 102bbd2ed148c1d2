"""An index that was open all the time finds the same as one that was just opened."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from domain.questions import Audience
from knowledge.index.lance import LanceIndex
from tests.knowledge.made import MANY, Made

DIMENSION = 16
made = Made(DIMENSION)
READERS = Audience.of(MANY, "team:T2")


def opened(folder: Path) -> LanceIndex:
    return LanceIndex(folder, "made", DIMENSION)


def found(index: LanceIndex) -> list[list[tuple[str, str]]]:
    return [
        [(one.id, one.text) for one in index.search(text, vector, READERS, 40)]
        for text, vector in made.questions(3)
    ]


@pytest.fixture
def index(tmp_path: Path) -> Iterator[LanceIndex]:
    index = opened(tmp_path / "index")
    index.replace(*made.documents(0, 10))
    found(index)
    yield index
    index.close()


def merge_files(index: LanceIndex) -> None:
    index._table.optimize()


CHANGES: list[Callable[[LanceIndex], object]] = [
    lambda index: index.replace(*made.documents(5, 10)),
    lambda index: index.remove(f"{3:064x}"),
    lambda index: index.set_audience(Audience.of("team:T2"), f"{1:064x}", f"{7:064x}"),
    merge_files,
    lambda index: index.forget(f"{9:064x}"),
    lambda index: index.replace(*made.documents(0, 30)),
    merge_files,
    lambda index: index.remove(*(f"{n:064x}" for n in range(30))),
    lambda index: index.replace(*made.documents(2, 1)),
]


@pytest.mark.slow
def test_rows_that_move_are_still_found(index: LanceIndex, tmp_path: Path) -> None:
    for number, change in enumerate(CHANGES):
        by = index if number % 2 else opened(tmp_path / "index")  # or another process
        change(by)
        fresh = opened(tmp_path / "index")
        assert found(index) == found(fresh)
        assert any(found(fresh)) == bool(fresh.count())
        fresh.close()


def test_folder_that_is_put_back_to_an_earlier_state_is_found_as_it_is(
    index: LanceIndex, tmp_path: Path
) -> None:
    shutil.copytree(tmp_path / "index" / "passages.lance", tmp_path / "copy")
    index.replace(*made.documents(20, 10))
    index.replace(*made.documents(0, 10))
    assert found(index)
    shutil.rmtree(tmp_path / "index" / "passages.lance")
    shutil.copytree(tmp_path / "copy", tmp_path / "index" / "passages.lance")
    other = opened(tmp_path / "index")
    other.replace(*made.documents(40, 5))  # its file has the number that another one had
    assert found(index) == found(opened(tmp_path / "index"))
