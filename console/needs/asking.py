"""What the page Ask needs: something that answers, and that says how a search goes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.questions import Answer, Question

if TYPE_CHECKING:
    from knowledge.query.explained import Explained


@dataclass(frozen=True, slots=True)
class AskingNeeds:
    """``answer`` answers and records; it calls the function with each piece that a model writes.

    It raises Phi3Error; if the function raises Stopped, what was written before is the answer.
    ``explain`` searches for a question anew, which raises RetrievalError. ``prepare`` says that
    somebody may ask soon, and returns at once.
    """

    answer: Callable[[Question, Callable[[str], None]], Answer]
    explain: Callable[[Question], "Explained"]
    prepare: Callable[[], None] = lambda: None
