"""A backup or a restore may be killed anywhere: nothing half is used, and calling again ends it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from cli.home import RESTORING
from domain.errors import ConfigError
from tests.cli.backup.deployment import Deployment, seen
from tests.records.databases import postgres_schema

pytestmark = pytest.mark.slow

WRITING = (0.1, 0.5, 0.9, 1)
RESTORING_FROM = (0.3, 0.5, 0.65, 0.8, 0.95, 1)
"""How far each of them is when it is killed; the first half of a restore is spent on checking."""


def run(of: Deployment, line: int, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "tests.cli.backup.killed", str(line), *words],
        capture_output=True,
        text=True,
        cwd=of.home.parent,
        env={**os.environ, "PHI3_HOME": str(of.home), "PHI3_PASSAGES": "3", **of.variables},
        timeout=240,
        check=False,
    )


def points(of: Deployment, shares: Sequence[float], *words: str) -> list[int]:
    """The lines at which it is killed."""
    whole = run(of, 0, *words)
    assert whole.returncode == 0, whole.stderr
    lines = int(whole.stdout.splitlines()[-1])
    assert lines > 100
    return [int(share * lines) for share in shares]


def test_a_backup_that_was_killed_leaves_none_that_looks_whole(
    filled: Deployment, empty: Deployment, tmp_path: Path
) -> None:
    before = seen(filled)
    to = tmp_path / "to"
    *early, last = points(filled, WRITING, "backup", "--to", str(tmp_path / "first"))
    for line in early:
        done = run(filled, line, "backup", "--to", str(to))
        assert done.returncode == -signal.SIGKILL
        assert not [*to.glob("phi3-*")]
    run(filled, last, "backup", "--to", str(to))
    whole = [*to.glob("phi3-*.tar")]
    told = filled.phi3("backup", "--to", str(to))
    assert {*to.glob("*.tar")} == {*whole, Path(told["file"])}
    empty.phi3("restore", told["file"])
    assert seen(empty) == before


Databases = Callable[[], dict[str, str]]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def databases(request: pytest.FixtureRequest) -> Iterator[Databases]:
    """Gives the settings of a new database, as often as it is called."""
    if request.param == "sqlite":
        yield dict
        return
    url = request.getfixturevalue("postgres_url")
    with ExitStack() as made:
        yield lambda: {"PHI3_DATABASE_URL": made.enter_context(postgres_schema(url))}


def test_a_restore_that_was_killed_keeps_others_out_and_ends_when_it_is_called_again(
    filled: Deployment, tmp_path: Path, databases: Databases
) -> None:
    before = seen(filled)
    file = filled.phi3("backup", "--to", str(tmp_path / "to"))["file"]
    first = Deployment(tmp_path / "first", databases())
    refused = 0
    for line in points(first, RESTORING_FROM, "restore", file):
        of = Deployment(tmp_path / f"at-{line}", databases())
        done = run(of, line, "restore", file)
        assert done.returncode == -signal.SIGKILL
        if (of.home / RESTORING).exists():
            refused += 1
            with pytest.raises(ConfigError, match="run the same `phi3 restore` again"):
                of.phi3("search", "anything")
        elif of.home.exists() and seen_anything(of):
            assert seen(of) == before  # it was killed at its very end
            continue
        of.phi3("restore", file)
        assert seen(of) == before
    assert refused > 1


def seen_anything(of: Deployment) -> bool:
    with of.container() as container:
        return bool(container.sources.all())


def test_a_restore_that_replaces_and_was_killed_ends_when_it_is_called_again(
    filled: Deployment, tmp_path: Path
) -> None:
    before = seen(filled)
    file = filled.phi3("backup", "--to", str(tmp_path / "to"))["file"]
    other = Deployment(tmp_path / "second")
    for line in points(other, (0.6, 0.9), "restore", "--replace", file):
        assert run(other, line, "restore", "--replace", file).returncode == -signal.SIGKILL
    other.phi3("restore", file)  # the restore that is under way may be repeated without --replace
    assert seen(other) == before


def test_a_restore_of_another_backup_does_not_take_the_place_of_one_that_was_killed(
    filled: Deployment, tmp_path: Path
) -> None:
    one = filled.phi3("backup", "--to", str(tmp_path / "one"))["file"]
    two = filled.phi3("backup", "--to", str(tmp_path / "two"))["file"]
    of = Deployment(tmp_path / "other")
    [near_end] = points(Deployment(tmp_path / "first"), [0.9], "restore", one)
    run(of, near_end, "restore", one)
    assert "another backup has not ended" in of.refusal("restore", two)
    of.phi3("restore", "--replace", two)
    assert seen(of) == seen(filled)
