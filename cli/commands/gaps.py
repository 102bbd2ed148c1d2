"""`phi3 gaps`: what the documents do not answer."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli.command import command
from cli.options import LARGEST, AsJson
from cli.printing import out, print_json, table
from domain.text import truncate

if TYPE_CHECKING:
    from bot.gaps.overview import GapView
    from cli.wiring import Container

Limit = Annotated[int, typer.Option(min=1, max=LARGEST, help="How many gaps to list.")]

_HIDDEN = "(asked in private)"


def gaps(limit: Limit = 20, as_json: AsJson = False) -> None:
    """List what people asked and the documents do not answer, the most frequent first.

    Questions from private channels and direct messages count, but their words are not shown.
    """
    with command() as container:
        from records.retrieval_cases import RetrievalCases

        found = _largest(container, limit)
        again = RetrievalCases(container.database).found()
    if as_json:
        by_now = {"searched_again": len(again), "found_by_now": sum(again.values())}
        print_json({"gaps": [_row(view) for view in found], "retrieval_cases": by_now})
        return
    columns = ["gap", "questions", "people", "new", "last", "asked", "nearest document"]
    rows = [
        (
            view.gap.id,
            view.questions,
            view.people,
            view.new,
            f"{view.last_at:%Y-%m-%d}",
            truncate(view.name or _HIDDEN, 80),
            view.documents[0].title if view.documents else "",
        )
        for view in found
    ]
    out.print(table(columns, rows) if rows else "Nothing was left unanswered in four weeks.")
    if again:
        out.print(
            f"Of {len(again)} bad answers whose right passage was not found, the search finds "
            f"{sum(again.values())} by now."
        )


def _largest(container: "Container", limit: int) -> "list[GapView]":
    from bot.gaps.finding import GapFinder
    from bot.gaps.overview import Overview, TerminalViewer
    from records.channels import Channels
    from records.gaps import Gaps

    records = Gaps(container.database)
    finder = GapFinder(records, lambda: container.embedder)
    overview = Overview(records, container.sources, Channels(container.database))
    now, found = datetime.now(UTC), list["GapView"]()
    for team in records.teams():
        finder.refresh(team, now)
        found += overview.largest(team, TerminalViewer([team]), limit, now)
    return sorted(found, key=lambda view: (-view.questions, -view.people, view.gap.id))[:limit]


def _row(view: "GapView") -> dict[str, object]:
    gap = view.gap
    return {
        "id": gap.id,
        "team": gap.team or None,
        "name": view.name or None,
        "questions": view.questions,
        "people": view.people,
        "new": view.new,
        "unanswered": view.refused,
        "rated_bad": view.rated_bad,
        "hidden": view.hidden,
        "first_at": view.first_at.isoformat(),
        "last_at": view.last_at.isoformat(),
        "channels": list(view.channels),
        "documents": [{"source": one.address, "title": one.title} for one in view.documents],
        "owner": view.owner or None,
        "reopened_at": gap.reopened_at.isoformat() if gap.reopened_at else None,
        "asked": [
            {
                "text": one.question.text,
                "by": one.question.asked_by,
                "at": one.question.asked_at.isoformat(),
                "cause": one.failed.cause,
            }
            for one in view.readable
        ],
    }
