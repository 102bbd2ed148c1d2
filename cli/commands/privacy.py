"""`phi3 forget`: deletes what is stored about a person, a source or an answer."""

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from cli.command import command
from cli.options import AsJson
from cli.printing import out, print_json, say

if TYPE_CHECKING:
    from cli.forgetting import Forgotten
    from cli.wiring import Container

forget = typer.Typer(help="Delete what is stored, permanently.", no_args_is_help=True)


def _not_blank(name: str) -> str:
    """Raises BadParameter."""
    if not name.strip():
        raise typer.BadParameter("the id is empty")
    return name


Id = Annotated[str, typer.Argument(metavar="ID", callback=_not_blank)]

_WORDS = {
    "histories": "histories emptied",
    "requests": "requests without the person's id now",
    "log_lines": "log lines",
}


@forget.command()
def person(person_id: Id, as_json: AsJson = False) -> None:
    """Delete a person's questions, answers and ratings, by their Slack id (U…)."""
    from cli.forgetting import forget_person

    _run(forget_person, person_id, as_json)


@forget.command()
def source(uri: Id, as_json: AsJson = False) -> None:
    """Delete a source, as `phi3 sources list` names it, and all answers that were made from it."""
    from cli.forgetting import forget_source

    _run(forget_source, uri, as_json)


@forget.command()
def answer(answer_id: Id, as_json: AsJson = False) -> None:
    """Delete an answer, its question and its ratings."""
    from cli.forgetting import forget_answer

    _run(forget_answer, answer_id, as_json)


@forget.command()
def correction(
    answer_id: Id,
    by: Annotated[
        str,
        typer.Option(
            metavar="ID", help="Who wrote it, by their Slack id (U…).", callback=_not_blank
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Delete what a person wrote about an answer; the answer and its thumbs stay."""
    from cli.forgetting import forget_correction

    _run(lambda container, name: forget_correction(container, name, by), answer_id, as_json)


def _run(how: "Callable[[Container, str], Forgotten]", name: str, as_json: bool) -> None:
    with command() as container:
        done = how(container, name)
    if as_json:
        print_json({**asdict(done), "advice": done.advice})
        return
    counts = [f"{n} {_WORDS.get(kind, kind)}" for kind, n in done.deleted.items() if n]
    out.print(f"Deleted: {', '.join(counts) or 'nothing'}.")
    for adapter in done.adapters:
        out.print(f"The adapter {adapter.name} ({adapter.state}) was trained on it.")
    if done.advice:
        say(done.advice)
