"""`make demo`: the whole loop once, in the terminal.

It reads documents, asks questions, rates and corrects the answers, and runs a night. It shows the
gate's decision, swaps the adapter, and asks the same new questions before and after. All its state
is under `.phi3/demo`.

It does not use or change a real installation: it does not read `.env`, and of the environment only
PHI3_MODEL, to choose another base model.
"""

import argparse
import json
import re
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cli.app import prepare_process
from cli.asking import question_of
from cli.home import open_home
from cli.local_server import free_port, with_model_server
from cli.plain import without_controls
from cli.printing import out, progress
from cli.reading import read_targets
from cli.run_night import run_night
from cli.running import run_all
from cli.settings import Settings
from cli.targets import Wanted
from cli.wiring import Container
from domain.adapters import Evaluation, TrainingRun
from domain.links import titled
from domain.questions import Answer, Rating, Verdict
from training.agreement import f1

HERE = Path(__file__).parent
HOME = HERE.parent / ".phi3" / "demo"
RATED = 72
COMPARED = 16
_SHOWN = 8

console = Console(highlight=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of the sample, and the words of a document that answer it."""

    text: str
    accepted: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--once", action="store_true", help="end after the loop")
    once = parser.parse_args().once
    prepare_process()
    chosen = settings()
    empty(chosen.home)
    questions = sample()
    rated, compared = questions[:RATED], questions[RATED : RATED + COMPARED]
    with with_model_server(chosen) as with_server:
        loop(with_server, rated, compared)
    if not once:
        console.rule("[bold]Now it keeps running")
        run_all(chosen)


class DemoSettings(Settings):
    """Settings that ignore `.env` and, but for the model, the environment."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        model = {name: value for name, value in env_settings().items() if name == "model"}
        return init_settings, InitSettingsSource(settings_cls, model)


def settings() -> Settings:
    """The demo's own home and port, and the model that the environment names."""
    # Not the usual port: a model server that runs there belongs to a real installation.
    return DemoSettings(home=HOME, server_port=free_port())


def loop(settings: Settings, rated: Sequence[Asked], compared: Sequence[Asked]) -> None:
    """The steps of the loop, in order."""
    with Container(settings) as container:
        step("1", "Documents in", "an invented company's handbook: Markdown, PDF, DOCX and HTML")
        out.print(read_targets(container, [str(HERE / "handbook")], Wanted())[0].sentence())
        step(
            "2", "Questions out", f"{container.server.model} answers from the passages it is shown"
        )
        converse(container, rated[0])
        before = ask_all(container, compared, "The new questions, before the night")
        step("3", "Thumbs and corrections", "a scripted colleague reads each answer")
        rate_all(container, rated, ask_all(container, rated, "A day of questions"))
        step("4", "The night", "QLoRA from the base model, on what the thumbs and corrections say")
        run = run_night(container)
        verdict(run)
        step(
            "5",
            "The morning after",
            f"{container.live_adapter() or 'the base model'} is live",
        )
        after = ask_all(container, compared, "The same new questions, after the night")
        side_by_side(compared, before, after)
    console.print(f"\nUndo it with [bold]PHI3_HOME={HOME} .venv/bin/phi3 adapters rollback[/]")


def empty(home: Path) -> None:
    """Deletes everything of an earlier demo except converted models."""
    for each in open_home(home).glob("*"):
        if each.name != "models":
            shutil.rmtree(each) if each.is_dir() else each.unlink()


def sample() -> list[Asked]:
    """The sample's questions that the documents answer; the first few cover all documents."""
    rows = [
        json.loads(line)
        for line in (HERE / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    plain = [row for row in rows if row["evidence"] and not row.get("history")]
    return [Asked(row["question"], row["evidence"]) for row in plain]


def converse(container: Container, asked: Asked) -> None:
    """Asks one question as a person sees it: the answer is streamed, then the sources follow."""
    console.print(f"\n[bold]> {escape(asked.text)}")
    answer = container.answerer.answer(
        question_of(asked.text), lambda piece: out.print(piece, end="")
    )
    console.print()
    for citation in answer.citations:
        name = f"[{citation.n}]" if citation.supports else "nearest:"
        title = titled(citation.title, citation.where.label)
        out.print(f"{name} {title}: “{citation.quote}”", style="dim")


def ask_all(container: Container, asked: Sequence[Asked], what: str) -> list[Answer]:
    with ThreadPoolExecutor(8) as threads, progress() as bars:
        answers = threads.map(lambda each: container.answerer.answer(question_of(each.text)), asked)
        return list(bars.track(answers, total=len(asked), description=what))


def rate_all(container: Container, asked: Sequence[Asked], answers: Sequence[Answer]) -> None:
    """Rates 👍 if the answer contains the right words, else 👎 with these as the correction."""
    thumbs = 0
    for each, answer in zip(asked, answers, strict=True):
        right = holds(answer.text, each.accepted)
        thumbs += right
        container.ratings.rate(
            Rating(
                answer.id,
                "demo:colleague",
                Verdict.UP if right else Verdict.DOWN,
                datetime.now(UTC),
                correction="" if right else each.accepted,
            )
        )
    console.print(f"{thumbs} 👍, {len(asked) - thumbs} 👎 with corrections")


def holds(text: str, span: str) -> bool:
    """Whether ``text`` contains ``span`` as whole words: £450 does not contain £45."""
    return bool(re.search(rf"(?<!\w){re.escape(span)}(?!\w)", text, re.IGNORECASE))


def verdict(run: TrainingRun) -> None:
    """The gate's decision, in a table and a picture."""
    if run.evaluation:
        console.print(figures(run.evaluation))
        console.print(picture(run.evaluation))
    out.print(f"{run.outcome}: {run.reason}", style="bold")
    if run.report:
        out.print(f"The whole report, with its picture: {run.report}")


def figures(evaluation: Evaluation) -> Table:
    table = Table("", "live", "candidate", title=f"{evaluation.questions} held-back questions")
    for name in ("agreement", "f1", "contained", "cited", "refused", "characters"):
        live, candidate = getattr(evaluation.live, name), getattr(evaluation.candidate, name)
        table.add_row(name, f"{live:.2f}", f"{candidate:.2f}")
    return table


def picture(evaluation: Evaluation) -> Table:
    """Bars for live and candidate, drawn to the same scale."""
    table = Table.grid(padding=(0, 1))
    for name, score in (("live", evaluation.live), ("candidate", evaluation.candidate)):
        for figure in ("agreement", "contained"):
            share = getattr(score, figure)
            table.add_row(name, figure, "█" * round(40 * share) + "·" * round(40 * (1 - share)))
    return table


def side_by_side(asked: Sequence[Asked], before: Sequence[Answer], after: Sequence[Answer]) -> None:
    table = Table("question", "right", "before", "after", show_lines=True)
    for each, old, new in list(zip(asked, before, after, strict=True))[:_SHOWN]:
        cells = (each.text, each.accepted, old.text, new.text)
        table.add_row(*(escape(without_controls(cell)) for cell in cells))
    console.print(table)
    for name, answers in (("before", before), ("after", after)):
        overlap = sum(
            f1(answer.text, each.accepted) for each, answer in zip(asked, answers, strict=True)
        )
        console.print(f"{name}: word overlap with the right answer {overlap / len(asked):.2f}")


def step(number: str, name: str, what: str) -> None:
    console.print()
    console.rule(f"[bold]{number}. {name}", align="left")
    console.print(what, style="dim")


if __name__ == "__main__":
    main()
