"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

LARGEST = 2**31 - 1
"""The largest id or number of rows that both databases take."""

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Batch = Annotated[
    Path | None,
    typer.Option(metavar="FILE.jsonl", help="Read one row from each line (- for standard input)."),
]


def the_one(argument: str | None, batch: Path | None, what: str) -> None:
    """Raises BadParameter unless there is either an argument that is not empty, or a batch."""
    if (argument is None) == (batch is None) or (argument is not None and not argument.strip()):
        raise typer.BadParameter(f"give either {what} or --batch FILE.jsonl")
