"""Ingests with workers of a real local Ray cluster."""

import os
import signal
from pathlib import Path

import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel

from cluster.reading import ReadOnCluster
from domain.tokens import Reach
from knowledge.ingest_run import IngestProgress
from tests.cluster.places import Place, on_cluster, write_documents
from tests.cluster.processes import named
from tests.knowledge.doubles import WordEmbedder

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("local_cluster")]

COUNT = 96
"""Documents of which the first 64 are handed over while others are still read."""


def test_two_thousand_documents_give_the_same_index_as_one_process(tmp_path: Path) -> None:
    docs = write_documents(tmp_path / "docs", 2000)
    alone, spread = Place(tmp_path / "alone"), Place(tmp_path / "spread")
    expected = alone.ingest(docs)
    found = spread.ingest(docs, on_cluster())
    assert (found.added, found.failed, found.chunks) == (
        expected.added,
        expected.failed,
        expected.chunks,
    )
    assert spread.contents() == alone.contents()
    assert spread.rows() == alone.rows()
    assert spread.embedder.embedded == 0  # the workers did


def test_killed_workers_are_replaced_and_the_index_is_the_same(tmp_path: Path) -> None:
    docs = write_documents(tmp_path / "docs", COUNT)
    alone, spread = Place(tmp_path / "alone"), Place(tmp_path / "spread")
    alone.ingest(docs)
    killed: list[int] = []

    def kill(step: IngestProgress) -> None:
        if step.done >= 40 and not killed:
            killed.extend(workers())
            for process in killed:
                os.kill(process, signal.SIGKILL)

    spread.ingest(docs, on_cluster(), progress=kill)
    assert killed
    assert spread.contents() == alone.contents()
    assert spread.rows() == alone.rows()


def test_the_workers_need_not_have_the_file_of_the_tokenizer(tmp_path: Path) -> None:
    docs, place, embedder = write_documents(tmp_path / "docs", 8), Place(tmp_path), WordEmbedder()
    tokenizer = Tokenizer(WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    with (tmp_path / "tokenizer.json").open("rb") as opened:
        embedder.reach = Reach(512, f"/proc/self/fd/{opened.fileno()}")  # of this process alone
        found = place.ingest(docs, ReadOnCluster(embedder, WordEmbedder))
    assert found.added == 8


def workers() -> list[int]:
    """The processes of this cluster that read or embed now."""
    return named(b"ray::MapWorker")
