"""The evidence gate: decides whether the passages fit the question well enough to ask the model.

It stops questions that have nothing to do with the documents. It cannot tell whether passages on
the right topic contain the answer, nor could any other combination of similarities and shared words
that was tried: then the model has to say that they do not.
"""

from collections.abc import Sequence

from domain.content_words import content_words
from domain.languages import language
from domain.questions import Passage

THRESHOLD = 0.25
"""It is low, because a wrong refusal is worse than a missing one. Measured with all-MiniLM-L6-v2:
above 0.3, answerable questions that use other words than the documents are refused too, and most
refusals are wrong."""

WITH_UNKNOWN_NAME = 0.45
"""The threshold for a question that names something that no document names. With all-MiniLM-L6-v2
the search then refuses 529 of 612 questions of XQuAD on the examples' handbook, 385 without it; of
its own 612, and of 174 on that handbook, none, and of 58 on another handbook one."""

BY_WORDS = 1 / 3
"""The share of a question's words that a passage must have to be found by its words. Chinese and
Japanese questions share fewer with their passage: each two letters in a row are a word there."""

_READ = 5
_COVERAGE = 0.5
_STEM = 5


def is_sufficient(
    question: str, passages: Sequence[Passage], *, unknown_name: bool = False
) -> bool:
    """Whether one of the best passages fits ``question`` well enough to answer from it.

    ``unknown_name``: the question names something that no document names.
    """
    return support(question, passages) >= (WITH_UNKNOWN_NAME if unknown_name else THRESHOLD)


def support(question: str, passages: Sequence[Passage]) -> float:
    """How well the best passage fits: its similarity plus half of the share of shared words.

    From -1 to 1.5. Only the first five letters of a word count, so that endings do not matter.
    """
    asked = _stems(question)
    return max((_fit(asked, passage) for passage in passages[:_READ]), default=-1.0)


def is_found_by_words(question: str, passages: Sequence[Passage]) -> bool:
    """Whether one of the best passages has enough words of ``question``, and its language too.

    So the documents have something in that language, whatever the embedding model reads.
    """
    asked, spoken = _stems(question), language(question)
    return any(
        len(asked & _stems(said)) >= BY_WORDS * len(asked) and language(said) == spoken
        for said in (f"{passage.title} {passage.text}" for passage in passages[:_READ])
    )


def _fit(asked: frozenset[str], passage: Passage) -> float:
    shared = asked & _stems(f"{passage.title} {passage.text}")
    return passage.similarity + _COVERAGE * len(shared) / max(len(asked), 1)


def _stems(text: str) -> frozenset[str]:
    return frozenset(word[:_STEM] for word in content_words(text))
