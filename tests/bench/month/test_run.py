"""A month of two days on a tiny model.

A night of it is killed and goes on from its checkpoint, and the month itself is killed too.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.bench.month.makers import team

_PROGRAM = """
import sys
from pathlib import Path
from bench.month.run import Month
from bench.month.size import Size

files, questions, home, model = sys.argv[1:]
size = Size(
    days=2, a_day=16, unseen=8, night_tokens=200_000, min_examples=2, max_tokens=4, lies=2,
    checkpoint_seconds=0.0,
)
Month(Path(files), [Path(questions)], Path(home), size, model).run()
"""
_PATIENCE_SECONDS = 300


def _finished(home: Path) -> list[str]:
    file = home / "month.jsonl"
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    return [json.loads(line)["step"] for line in lines if line.endswith("}")]


@pytest.mark.slow
@pytest.mark.timeout(2 * _PATIENCE_SECONDS + 60)
def test_a_month_that_is_killed_goes_on_after_its_last_step(tmp_path: Path, tiny: Path) -> None:
    files, questions = team(tmp_path)
    home = tmp_path / "home"
    command = [sys.executable, "-c", _PROGRAM, *map(str, (files, questions, home, tiny))]
    first = subprocess.Popen(command, stderr=subprocess.PIPE)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while "day-01/naive/answers" not in _finished(home):  # so a night is running
        assert first.poll() is None, first.stderr and first.stderr.read().decode()
        assert time.monotonic() < deadline
        time.sleep(0.1)
    os.kill(first.pid, signal.SIGKILL)
    first.communicate()
    before = _finished(home)

    subprocess.run(command, check=True, timeout=_PATIENCE_SECONDS)

    steps = _finished(home)
    assert steps[: len(before)] == before
    assert len(steps) == len(set(steps))
    assert {f"day-02/{arm}/quality" for arm in ("ours", "naive", "base")} <= set(steps)
    found = json.loads((home / "month.json").read_text("utf-8"))
    assert [night["day"] for night in found["nights"]] == [1, 2]
    assert all(night["rows"] > 2 for night in found["nights"])
    assert "killed" in steps
    assert sum(night["resumed_at"] for night in found["nights"]) > 0
    assert found["people"]["lies"] > 0
    assert set(found["falsehoods answered"]) == {"ours", "naive", "starter", "base"}
    assert (home / "month.svg").exists()
