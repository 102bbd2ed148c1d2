"""`phi3 console` as a process of its own, and how much memory it has."""

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cli.test_app import ROOT

LINK = re.compile(r"http://127\.0\.0\.1:\d+/sign-in/[\w-]{40,}")

_STARTED = """
import cli.run_console
from cli.app import main
cli.run_console.IDLE_SECONDS = {}
cli.run_console._AGAIN_SECONDS = 0.2
main()
"""


@contextmanager
def running(
    home: Path, port: int, idle: float = 600.0, role: str = "reader"
) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """The process, and the link that it printed; it sleeps if it is idle for ``idle`` seconds."""
    process = subprocess.Popen(
        [sys.executable, "-c", _STARTED.format(idle), "console", "--role", role],
        stdout=subprocess.PIPE,
        text=True,
        cwd=home,
        env={
            "PHI3_HOME": str(home),
            "PHI3_CONSOLE_PORT": str(port),
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(ROOT),
        },
    )
    try:
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(3)]
        found = LINK.search("".join(lines))
        assert found, lines
        yield process, found[0]
    finally:
        process.kill()
        process.communicate()


def until(is_so: Callable[[], object]) -> None:
    """Waits; fails after a minute."""
    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


def is_asleep(pid: int) -> bool:
    return b"sleeper.py" in Path(f"/proc/{pid}/cmdline").read_bytes()


def own_memory(pid: int) -> int:
    """In MB; what several processes share is not counted."""
    own = re.search(r"RssAnon:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert own
    return int(own[1]) // 1000


def children(pid: int) -> list[int]:
    threads = Path(f"/proc/{pid}/task").iterdir()
    return [int(each) for thread in threads for each in (thread / "children").read_text().split()]
