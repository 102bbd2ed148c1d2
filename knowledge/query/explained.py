"""What a search found and how, for people who look into it."""

from dataclasses import dataclass

from domain.questions import Evidence, Passage
from knowledge.query.steps import Done


@dataclass(frozen=True, slots=True)
class Explained:
    """What a search found, and what each step did."""

    evidence: Evidence
    steps: tuple[Done, ...]

    def places(self, passage: Passage) -> dict[str, int | None]:
        """The passage's place after each step that orders; None if it was not there then."""
        return {
            done.step.value: done.order.index(passage.key) + 1
            if passage.key in done.order
            else None
            for done in self.steps
            if done.orders
        }

    def questions(self) -> dict[str, str | None]:
        """What each step that changes the question made of it; None if it changed nothing."""
        return {done.step.value: done.note or None for done in self.steps if not done.orders}
