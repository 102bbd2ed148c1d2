"""An ingest on a cluster whose own process is killed goes on with the next command."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from cli.cluster_connection import connected_to
from cluster.connecting import LOCAL
from domain.documents import Source
from tests.cluster.places import Place, on_cluster, write_documents

ROOT = Path(__file__).parents[2]
COUNT = 80
"""Documents of which the first 64 are handed over while others are still read."""


@pytest.mark.slow
def test_ingest_that_is_killed_goes_on_and_does_nothing_again(tmp_path: Path) -> None:
    docs = write_documents(tmp_path / "docs", COUNT)
    alone = Place(tmp_path / "alone")
    expected = alone.ingest(docs)
    command = [sys.executable, "-m", "tests.cluster.ingest_victim"]
    victim = [*command, str(tmp_path / "spread"), str(docs)]
    found = subprocess.run(victim, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False)
    assert found.returncode == -signal.SIGKILL
    spread = Place(tmp_path / "spread")
    assert 0 < len(spread.rows()) < expected.added
    with connected_to(LOCAL, cpus=2, object_bytes=200_000_000):
        report = spread.ingest(docs, on_cluster())
    assert 0 < report.added < expected.added
    assert report.added + report.unchanged >= expected.added
    assert spread.contents() == alone.contents()
    assert once_read(spread) == once_read(alone)


def once_read(place: Place) -> dict[str, Source]:
    """What cannot be read was tried by the killed ingest too."""
    return {uri: replace(row, attempts=0) for uri, row in place.rows().items()}
