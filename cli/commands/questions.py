"""`phi3 search`, `ask`, `rate` and `evaluate`: asking and rating in the terminal."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import explaining
from cli.asking import Batch as AskedBatch
from cli.asking import each_in_order, person, question_of, readable
from cli.command import command
from cli.options import AsJson, Batch, the_one
from cli.printing import out, print_json, progress, table
from domain.errors import Phi3Error
from domain.links import link_to, titled
from domain.questions import Rating, Verdict
from domain.unrecorded import NullAnswerLog

if TYPE_CHECKING:
    from cli.rows import QuestionRow
    from domain.blocks import Where
    from domain.questions import Answer, Evidence, Newer
    from knowledge.query.explained import Explained
    from records.cards import Cards
    from training.evaluation import ScoredAnswer

_NOT_COMPARED = "Because of its language this could not be compared with the passages"

AtOnce = Annotated[int, typer.Option("--at-once", min=1, max=64, help="Questions at a time.")]


def search(
    question: Annotated[str | None, typer.Argument()] = None,
    batch: Batch = None,
    k: Annotated[
        int | None, typer.Option("-k", min=1, max=100, help="Passages: 5, or 10 with --batch.")
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show what each step did to the order.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Find the passages that answer a question."""
    the_one(question, batch, "a QUESTION")
    rows = _rows(batch) if batch else []
    with command(brief=not batch) as container:
        searcher, audience = container.searcher, readable(container)
        if batch:
            _print_each(
                rows,
                lambda row: _found(
                    searcher.explain(
                        question_of(row.question, row.turns, audience=audience), k or 10
                    ),
                    with_steps=explain,
                ),
                at_once=1,
                doing="Searching",
            )
            return
        explained = searcher.explain(question_of(question or "", audience=audience), k or 5)
    found = explained.evidence
    if as_json:
        print_json(_found(explained, with_steps=explain))
        return
    for n, passage in enumerate(found.passages, 1):
        address = link_to(passage.source, passage.where) or passage.source
        out.print(f"[{n}] {titled(passage.title, passage.where.label)}  ({address})", style="bold")
        if passage.newer:
            out.print(f"There is a newer version: {_named(passage.newer)}")
        out.print(passage.text + "\n")
    if not found.sufficient:
        out.print("This is weak evidence: the expert would not answer this question.")
        if found.foreign:
            from domain.answering import ENGLISH_ONLY

            out.print(ENGLISH_ONLY)
    if explain:
        explaining.show(explained)


def ask(
    question: Annotated[str | None, typer.Argument()] = None,
    batch: Batch = None,
    at_once: AtOnce = 8,
    as_json: AsJson = False,
) -> None:
    """Answer a question from the documents, with sources.

    A batch prints one line for each row, in order; a failed row has an "error". If it is run again,
    it asks only rows without an answer, unless the adapter, the documents or the settings changed.
    """
    the_one(question, batch, "a QUESTION")
    rows = _rows(batch) if batch else []
    with command(model_server=True, brief=not batch) as container:
        answerer, audience = container.answerer, readable(container)
        if batch:
            asked = AskedBatch(container)
            _print_each(
                rows,
                lambda row: _answer(answerer.answer(asked.question(row)), container.cards),
                at_once,
                doing="Asking",
            )
            return
        if as_json:
            answered = answerer.answer(question_of(question or "", audience=audience))
            print_json(_answer(answered, container.cards))
            return
        streamed: list[str] = []

        def listen(piece: str) -> None:
            streamed.append(piece)
            out.print(piece, end="")

        answered = answerer.answer(question_of(question or "", audience=audience), listen)
        verified = _verified(answered, container.cards)
    out.print()
    if "".join(streamed).strip() != answered.text:
        # Refusals and quotations are not streamed, so they are printed here.
        out.print(answered.text)
    from domain.numbering import UNSUPPORTED

    for sentence in answered.sentences:
        if not sentence.supported:
            said = answered.text[sentence.start : sentence.end]
            why = "No passage supports this" if sentence.compared else _NOT_COMPARED
            out.print(f"{UNSUPPORTED} {why}: “{said}”")
    is_compared = all(sentence.compared for sentence in answered.sentences)
    nearest = "The nearest, which does not say this:" if is_compared else "The nearest:"
    for citation in answered.citations:
        name = f"[{citation.n}]" if citation.supports else nearest
        out.print(f"{name} {titled(citation.title, citation.where.label)}: “{citation.quote}”")
        if citation.newer:
            out.print(f"    There is a newer version: {_named(citation.newer)}")
        if confirmed := verified.get(citation.source):
            out.print(f"    Verified by {confirmed['by']} on {confirmed['on']}")
    out.print(f"\nRate it: phi3 rate {answered.id} up|down", style="dim")


