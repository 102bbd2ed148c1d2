"""Publishes an adapter, or fetches it, again and again, and is killed at the next line each time.

python -m tests.serving.store_victim publish|fetch ADDRESS FOLDER

prints for each line what was left: nothing that counts, or the whole adapter; or what else. What is
left is removed before the next one.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from shutil import rmtree
from types import FrameType
from typing import Any

from domain.errors import NotPublished
from serving.adapter_cache import AdapterCache
from serving.adapter_manifest import MANIFEST
from serving.adapter_store import open_store
from tests.s3_server import keys, send

if sys.argv[2].startswith("s3:"):
    import serving.adapter_bucket  # noqa: F401  # the child has it then


def killed(job: "Publishing", line: int) -> None:
    """In a child, which is killed at the ``line``th line of serving/ that the work runs."""
    job.begin()
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

    sys.settrace(trace)
    job.work()


class Publishing:
    def __init__(self, address: str, folder: Path) -> None:
        self.address, self.folder = address, folder
        self.copies = folder.parent / "copies"

    def begin(self) -> None:
        self.store = open_store(self.address)

    def work(self) -> None:
        self.store.put(self.folder)

    def outcome(self) -> str:
        """What is left at the address, which is removed then."""
        store = open_store(self.address)
        try:
            AdapterCache(store, self.copies).folder_of(self.folder.name)
        except NotPublished:
            found = "nothing"
        else:
            found = "whole"
        store.remove(self.folder.name)
        return found if store.found() == set() else "leftovers"


class PublishingOnS3(Publishing):
    """It looks at the objects without a client, which takes long to build."""

    def outcome(self) -> str:
        server = os.environ["AWS_ENDPOINT_URL"]
        bucket = self.address.removeprefix("s3://").partition("/")[0]
        found = {key.rpartition("/")[2]: key for key in keys(server)}
        for key in found.values():
            send(server, "DELETE", f"/{bucket}/{key}")
        if MANIFEST not in found:
            return "nothing"
        return "whole" if found.keys() == contents(self.folder).keys() else "half"


class Fetching(Publishing):
    """The adapter is published; a copy of it is fetched."""

    def work(self) -> None:
        AdapterCache(self.store, self.copies).folder_of(self.folder.name)

    def outcome(self) -> str:
        """What is left of the copy; the next one must be whole, and stand alone."""
        place = self.copies / self.folder.name
        found = "nothing"
        if place.exists():
            found = "whole" if contents(place) == contents(self.folder) else "half"
        self.begin()
        self.work()
        if contents(place) != contents(self.folder):
            found = "half"
        is_alone = [path for path in self.copies.iterdir() if path.is_dir()] == [place]
        rmtree(self.copies)
        return found if is_alone else "leftovers"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def in_child(work: Callable[[], object]) -> bool:
    """Whether it ended by itself."""
    if (child := os.fork()) == 0:
        work()
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def main() -> None:
    publishing = PublishingOnS3 if sys.argv[2].startswith("s3:") else Publishing
    kind = Fetching if sys.argv[1] == "fetch" else publishing
    job = kind(sys.argv[2], Path(sys.argv[3]))
    ended, line = False, 0
    while not ended:
        line += 1
        ended = in_child(lambda: killed(job, line))  # noqa: B023  # it is called at once
        assert in_child(lambda: print(job.outcome(), flush=True))  # noqa: T201


if __name__ == "__main__":
    main()
