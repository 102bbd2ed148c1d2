"""Whether the passages that the model was shown contain what an answer says."""

from domain.citations import content_words
from domain.prompt import REFUSAL
from domain.questions import Answer
from domain.support.compare import ENOUGH

_YES_AND_NO = frozenset(("yes", "no"))
"""Words that an answer may use although no passage contains them."""


def grounded(text: str, answer: Answer) -> bool:
    """Whether the passages contain the text's words; training on others would teach to invent."""
    if not answer.passages or text == REFUSAL:
        return text == REFUSAL
    shown = _YES_AND_NO.union(*(content_words(one.text) for one in answer.passages))
    words = content_words(text)
    return bool(words) and len(words & shown) / len(words) >= ENOUGH