def rate(
    answer_id: Annotated[str | None, typer.Argument()] = None,
    verdict: Annotated[str | None, typer.Argument(help="up or down")] = None,
    correction: Annotated[str, typer.Option(help="The right answer.")] = "",
    reason: Annotated[str, typer.Option(help="What was wrong.")] = "",
    by: Annotated[str | None, typer.Option(help="Who rates; you, by default.")] = None,
    batch: Batch = None,
    as_json: AsJson = False,
) -> None:
    """Rate an answer; a person's second rating of an answer replaces the first.

    If a batch contains an unknown answer, it is refused as a whole, and nothing is written.
    """
    the_one(answer_id, batch, "an ANSWER_ID")
    if not batch and verdict not in list(Verdict):
        raise typer.BadParameter("say up or down", param_hint="VERDICT")
    from cli.rows import RatingRow, read_rows

    if batch:
        rows = read_rows(batch, RatingRow)
    else:
        given = Verdict(verdict or "")
        rows = [
            RatingRow(
                answer_id=answer_id or "", verdict=given, correction=correction, reason=reason
            )
        ]
    with command() as container:
        for row in rows:
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
    rows = [row for row in _rows(questions) if row.accepted]
    with command(model_server=True) as container:
        from training.evaluation import ScoredAnswer, score

        answerer, audience = container.answerer_with(NullAnswerLog()), readable(container)

        def reply(row: "QuestionRow") -> "ScoredAnswer":
            answered = answerer.answer(question_of(row.question, row.turns, audience=audience))
            cited = any(citation.supports for citation in answered.citations)
            return ScoredAnswer(answered.text, row.accepted, cited, answered.refused)

        with progress() as bars:
            coming = bars.track(
                each_in_order(rows, reply, at_once), total=len(rows), description="Asking"
            )
            figures = asdict(score([each.result() for each in coming]))
        live = container.live_adapter()
    if as_json:
        print_json({"questions": len(rows), "adapter": live, **figures})
    else:
        out.print(table(["figure", "mean"], [(k, f"{v:.3f}") for k, v in figures.items()]))


def _rows(file: Path) -> "list[QuestionRow]":
    from cli.rows import QuestionRow, read_rows

    return read_rows(file, QuestionRow)


def _print_each(
    rows: "Sequence[QuestionRow]",
    work: "Callable[[QuestionRow], Mapping[str, Any]]",
    at_once: int,
    doing: str,
) -> None:
    """Prints one line of JSON for each row, in order; raises Phi3Error at the end if any failed."""
    failed = 0
    with progress() as bars:
        coming = bars.track(each_in_order(rows, work, at_once), total=len(rows), description=doing)
        for row, each in zip(rows, coming, strict=True):
            try:
                print_json({"id": row.id, **each.result()})
            except Phi3Error as error:
                failed += 1
                print_json({"id": row.id, "error": str(error)})
    if failed:
        raise Phi3Error(f"{failed} of {len(rows)} rows failed; run it again to ask only those.")


def _found(explained: "Explained", *, with_steps: bool) -> dict[str, Any]:
    steps = {"steps": explaining.as_json(explained)} if with_steps else {}
    return _evidence(explained.evidence) | steps


def _evidence(found: "Evidence") -> dict[str, Any]:
    return {
        "passages": [
            {
                "id": passage.id,
                "source": passage.source,
                "also": list(passage.also),
                "title": passage.title,
                "text": passage.text,
                **_place(passage.source, passage.where),
                "newer": passage.newer.source if passage.newer else None,
                "score": round(passage.score, 4),
            }
            for passage in found.passages
        ],
        "refused": not found.sufficient,
    }


def _named(newer: "Newer") -> str:
    return f"{newer.title} ({newer.source})" if newer.title else newer.source


def _place(source: str, where: "Where") -> dict[str, str | None]:
    """The place in the document for people, and the address that opens it; null if unknown."""
    return {"where": where.label or None, "link": link_to(source, where)}


def _verified(answer: "Answer", cards: "Cards") -> dict[str, dict[str, str]]:
    """Who confirmed sources that support an answer, by source, and on which day."""
    return {
        card.source: {"by": card.name or card.confirmed_by, "on": f"{card.confirmed_at:%Y-%m-%d}"}
        for card in cards.verified_of(answer.supporting)
    }


def _answer(answer: "Answer", cards: "Cards") -> dict[str, Any]:
    verified = _verified(answer, cards)
    return {
        "answer_id": answer.id,
        "text": answer.text,
        "citations": [
            {
                "n": citation.n,
                "source": citation.source,
                "quote": citation.quote,
                **_place(citation.source, citation.where),
                "newer": citation.newer.source if citation.newer else None,
                "verified": verified.get(citation.source),
            }
            for citation in answer.citations
        ],
        "sentences": [
            {
                "text": answer.text[sentence.start : sentence.end],
                "supported": sentence.supported,
                "differs": list(sentence.differs),
            }
            for sentence in answer.sentences
        ],
        "refused": answer.refused,
        "adapter": answer.adapter,
        "model": answer.model,
        "timings_ms": {name: round(ms, 1) for name, ms in asdict(answer.timings).items()},
    }
