"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Batch = Annotated[
    Path | None,
    typer.Option(metavar="FILE.jsonl", help="Read a row a line (- for standard input)."),
]


def the_one(argument: str | None, batch: Path | None, what: str) -> None:
    """Refuses, as wrong usage, both an argument and a batch, or neither, or an empty argument."""
    if (argument is None) == (batch is None) or (argument is not None and not argument.strip()):
        raise typer.BadParameter(f"give either {what} or --batch FILE.jsonl")
