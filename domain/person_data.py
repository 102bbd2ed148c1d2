"""What is stored about one person, in numbers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PersonInNumbers:
    """``sources`` are those that the person asked to be read, or gave to others.

    ``cards`` are answers that the person wrote or confirmed as an expert, ``alone`` documents that
    nobody else may read. ``resting`` counts the questions of others whose answers rest on these:
    they are forgotten with the person. ``changes`` are rows of the audit log. ``is_nothing`` means
    that nothing is stored about the person, also of what is not counted here.
    """

    questions: int
    ratings: int
    corrections: int
    sources: int
    changes: int
    cards: int
    alone: int
    resting: int
    golden: int
    is_nothing: bool
