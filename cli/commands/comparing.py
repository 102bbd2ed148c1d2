"""`phi3 compare`: what searching and the adapter are worth on a team's own questions."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.asking import readable
from cli.command import command
from cli.night_plan import night_plan
from cli.options import AsJson
from cli.printing import out, print_json, progress, say, table, waiting
from domain.errors import ConfigError, Phi3Error
from domain.prompt import CLOSED_BOOK_VERSION, PROMPT_VERSION

if TYPE_CHECKING:
    from cli.wiring import Container
    from training.compare.arms import Arm, Case
    from training.compare.figures import Comparison, Figure

_KINDS = (".png", ".svg")


def compare(
    questions: Annotated[
        Path | None, typer.Argument(help="JSON Lines with answer or evidence.")
    ] = None,
    rated: Annotated[
        bool,
        typer.Option("--rated", help="Ask the rated questions that no night trains on."),
    ] = False,
    adapter: Annotated[
        str | None, typer.Option(metavar="NAME", help="This adapter, instead of the live one.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw the figures: .png or .svg.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Searching, fine-tuning or both? Ask each question in four ways, and score the answers.

    Nothing is recorded. One question is asked at a time, so that the seconds are an answer's own.
    """
    if (questions is None) is not rated:
        raise typer.BadParameter("give either QUESTIONS.jsonl or --rated")
    if plot and plot.suffix.lower() not in _KINDS:
        raise typer.BadParameter("the name must end in .png or .svg", param_hint="--plot")
    if plot and not plot.absolute().parent.is_dir():
        raise ConfigError(f"{plot} cannot be written: its folder does not exist.")
    from_file = _of_file(questions) if questions else []
    with command() as container:
        cases = from_file or _of_ratings(container)
        name, is_starter = _adapter(container, adapter)
    with command(model_server=True) as container, _loaded(container, name):
        compared = _ask(container, cases, name)
        model = container.server.model
        above = container.refusal_limits(name) if name else None
    from training.compare.advice import advice

    told = advice(compared)
    if plot:
        _draw(compared, f"{model}, {name or 'no adapter'}", plot)
    if as_json:
        print_json(
            {
                "questions": compared.questions,
                "model": model,
                "adapter": name,
                "is_starter": is_starter,
                "refuse_above": above,
                "prompts": {"base": CLOSED_BOOK_VERSION, "RAG": PROMPT_VERSION},
                **_as_json(compared),
                "advice": told,
            }
        )
        return
    if is_starter:
        say(f"No adapter of a night is live, so {name} is compared, which comes with the program.")
    elif name is None:
        say("There is no adapter yet, so only searching is compared.")
    if above is not None:
        say(f"{name} refuses where the probability of a refusal is above {above:.2g}.")
    out.print(table(["", *_HEADS], _rows(compared)))
    out.print(f"\n{told}")


_HEADS = ("f1", "contained", "refused", "wrong of answered", "characters", "seconds")


def _of_file(file: Path) -> "list[Case]":
    from cli.rows import QuestionRow, read_rows
    from training.compare.arms import Case
    from training.compare.cases import LONGEST, MOST

    rows = read_rows(file, QuestionRow)
    known = [row for row in rows if row.right.strip() and row.question.strip()]
    if not known:
        raise ConfigError(f"{file} has no question with an answer or evidence.")
    if len(known) > MOST:
        raise ConfigError(f"{file} has {len(known):,} questions; at most {MOST:,} are compared.")
    long = next((row for row in known if len(row.question) > LONGEST), None)
    if long:
        raise ConfigError(
            f"{file}, {long.id}: The question has {len(long.question):,} characters; at most "
            f"{LONGEST:,} are allowed."
        )
    if len(known) < len(rows):
        say(f"{len(rows) - len(known)} rows without an answer or evidence are left out.")
    return [Case(row.question, row.right, row.turns) for row in known]


def _of_ratings(container: "Container") -> "list[Case]":
    from training.compare.cases import cases_of

    cases = cases_of(night_plan(container).held_back)
    if not cases:
        raise ConfigError("No rated question is kept from the training yet: rate more answers.")
    return cases


def _adapter(container: "Container", wanted: str | None) -> tuple[str | None, bool]:
    """The adapter to compare, and whether it is the starter. Raises NotFound."""
    starter = container.starter.name if container.starter else None
    if wanted and wanted != starter:
        return container.adapters.find(wanted).name, False
    name = wanted or container.live_adapter()
    return name, name is not None and name == starter


@contextmanager
def _loaded(container: "Container", name: str | None) -> Iterator[None]:
    """Unloads the adapter at the end, unless it answers or was loaded before."""
    server = container.server
    keep = name is None or name == container.live_adapter() or name in server.models()
    try:
        yield
    finally:
        if name and not keep:
            try:
                server.unload_adapter(name)
            except Phi3Error as error:
                say(f"The adapter stays loaded: {error}")


def _ask(container: "Container", cases: "list[Case]", adapter: str | None) -> "Comparison":
    from training.compare.arms import Arm, Arms
    from training.compare.figures import compared

    wanted = [arm for arm in Arm if adapter or not arm.is_tuned]
    asking = container.as_people_ask(readable(container))
    arms = Arms(asking, container.generator, wanted, adapter)
    with waiting("Asking for the first time …"):
        arms.ask(cases[0], 0)  # a server's first answers take longer, so these do not count
    with progress() as bars:
        turns = bars.track(list(enumerate(cases)), description="Asking")
        return compared([arms.ask(case, turn) for turn, case in turns])


def _draw(compared: "Comparison", title: str, plot: Path) -> None:
    from training.compare.plot import draw

    try:
        draw(compared, f"{compared.questions} questions, {title}; 95% intervals", plot)
    except OSError as error:
        raise ConfigError(f"{plot} cannot be written.", str(error)) from error


def _rows(compared: "Comparison") -> "Iterator[tuple[str, ...]]":
    for arm, figures in compared.arms.items():
        shares = (figures[name] for name in ("f1", "contained", "refused", "wrong"))
        characters, seconds = figures["characters"], figures["seconds"]
        yield (
            arm,
            *(_between(one, 2) for one in shares),
            _between(characters, 0),
            _between(seconds, 1),
        )


def _between(figure: "Figure", digits: int) -> str:
    return f"{figure.mean:.{digits}f} ({figure.low:.{digits}f}–{figure.high:.{digits}f})"


def _as_json(compared: "Comparison") -> Mapping[str, object]:
    def rounded(figure: "Figure") -> dict[str, float]:
        return {name: round(value, 4) for name, value in asdict(figure).items()}

    def name_of(pair: "tuple[Arm, Arm]") -> str:
        return f"{pair[1]} - {pair[0]}"

    return {
        "arms": {
            arm: {name: rounded(figure) for name, figure in figures.items()}
            for arm, figures in compared.arms.items()
        },
        "f1_differences": {
            name_of(pair): rounded(figure) for pair, figure in compared.differences.items()
        },
    }
