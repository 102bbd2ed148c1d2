"""What is stored about one person, in numbers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PersonInNumbers:
    """``sources`` are those that the person asked to be read, or gave to others."""

    questions: int = 0
    ratings: int = 0
    corrections: int = 0
    sources: int = 0
    changes: int = 0
    """Rows of the audit log."""

    @property
    def is_nothing(self) -> bool:
        return not (
            self.questions or self.ratings or self.corrections or self.sources or self.changes
        )
