"""Shows what each step of a search did: what was searched for, and the place of each passage."""

from typing import TYPE_CHECKING, Any

from cli.printing import out, table

if TYPE_CHECKING:
    from knowledge.query.explained import Explained


def as_json(explained: "Explained") -> dict[str, Any]:
    return {
        "question": explained.questions(),
        "places": [explained.places(passage) for passage in explained.evidence.passages],
    }


def show(explained: "Explained") -> None:
    for step, asked in explained.questions().items():
        out.print(f"{step}: {asked or 'nothing to change'}")
    ordering = [done.step.value for done in explained.steps if done.orders]
    rows = []
    for n, passage in enumerate(explained.evidence.passages, 1):
        after = explained.places(passage)
        rows.append([f"[{n}]", *(after[step] or "-" for step in ordering)])
    out.print("\nThe place of each passage after each step:")
    out.print(table(["", *ordering], rows))
