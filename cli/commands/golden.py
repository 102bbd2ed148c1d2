"""`phi3 golden`: questions whose right answers no night may unlearn."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.asking import person, question_of
from cli.command import command
from cli.options import AsJson
from cli.printing import count_of, out, print_json, progress, say, table
from domain.errors import ConfigError, RetrievalError
from domain.text import truncate

if TYPE_CHECKING:
    from cli.wiring import Container
    from domain.golden import Golden
    from domain.questions import Message

golden = typer.Typer(
    help="Questions whose right answers no night may unlearn.", no_args_is_help=True
)

Ids = Annotated[list[str], typer.Argument(metavar="ID…")]


@golden.command()
def add(
    question: Annotated[str | None, typer.Argument()] = None,
    answer: Annotated[str | None, typer.Option(help="The right answer.")] = None,
    must_not: Annotated[
        list[str] | None,
        typer.Option("--must-not", help="A text that makes an answer wrong; repeatable."),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(metavar="FILE.jsonl", help="Read one from each line (- for standard input)."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Add golden questions: a night's adapter that answers one of them worse does not go live.

    A file has "id", "question" and "answer" (or "evidence") in each line, and may have "must_not".
    All of its rows are added, or none.
    """
    if (question is None) == (file is None) or (file is None) != (answer is not None):
        raise typer.BadParameter("give a QUESTION with --answer, or --file FILE.jsonl")
    if file and must_not:
        raise typer.BadParameter("in a file each row has its own must_not")
    new = _read(file) if file else [_golden(question or "", answer or "", must_not or (), "")]
    with command() as container:
        added = container.golden.add(new)
    if as_json:
        ids = list(dict.fromkeys(one.id for one in new))
        print_json({"ids": ids, "added": added, "known": len(ids) - added})
    elif added < len(new):
        out.print(f"{count_of(added, 'golden question')} added; the others were known.")
    else:
        out.print(f"{count_of(added, 'golden question')} added.")


@golden.command("list")
def list_golden(as_json: AsJson = False) -> None:
    """List the golden questions, each with the document that is found for it."""
    with command() as container:
        rows = container.golden.all()
        found = _found(container, rows)
    if as_json:
        print_json({"golden": [_row(one, titles) for one, titles in zip(rows, found, strict=True)]})
        return
    if not rows:
        out.print("There are no golden questions; `phi3 golden add` adds one.")
        return
    columns = ["id", "question", "right answer", "found in"]
    out.print(
        table(
            columns,
            [
                (one.id, truncate(one.question, 80), truncate(one.answer, 60), _place(titles))
                for one, titles in zip(rows, found, strict=True)
            ],
        )
    )
    if lost := sum(titles == [] for titles in found):
        out.print(
            f"For {lost} of them the search finds nothing, so no model is asked: add a document "
            "that answers it, or remove the question."
        )


@golden.command()
def remove(ids: Ids, as_json: AsJson = False) -> None:
    """Remove golden questions: all of these, or none if one is unknown."""
    with command() as container:
        container.golden.remove(ids)
    if as_json:
        print_json({"removed": list(dict.fromkeys(ids))})
    else:
        out.print(f"{count_of(len(set(ids)), 'golden question')} removed.")


def _read(file: Path) -> "list[Golden]":
    from cli.rows import GoldenRow, read_rows

    rows = read_rows(file, GoldenRow)
    return [
        _golden(row.question, row.right, row.must_not, f"{file}, {row.id}: ", row.turns)
        for row in rows
    ]


def _golden(
    question: str,
    answer: str,
    must_not: Sequence[str],
    where: str,
    history: "tuple[Message, ...]" = (),
) -> "Golden":
    """Raises ConfigError if it cannot be a golden question; ``where`` begins its message."""
    from domain.golden import Golden, id_of, objection_to

    texts = question.strip(), answer.strip(), tuple(dict.fromkeys(must_not))
    made = Golden(id_of(texts[0], history), *texts, history, person(), datetime.now(UTC))
    if objection := objection_to(made):
        raise ConfigError(f"{where}{objection}")
    return made


def _found(container: "Container", rows: "Sequence[Golden]") -> list[list[str] | None]:
    """The titles of what is found for each question; None for each if nothing can be searched."""
    if not rows:
        return []
    readers = container.grants.all_members()
    titles: list[list[str] | None] = []
    try:
        searcher = container.searcher
        with progress() as bars:
            for row in bars.track(rows, description="Searching"):
                asked = question_of(row.question, row.history, audience=readers)
                found = searcher.search(asked)
                shown = found.passages if found.sufficient else ()
                titles.append(list(dict.fromkeys(passage.title for passage in shown)))
    except RetrievalError as error:
        say(f"What is found for them is not known: {error}")
        return [None] * len(rows)
    return titles


def _place(titles: list[str] | None) -> str:
    return "" if titles is None else ", ".join(titles[:2]) or "nothing is found"


def _row(one: "Golden", titles: list[str] | None) -> dict[str, object]:
    return {
        "id": one.id,
        "question": one.question,
        "answer": one.answer,
        "must_not": list(one.must_not),
        "history": [{"role": turn.role, "content": turn.content} for turn in one.history],
        "by": one.by or None,
        "at": one.at.isoformat(),
        "found": None if titles is None else bool(titles),
        "titles": titles,
    }
