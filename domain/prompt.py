"""Renders prompts. Answering, training and evaluation all call it, so their prompts are the same.

Control tokens are removed from what people and documents say, so that no text can act as a part of
the chat template, whichever model is served.
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import groupby

from domain.control_tokens import strip_control_tokens
from domain.questions import Message, Passage

REFUSAL = "The documents do not say."
"""What the model is told to answer if the passages hold no answer."""

_SYSTEM = (
    "You answer colleagues' questions from the passages of the team's own documents. "
    "Use only the passages. Answer briefly, in the passages' own words. "
    f"If they do not hold the answer, say: {REFUSAL}"
)
_PASSAGE = "[{n}] {title}\n{text}"
_QUESTION = "{passages}\n\nQuestion: {question}"

PROMPT_VERSION = sha256(f"{_SYSTEM}\n{_PASSAGE}\n{_QUESTION}".encode()).hexdigest()[:8]
"""It changes whenever the wording of the prompt changes, and is recorded with each answer."""


def render(
    question: str, passages: Sequence[Passage], history: Sequence[Message] = ()
) -> tuple[Message, ...]:
    """The messages that the model continues; everything that is passed in is used.

    `domain.fitting` chooses what fits into the prompt.
    """
    body = "\n\n".join(
        _PASSAGE.format(
            n=n, title=strip_control_tokens(passage.title), text=strip_control_tokens(passage.text)
        )
        for n, passage in enumerate(passages, 1)
    )
    asked = _QUESTION.format(passages=body, question=strip_control_tokens(question).strip())
    turns = [Message(turn.role, strip_control_tokens(turn.content)) for turn in history]
    return (Message("system", _SYSTEM), *_joined([*turns, Message("user", asked.strip())]))


def _joined(turns: Sequence[Message]) -> Iterator[Message]:
    """The turns, those of the same side in a row as one: chat templates refuse two in a row."""
    for role, same in groupby(turns, key=lambda turn: turn.role):
        yield Message(role, "\n\n".join(turn.content for turn in same))
