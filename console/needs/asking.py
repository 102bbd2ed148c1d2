"""What the page Ask needs: something that answers, and that says how a search goes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.questions import Answer, Question

if TYPE_CHECKING:
    from knowledge.query.search import Explained


@dataclass(frozen=True, slots=True)
class AskingNeeds:
    """``answer`` answers and records; it calls the function with each piece that a model writes.

    It raises Phi3Error. ``explain`` searches for a question anew, which raises RetrievalError.
    """

    answer: Callable[[Question, Callable[[str], None]], Answer]
    explain: Callable[[Question], "Explained"]
