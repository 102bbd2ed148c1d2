"""Shows what each step of a search did: what was searched for, and the place of each passage."""

from typing import TYPE_CHECKING, Any

from cli.printing import out, table

if TYPE_CHECKING:
    from domain.questions import Passage
    from knowledge.query.search import Explained


def places(explained: "Explained", passage: "Passage") -> dict[str, int | None]:
    """The passage's place after each step that orders; None if it was not there then."""
    return {
        done.step.value: done.order.index(passage.key) + 1 if passage.key in done.order else None
        for done in explained.steps
        if done.orders
    }


def questions(explained: "Explained") -> dict[str, str | None]:
    """What each step that changes the question made of it; None if it changed nothing."""
    return {done.step.value: done.note or None for done in explained.steps if not done.orders}


def as_json(explained: "Explained") -> dict[str, Any]:
    return {
        "question": questions(explained),
        "places": [places(explained, passage) for passage in explained.evidence.passages],
    }


def show(explained: "Explained") -> None:
    for step, asked in questions(explained).items():
        out.print(f"{step}: {asked or 'nothing to change'}")
    ordering = [done.step.value for done in explained.steps if done.orders]
    rows = []
    for n, passage in enumerate(explained.evidence.passages, 1):
        after = places(explained, passage)
        rows.append([f"[{n}]", *(after[step] or "-" for step in ordering)])
    out.print("\nThe place of each passage after each step:")
    out.print(table(["", *ordering], rows))
