"""What is done of a month, one line a finished step, so that a second start goes on."""

import json
import os
from pathlib import Path
from typing import Any

Step = dict[str, Any]


class Journal:
    """Steps by name, in a file of JSON lines; a line that was cut off by a kill does not count."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._steps: dict[str, Step] = {}
        lines = file.read_text("utf-8").splitlines(keepends=True) if file.exists() else []
        whole = [line for line in lines if line.endswith("\n")]
        if whole != lines:
            file.write_text("".join(whole), "utf-8")
        for line in whole:
            step = json.loads(line)
            self._steps[step["step"]] = step

    def find(self, name: str) -> Step | None:
        return self._steps.get(name)

    def all(self) -> list[Step]:
        """In the order in which they were done."""
        return list(self._steps.values())

    def add(self, name: str, **found: Any) -> Step:
        """Keeps a finished step; it is on the disk when this returns."""
        step = {"step": name, **found}
        with self._file.open("a", encoding="utf-8") as written:
            written.write(json.dumps(step, ensure_ascii=False) + "\n")
            written.flush()
            os.fsync(written.fileno())
        self._steps[name] = step
        return step
