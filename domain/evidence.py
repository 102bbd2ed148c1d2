"""The evidence gate: whether what was found is worth asking a model about.

It catches questions that have nothing to do with the documents. It cannot tell whether passages on
the right topic hold the answer, and no other sum of similarities and shared words that was tried
could: there the model has to say that they do not.
"""

from collections.abc import Sequence

from domain.citations import content_words
from domain.questions import Passage

THRESHOLD = 0.25
"""Low, because a wrong refusal is worse than a missed one. Measured with all-MiniLM-L6-v2: above
0.3 answerable questions in loose words are refused too, and most refusals are wrong."""

_READ = 5
_COVERAGE = 0.5
_STEM = 5


def is_sufficient(question: str, passages: Sequence[Passage]) -> bool:
    """Whether one of the best passages is near enough to ``question`` to be worth reading."""
    return support(question, passages) >= THRESHOLD


def support(question: str, passages: Sequence[Passage]) -> float:
    """How well the best passage fits: its similarity, and half of the share of shared words.

    From -1 to 1.5. Words count by their first five letters, so that endings do not matter.
    """
    asked = _stems(question)
    return max((_fit(asked, passage) for passage in passages[:_READ]), default=-1.0)


def _fit(asked: frozenset[str], passage: Passage) -> float:
    shared = asked & _stems(f"{passage.title} {passage.text}")
    return passage.similarity + _COVERAGE * len(shared) / max(len(asked), 1)


def _stems(text: str) -> frozenset[str]:
    return frozenset(word[:_STEM] for word in content_words(text))
