"""Roles as processes: each ends when its parent ends, also after kill -9."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARENT = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", sys.argv[1], str(os.getpid())])
print(child.pid, flush=True)
time.sleep(600)
"""
CHILD = """
import sys, time
from cli.processes import end_with_parent
end_with_parent(int(sys.argv[1]), patience=2)
time.sleep(600)
"""
# It begins to watch only after its parent has ended.
LATE = f"""
import os, sys, time
while os.getppid() == int(sys.argv[1]): time.sleep(0.05)
{CHILD}
"""
# It ignores the request to end.
STUBBORN = f"""
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
{CHILD}
"""


def orphaned(code: str) -> int:
    """The process id of a child whose parent was killed."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, code], stdout=subprocess.PIPE, text=True, env=environment
    ) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        assert alive(child)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    return child


def test_a_role_ends_when_its_parent_is_killed() -> None:
    wait_until_ended(orphaned(CHILD))


def test_a_role_ends_if_its_parent_ended_before_the_first_check() -> None:
    wait_until_ended(orphaned(LATE))


@pytest.mark.slow
def test_a_role_that_does_not_end_when_it_is_asked_to_is_killed() -> None:
    wait_until_ended(orphaned(STUBBORN))


def wait_until_ended(pid: int) -> None:
    wait_until(lambda: not alive(pid))


def wait_until(true: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    """Whether the process runs; a zombie does not."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
