"""What happened in a run, one line each, so that a run that was stopped goes on."""

import json
import os
from pathlib import Path
from threading import Lock
from typing import Any

Line = dict[str, Any]


def whole_lines(file: Path) -> list[Line]:
    """Lines of JSON; one that was cut off by a kill is removed from the file."""
    if not file.exists():
        return []
    content = file.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        os.truncate(file, whole)
    return [json.loads(line) for line in content[:whole].splitlines()]


class Journal:
    """Lines of JSON in a file, each with ``what``, and ``at`` in seconds since the run began."""

    def __init__(self, file: Path) -> None:
        self.lines = whole_lines(file)
        self._lock = Lock()
        # The operating system has each line as soon as it is written, so a kill loses none.
        self._out = file.open("a", encoding="utf-8", buffering=1)

    def add(self, what: str, at: float, **found: Any) -> Line:
        line = {"what": what, "at": round(at, 2), **found}
        with self._lock:
            self._out.write(json.dumps(line, ensure_ascii=False) + "\n")
            self.lines.append(line)
        return line

    def all(self, what: str) -> list[Line]:
        return [line for line in list(self.lines) if line["what"] == what]

    @property
    def seconds(self) -> float:
        """How far the run has come."""
        return max((float(line["at"]) for line in self.lines), default=0.0)

    def close(self) -> None:
        self._out.close()
