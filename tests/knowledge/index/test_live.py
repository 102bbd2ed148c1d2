from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from domain.documents import IndexName
from domain.errors import ConfigError, IndexUnavailable, Phi3Error
from knowledge.index.lance import LanceIndex
from knowledge.index.live import Live, Opened
from tests.knowledge.doubles import WordEmbedder


class Installation:
    """Names the live model, and opens its index; ``broken`` is why that fails."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.live = "first"
        self.broken: Phi3Error | None = None

    def which(self) -> IndexName:
        return IndexName(self.live, self.live)

    def open_index(self, name: IndexName) -> Opened:
        if self.broken:
            raise self.broken
        embedder = WordEmbedder(name.model)
        index = LanceIndex(self.folder, name.model, embedder.dimension, name.name)
        return Opened(name, embedder, index)


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path)


@pytest.fixture
def live(installation: Installation) -> Iterator[Live]:
    with closing(Live(installation.which, installation.open_index)) as live:
        yield live


def test_index_is_opened_once_while_it_is_live(live: Live) -> None:
    assert live.current() is live.current()


def test_another_index_answers_as_soon_as_it_is_live(
    installation: Installation, live: Live
) -> None:
    live.current()
    installation.live = "second"
    assert live.current().embedder.model == "second"


@pytest.mark.parametrize("error", [ConfigError, IndexUnavailable])
def test_old_index_answers_while_the_new_one_cannot_be_opened(
    installation: Installation, live: Live, error: Callable[[str], Phi3Error]
) -> None:
    live.current()
    installation.live, installation.broken = "second", error("it is away")
    assert live.current().name.model == "first"
    installation.broken = None
    assert live.current().name.model == "second"


def test_index_that_cannot_be_opened_at_first_is_an_error(
    installation: Installation, live: Live
) -> None:
    installation.broken = IndexUnavailable("it is away")
    with pytest.raises(IndexUnavailable):
        live.current()
