"""Printing: JSON for programs on standard output, or text for people.

Everything goes through ``without_controls``. Rich is imported only when it is needed, so that
`phi3 --help` stays fast.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import cached_property
from typing import TYPE_CHECKING

from cli.plain import without_controls

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from rich.console import Console
    from rich.progress import Progress
    from rich.table import Table


_WIDE = 10_000


class Terminal:
    """Standard output or standard error: plain text and tables, never markup."""

    def __init__(self, *, stderr: bool = False) -> None:
        self._stderr = stderr

    @cached_property
    def console(self) -> "Console":
        from rich.console import Console

        stream = sys.stderr if self._stderr else sys.stdout
        return Console(
            highlight=False,
            markup=False,
            soft_wrap=not self._stderr,
            stderr=self._stderr,
            # In a pipe or a file, names in tables are not cut.
            width=None if stream.isatty() else _WIDE,
        )

    def print(self, what: "str | Table" = "", *, style: str | None = None, end: str = "\n") -> None:
        text = without_controls(what) if isinstance(what, str) else what
        self.console.print(text, style=style, end=end, markup=False)


out = Terminal()
err = Terminal(stderr=True)


def count_of(count: int, what: str) -> str:
    """``1 document``, ``2,000 documents``."""
    return f"1 {what}" if count == 1 else f"{count:,} {what}s"


def print_json(value: object) -> None:
    """One line of JSON on standard output, flushed, so that a reader sees each row at once."""
    print(_json(value), flush=True)


def print_json_list(name: str, rows: Iterable[object]) -> None:
    """One line of JSON: an object that holds ``rows`` under ``name``, one in memory at a time.

    An error while a row is made leaves the line incomplete.
    """
    print(f"{{{_json(name)}: [", end="")
    for n, row in enumerate(rows):
        print(", " if n else "", _json(row), sep="", end="")
    print("]}", flush=True)


def _json(value: object) -> str:
    return without_controls(json.dumps(value, ensure_ascii=False))


def say(sentence: str) -> None:
    """Prints a message for people to standard error, so that it is not part of the output."""
    err.print(sentence, style="dim")


def say_error(error: Exception) -> None:
    """Prints the one line that says why a command failed, to standard error."""
    print(f"phi3: {without_controls(str(error))}", file=sys.stderr)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> "Table":
    """A table whose cells are plain text, without markup."""
    from rich.table import Table
    from rich.text import Text

    drawn = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        drawn.add_row(*(Text(without_controls(str(cell))) for cell in row))
    return drawn


def waiting(for_what: str) -> "AbstractContextManager[object]":
    """Shows that something takes long, if standard error is a terminal."""
    return err.console.status(for_what) if sys.stderr.isatty() else nullcontext()


@contextmanager
def progress() -> "Iterator[Progress]":
    """Progress bars on standard error; none if that is not a terminal."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=err.console,
        disable=not err.console.is_terminal,
        transient=True,
    ) as bars:
        yield bars


def show_phase(bars: "Progress", phase: str, done: int, total: int) -> None:
    """Shows how far a phase of long work is, instead of the phase before."""
    task = next((each.id for each in bars.tasks if each.description == phase), None)
    if task is None:
        for before in bars.task_ids:
            bars.remove_task(before)
        task = bars.add_task(phase, total=None)
    bars.update(task, completed=done, total=total or None)
