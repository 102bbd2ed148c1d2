"""While a backup is made, another process writes: what is restored agrees in all its parts."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.backup.deployment import QUESTIONS, Deployment, fill

pytestmark = pytest.mark.slow


@contextmanager
def writer(of: Deployment, folder: Path) -> Iterator[None]:
    """It has written something when the block begins, and goes on until it ends."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.cli.backup.writing_meanwhile", str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PHI3_HOME": str(of.home), **of.variables},
    ) as process:
        assert process.stdout
        assert process.stdout.readline()
        try:
            yield
            assert process.poll() is None
        finally:
            process.kill()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("sqlite_lancedb", "empty"),
        pytest.param(
            "postgres_weaviate", "empty", marks=[pytest.mark.postgres, pytest.mark.weaviate]
        ),
    ],
)
def test_a_backup_of_a_deployment_that_works_is_in_agreement_with_itself(
    one: str, other: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    first: Deployment = request.getfixturevalue(one)
    second: Deployment = request.getfixturevalue(other)
    folder = tmp_path / "docs"
    fill(first, folder)
    with writer(first, folder):
        made = [first.phi3("backup", "--to", str(tmp_path / f"to-{n}")) for n in range(3)]
    asked = []
    for one_backup in made:
        told = second.phi3("restore", "--replace", one_backup["file"])
        with second.container() as container:
            rows = {row.document: row for row in container.sources.all() if row.document}
            there = container.index.audiences()
            assert there.keys() <= rows.keys()
            assert len(rows) == told["documents"] + told["documents_to_read"]
            for document, audiences in there.items():
                assert audiences == {container.sources.readers([document])[document]}
                assert len([*container.index.chunks(document)]) == rows[document].chunks
            answered = container.answers.recent(10_000)
            # A question is stored before its answer, and its answer before its ratings.
            lately = [one for one in answered if len(container.ratings.of(one.answer.id)) != 1]
            assert len(lately) <= 1
            asked.append(len(answered))
        found = second.phi3("search", QUESTIONS[0])["passages"]
        assert any("ten years" in one["text"] for one in found)
    assert asked == sorted(asked)
    assert asked[0] < asked[-1]
