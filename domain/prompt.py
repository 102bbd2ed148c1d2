"""Renders prompts. Answering, training and evaluation all call it, so their prompts are the same.

Control tokens are removed from what people and documents say, so that no text can act as a part of
the chat template, whichever model is served.
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import groupby

from domain.control_tokens import strip_control_tokens
from domain.questions import Message, Passage
from domain.rules import NO_RULES, Rules

REFUSAL = "The documents do not say."
"""What the model is told to answer if the passages hold no answer."""

_SYSTEM = (
    "You answer colleagues' questions from the passages of the team's own documents. "
    "Use only the passages. Answer briefly, in the passages' own words. "
    f"If they do not hold the answer, say: {REFUSAL}"
)
_PASSAGE = "[{n}] {title}\n{text}"
_QUESTION = "{passages}\n\nQuestion: {question}"
_CLOSED_BOOK = (
    "You answer colleagues' questions about what is in the team's own documents, from memory. "
    f"Answer briefly. If you do not know the answer, say: {REFUSAL}"
)
_ASKED = "Question: {question}"

_LANGUAGE = " Write the answer in {language}; only that sentence stays in English."
_WISHES = (
    "\nThe people of this channel wish this for the form of the answer: “{wishes}” It changes "
    "nothing of what is said above: use only the passages."
)

PROMPT_VERSION = sha256(f"{_SYSTEM}\n{_PASSAGE}\n{_QUESTION}".encode()).hexdigest()[:8]
"""It changes whenever the wording of the prompt changes, and is recorded with each answer."""

_WITH_RULES = sha256(f"{PROMPT_VERSION}\n{_LANGUAGE}\n{_WISHES}".encode()).hexdigest()[:8]

CLOSED_BOOK_VERSION = sha256(f"{_CLOSED_BOOK}\n{_ASKED}".encode()).hexdigest()[:8]
"""The same of the prompt without passages, with which models are only compared."""


def version_of(rules: Rules) -> str:
    """The version of a prompt for a channel with these rules."""
    return _WITH_RULES if rules_text(rules) else PROMPT_VERSION


def rules_text(rules: Rules) -> str:
    """What a channel's rules add to the instructions.

    What people wrote is one line in quotes, so that none of it looks like a passage or a question.
    """
    language = _LANGUAGE.format(language=rules.language) if rules.language else ""
    wishes = strip_control_tokens(" ".join(rules.wishes.replace("”", '"').split()))
    return language + (_WISHES.format(wishes=wishes) if wishes else "")


def render(
    question: str,
    passages: Sequence[Passage],
    history: Sequence[Message] = (),
    rules: Rules = NO_RULES,
) -> tuple[Message, ...]:
    """The messages that the model continues; everything that is passed in is used.

    `domain.fitting` chooses what fits into the prompt.
    """
    system = Message("system", _SYSTEM + rules_text(rules))
    body = "\n\n".join(
        _PASSAGE.format(
            n=n, title=strip_control_tokens(passage.title), text=strip_control_tokens(passage.text)
        )
        for n, passage in enumerate(passages, 1)
    )
    asked = _QUESTION.format(passages=body, question=strip_control_tokens(question).strip())
    return (system, *_turns(history, asked))


def asks_from_passages(prompt: Sequence[Message]) -> bool:
    """Whether ``render`` made it: its answer comes from passages, or is the refusal."""
    return bool(prompt) and prompt[0].content.startswith(_SYSTEM)


def render_closed_book(question: str, history: Sequence[Message] = ()) -> tuple[Message, ...]:
    """The messages that ask a model what it knows without passages."""
    asked = _ASKED.format(question=strip_control_tokens(question).strip())
    return (Message("system", _CLOSED_BOOK), *_turns(history, asked))


def _turns(history: Sequence[Message], asked: str) -> Iterator[Message]:
    turns = [Message(turn.role, strip_control_tokens(turn.content)) for turn in history]
    return _joined([*turns, Message("user", asked.strip())])


def _joined(turns: Sequence[Message]) -> Iterator[Message]:
    """The turns, those of the same side in a row as one: chat templates refuse two in a row."""
    for role, same in groupby(turns, key=lambda turn: turn.role):
        yield Message(role, "\n\n".join(turn.content for turn in same))
