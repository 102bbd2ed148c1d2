"""Publishes an adapter again and again, and is killed at the next line each time.

python -m tests.serving.store_victim ADDRESS FOLDER

prints for each line what was left: nothing that counts, or the whole adapter. What is left is
removed before the next one.
"""

import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from domain.errors import NotPublished
from serving.adapter_cache import AdapterCache
from serving.adapter_store import open_store

if sys.argv[1].startswith("s3:"):
    import serving.adapter_bucket  # noqa: F401  # the child has it then


def publish(address: str, folder: Path, line: int) -> None:
    """In a child, which is killed at its ``line``th line in serving/."""
    left = line

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal left
        if f"{os.sep}serving{os.sep}adapter_" not in frame.f_code.co_filename:
            return None
        if event == "line":
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    store = open_store(address)
    sys.settrace(trace)
    store.put(folder)


def outcome(address: str, folder: Path) -> str:
    """In a child: what is left of it, which is removed then."""
    store = open_store(address)
    try:
        AdapterCache(store, folder.parent / "copies").folder_of(folder.name)
    except NotPublished:
        found = "nothing"
    else:
        found = "whole"
    store.remove(folder.name)
    return found if store.found() == set() else "leftovers"


def main() -> None:
    address, folder = sys.argv[1], Path(sys.argv[2])
    ended, line = False, 0
    while not ended:
        line += 1
        if (child := os.fork()) == 0:
            publish(address, folder, line)
            os._exit(0)
        ended = os.waitpid(child, 0)[1] == 0
        if (child := os.fork()) == 0:
            print(outcome(address, folder), flush=True)  # noqa: T201
            os._exit(0)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
