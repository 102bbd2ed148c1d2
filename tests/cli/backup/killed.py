"""Runs `phi3 backup` or `phi3 restore`, and kills itself at a line of it.

    python -m tests.cli.backup.killed LINE COMMAND…

With line 0 it runs to its end, and prints how many lines that were.
"""

import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import cli.backup
import migrations
from cli.commands.every import app
from cli.indexes import Indexes
from tests.knowledge.doubles import WordEmbedder

ROOT = Path(cli.backup.__file__).parents[2]
TRACED = tuple(
    str(ROOT / name)
    for name in (
        *("cli/backup/", "cli/forgotten.py", "migrations/__init__.py", "records/filling.py"),
        *("records/snapshot.py", "records/runs.py", "knowledge/index/carried.py"),
    )
)


def main(line: int, words: list[str]) -> None:
    count = 0

    def trace(frame: FrameType, what: str, _: object) -> Any:
        nonlocal count
        if not frame.f_code.co_filename.startswith(TRACED):
            return None
        if what == "line":
            count += 1
            if count == line:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    Indexes._embedder = lambda *_: WordEmbedder()  # type: ignore[method-assign]
    assert migrations.heads()  # what is imported is not counted
    sys.settrace(trace)
    app(words, standalone_mode=False)
    sys.settrace(None)
    print(count)  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
