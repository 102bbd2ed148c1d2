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
    question: str,
    passages: Sequence[Passage],
    history: Sequence[Message] = (),
    *,
    budget: int = 8_000,
) -> tuple[Message, ...]:
    """The conversation that a model is asked to continue.

    ``budget`` bounds the characters of passages and history together (4 characters are about one
    token of English); the question itself is cut at ``budget`` too. The best passages come first
    and stay; history keeps its latest turns, in what room the passages leave.
    """
    shown = fit(passages, budget)
    left = budget - sum(map(_size, shown))
    body = "\n\n".join(
        _PASSAGE.format(
            n=n, title=strip_control_tokens(passage.title), text=strip_control_tokens(passage.text)
        )
        for n, passage in enumerate(shown, 1)
    )
    asked = _QUESTION.format(
        passages=body, question=strip_control_tokens(question)[:budget].strip()
    )
    return (
        Message("system", _SYSTEM),
        *_latest(history, left),
        Message("user", asked.strip()),
    )


def fit(passages: Sequence[Passage], budget: int) -> tuple[Passage, ...]:
    """The passages, best first, that fit into ``budget`` characters with titles; at least one."""
    shown: list[Passage] = []
    for passage in passages:
        budget -= _size(passage)
        if shown and budget < 0:
            break
        shown.append(passage)
    return tuple(shown)


def _size(passage: Passage) -> int:
    return len(passage.title) + len(passage.text)


def _latest(history: Sequence[Message], room: int) -> tuple[Message, ...]:
    kept: list[Message] = []
    for turn in reversed(history):
        room -= len(turn.content)
        if room < 0:
            break
        kept.append(Message(turn.role, strip_control_tokens(turn.content)))
    # A conversation starts with the person: chat templates refuse one that does not.
    while kept and kept[-1].role != "user":
        kept.pop()
    return tuple(reversed(kept))
