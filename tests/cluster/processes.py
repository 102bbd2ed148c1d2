"""The processes of a test's own cluster: beside it the cluster of another test may run."""

import os
from collections.abc import Iterator
from pathlib import Path


def named(*beginnings: bytes) -> list[int]:
    """Those below this process whose command begins with one of ``beginnings``."""
    parents, names = dict[int, int](), dict[int, bytes]()
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
                names[int(folder.name)] = (folder / "cmdline").read_bytes()
            except (FileNotFoundError, ProcessLookupError):
                continue  # it has just ended
            parents[int(folder.name)] = int(parent)

    def above(process: int) -> Iterator[int]:
        while process := parents.get(process, 0):
            yield process

    return [
        one
        for one, name in names.items()
        if name.startswith(beginnings) and os.getpid() in above(one)
    ]
