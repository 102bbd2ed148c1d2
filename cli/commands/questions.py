"""`phi3 search`, `ask`, `rate` and `evaluate`: what a person in Slack does, in the terminal."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.options import AsJson, Batch, the_one

if TYPE_CHECKING:
    from cli.rows import QuestionRow
    from domain.questions import Answer, Evidence

AtOnce = Annotated[int, typer.Option("--at-once", min=1, max=64, help="Questions at a time.")]


def search(
    question: Annotated[str | None, typer.Argument()] = None,
    batch: Batch = None,
    k: Annotated[
        int | None, typer.Option("-k", min=1, max=100, help="Passages: 5, or 10 with --batch.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find the passages that answer a question."""
    from cli.printing import out, print_json, progress
    from cli.rows import QuestionRow, read_rows
    from cli.settings import read_settings
    from cli.wiring import Container, question_of

    the_one(question, batch, "a QUESTION")
    with Container(read_settings()) as container:
        if batch:
            rows = read_rows(batch, QuestionRow)
            with progress() as bars:
                for row in bars.track(rows, description="Searching"):
                    found = container.searcher.search(question_of(row.question, row.turns), k or 10)
                    print_json({"id": row.id, **_evidence(found)})
            return
        found = container.searcher.search(question_of(question or ""), k or 5)
    if as_json:
        print_json(_evidence(found))
        return
    for n, passage in enumerate(found.passages, 1):
        out.print(f"[{n}] {passage.title}  ({passage.source})", style="bold", markup=False)
        out.print(passage.text + "\n", markup=False)
    if not found.sufficient:
        out.print("This is weak evidence: asked, the expert would not answer from it.")


def ask(
    question: Annotated[str | None, typer.Argument()] = None,
    batch: Batch = None,
    at_once: AtOnce = 8,
    as_json: AsJson = False,
) -> None:
    """Answer a question from the documents, with sources."""
    from cli.local_server import with_model_server
    from cli.printing import out, print_json, progress
    from cli.rows import QuestionRow, read_rows
    from cli.settings import read_settings
    from cli.wiring import Container, question_of

    the_one(question, batch, "a QUESTION")
    rows = read_rows(batch, QuestionRow) if batch else []
    with with_model_server(read_settings()) as settings, Container(settings) as container:
        answerer = container.answerer
        if batch:

            def answer(row: "QuestionRow") -> "Answer":
                return answerer.answer(question_of(row.question, row.turns))

            with ThreadPoolExecutor(at_once) as threads, progress() as bars:
                answers = threads.map(answer, rows)
                for row, answered in bars.track(
                    zip(rows, answers, strict=True), total=len(rows), description="Asking"
                ):
                    print_json({"id": row.id, **_answer(answered)})
            return
        if as_json:
            print_json(_answer(answerer.answer(question_of(question or ""))))
            return
        heard: list[str] = []

        def listen(piece: str) -> None:
            heard.append(piece)
            out.print(piece, end="", markup=False)

        answered = answerer.answer(question_of(question or ""), listen)
        out.print()
        if "".join(heard).strip() != answered.text:
            # A refusal names documents besides, and what was quoted nobody heard yet.
            out.print(answered.text, markup=False)
        for citation in answered.citations:
            name = f"[{citation.n}]" if citation.supports else "Nearest, though it does not say so:"
            out.print(f"{name} {citation.title}: “{citation.quote}”", markup=False)
        out.print(f"\nRate it: phi3 rate {answered.id} up|down", style="dim", markup=False)


def rate(
    answer_id: Annotated[str | None, typer.Argument()] = None,
    verdict: Annotated[str | None, typer.Argument(help="up or down")] = None,
    correction: Annotated[str, typer.Option(help="The right answer.")] = "",
    reason: Annotated[str, typer.Option(help="What was wrong.")] = "",
    by: Annotated[str | None, typer.Option(help="Who rates; you, by default.")] = None,
    batch: Batch = None,
    as_json: AsJson = False,
) -> None:
    """Say what you think of an answer; a second rating of the same person replaces the first."""
    from datetime import UTC, datetime

    from cli.printing import out, print_json
    from cli.rows import RatingRow, read_rows
    from cli.settings import read_settings
    from cli.wiring import Container, person
    from domain.questions import Rating, Verdict

    the_one(answer_id, batch, "an ANSWER_ID")
    if batch:
        rows = read_rows(batch, RatingRow)
    elif verdict in list(Verdict):
        rows = [
            RatingRow(
                answer_id=answer_id or "",
                verdict=Verdict(verdict),
                correction=correction,
                reason=reason,
                by=by,
            )
        ]
    else:
        raise typer.BadParameter("say up or down", param_hint="VERDICT")
    with Container(read_settings()) as container:
        for row in rows:
            # One unknown answer refuses the whole file, before anything is written.
            container.answers.get(row.answer_id)
        for row in rows:
            container.ratings.rate(
                Rating(
                    row.answer_id,
                    row.by or by or person(),
                    row.verdict,
                    datetime.now(UTC),
                    row.reason or "",
                    row.correction or "",
                )
            )
    if as_json:
        print_json({"rated": len(rows)})
    else:
        out.print(f"{len(rows)} rated. Thank you." if batch else "Rated. Thank you.")


def evaluate(
    questions: Annotated[Path, typer.Argument(help="JSON Lines with evidence or answer.")],
    at_once: AtOnce = 8,
    as_json: AsJson = False,
) -> None:
    """Ask questions whose right answers are known, and score the answers; nothing is recorded."""
    from cli.local_server import with_model_server
    from cli.printing import out, print_json, progress, table
    from cli.rows import QuestionRow, read_rows
    from cli.settings import read_settings
    from cli.wiring import Container, NullAnswerLog, question_of
    from training.evaluation import ScoredAnswer, score

    rows = [row for row in read_rows(questions, QuestionRow) if row.accepted]
    with with_model_server(read_settings()) as settings, Container(settings) as container:
        answerer = container.answerer_with(NullAnswerLog())

        def reply(row: "QuestionRow") -> "ScoredAnswer":
            answered = answerer.answer(question_of(row.question, row.turns))
            cited = any(citation.supports for citation in answered.citations)
            return ScoredAnswer(answered.text, row.accepted, cited, answered.refused)

        with ThreadPoolExecutor(at_once) as threads, progress() as bars:
            replies = list(
                bars.track(threads.map(reply, rows), total=len(rows), description="Asking")
            )
        live = container.adapters.live()
    figures = asdict(score(replies))
    if as_json:
        print_json({"questions": len(rows), "adapter": live.name if live else None, **figures})
    else:
        out.print(table(["figure", "mean"], [(k, f"{v:.3f}") for k, v in figures.items()]))


def _evidence(found: "Evidence") -> dict[str, Any]:
    return {
        "passages": [
            {
                "id": passage.id,
                "source": passage.source,
                "title": passage.title,
                "text": passage.text,
                "score": round(passage.score, 4),
            }
            for passage in found.passages
        ],
        "refused": not found.sufficient,
    }


def _answer(answer: "Answer") -> dict[str, Any]:
    return {
        "answer_id": answer.id,
        "text": answer.text,
        "citations": [
            {"n": citation.n, "source": citation.source, "quote": citation.quote}
            for citation in answer.citations
        ],
        "refused": answer.refused,
        "adapter": answer.adapter,
        "model": answer.model,
        "timings_ms": {name: round(ms, 1) for name, ms in asdict(answer.timings).items()},
    }
