"""`phi3 sync` as a process: it reads what is due, and ends when it is asked to."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.command import command
from cli.reading import read_targets
from cli.targets import Wanted


@pytest.mark.slow
def test_changed_folder_is_read_when_it_is_due(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHI3_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "a.md").write_text("Lunch is at noon.")
    with command() as container:
        read_targets(container, [str(docs)], Wanted())
        (docs / "b.md").write_text("Soup is on Friday.")
        container.collections.make_due(str(docs), datetime.now(UTC))
        root = Path(__file__).parents[2]
        process = subprocess.Popen(
            [sys.executable, "-m", "cli.app", "sync"],
            env={**os.environ, "PYTHONPATH": str(root)},
        )
        try:
            deadline = time.monotonic() + 120
            while not container.sources.find(str(docs / "b.md")):
                assert time.monotonic() < deadline
                time.sleep(0.2)
        finally:
            process.terminate()
            ended = process.wait(60)
    assert ended == 0
