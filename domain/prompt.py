"""The one renderer of prompts: answering, training and evaluation all call it.

What is trained is therefore what is served. Control tokens are taken out of what people and
documents bring in: no string of a chat template gets through, whichever model is behind.
"""

from collections.abc import Sequence
from hashlib import sha256

from domain.control_tokens import strip_control_tokens
from domain.questions import Message, Passage

REFUSAL = "The documents do not say."
"""What the model is told to answer where the passages hold no answer."""

_SYSTEM = (
    "You answer colleagues' questions from the passages of the team's own documents. "
    "Use only the passages. Answer briefly, in the passages' own words. "
    f"If they do not hold the answer, say: {REFUSAL}"
)
_PASSAGE = "[{n}] {title}\n{text}"
_QUESTION = "{passages}\n\nQuestion: {question}"

PROMPT_VERSION = sha256(f"{_SYSTEM}\n{_PASSAGE}\n{_QUESTION}".encode()).hexdigest()[:8]
"""Changes whenever the wording does; recorded with each answer."""


def render(
    question: str, passages: Sequence[Passage], history: Sequence[Message] = ()
) -> tuple[Message, ...]:
    """The conversation that a model is asked to continue: all of what it is given, in order.

    `domain.fitting` chooses what fits.
    """
    body = "\n\n".join(
        _PASSAGE.format(
            n=n, title=strip_control_tokens(passage.title), text=strip_control_tokens(passage.text)
        )
        for n, passage in enumerate(passages, 1)
    )
    asked = _QUESTION.format(passages=body, question=strip_control_tokens(question).strip())
    return (
        Message("system", _SYSTEM),
        *(Message(turn.role, strip_control_tokens(turn.content)) for turn in history),
        Message("user", asked.strip()),
    )
