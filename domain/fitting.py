"""What of passages and conversation is shown to the model: as much as its budget of tokens holds.

The same prompt must be built again when the answer is trained on. So the passages are recorded as
they were shown, and the turns that are shown depend on the question and the budget alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.protocols import TokenCounter
from domain.questions import Message, Passage, Question
from domain.tokens import at_most, beginning, estimate

BUDGET = 1500
"""Tokens of passages and history where nothing else is set: some 6,000 characters of English."""

FRAME = 128
"""Bounds the tokens of the instructions, and of what the chat template adds to them."""

QUESTION = 256
"""Tokens of a question that take nothing from the budget."""

_HISTORY = 3  # history has at most a third of the budget; the question may take another third
_AROUND_PASSAGE = 10  # its number and line ends, at most a token a byte
_AROUND_TURN = 8
_LEAST = 32  # a passage of fewer tokens says nothing
_LONGEST_TITLE = 200  # characters
_CHARACTERS = 8  # no language has more of them in a token, in the mean
_MARGIN = 0.9  # a part of a text may have more tokens for its length than the whole
_SENTENCE_ENDS = (". ", "! ", "? ", ".\n", "!\n", "?\n", "\n\n", "。", "！", "？", "।", "؟")


@dataclass(frozen=True, slots=True)
class FittedPrompt:
    """The passages, best first, and the turns, oldest first, that a prompt holds."""

    passages: tuple[Passage, ...]
    history: tuple[Message, ...]


def longest_row(budget: int, max_tokens: int) -> int:
    """The tokens of the longest prompt together with the longest answer to it."""
    return FRAME + QUESTION + budget + max_tokens


def recent(history: Sequence[Message], budget: int) -> tuple[Message, ...]:
    """The latest turns, from a person's on, that a third of ``budget`` (tokens) holds."""
    kept: list[Message] = []
    room = budget // _HISTORY
    for turn in reversed(history):
        room -= estimate(turn.content) + _AROUND_TURN
        if room < 0:
            break
        kept.append(turn)
    # A conversation starts with the person: chat templates refuse one that does not.
    while kept and kept[-1].role != "user":
        kept.pop()
    return tuple(reversed(kept))


def fit(
    question: Question,
    passages: Sequence[Passage],
    counter: TokenCounter,
    *,
    budget: int,
    max_tokens: int,
) -> FittedPrompt | None:
    """What is shown of ``passages`` and the conversation; None where the question is too long.

    ``budget`` bounds the tokens of passages, with their titles, and history; with the question and
    ``max_tokens`` of answer they fit into the model's context, too. At least one passage is shown:
    the best, cut where it alone is too long. Tokens are counted only where it may matter.
    """
    room = budget + QUESTION
    if counter.context is not None:
        room = min(room, counter.context - max_tokens - FRAME)
    history = recent(question.history, budget)
    found = [_clipped(passage, max(room, 1)) for passage in passages]
    texts = [question.text, *(turn.content for turn in history), *map(_text, found)]
    around = [0, *[_AROUND_TURN] * len(history), *[_AROUND_PASSAGE] * len(found)]
    counts = [at_most(text) for text in texts]
    if sum(counts) + sum(around) > min(budget, room):
        counts = counter.count(texts)
    costs = [count + extra for count, extra in zip(counts, around, strict=True)]
    asked, said, costs = costs[0], sum(costs[1 : 1 + len(history)]), costs[1 + len(history) :]
    left = min(room - asked, budget)
    if asked > QUESTION + budget // _HISTORY or left < _LEAST:
        return None
    if left - said < _LEAST:
        history, said = (), 0
    return FittedPrompt(_fitting(found, costs, left - said), history)


def _fitting(passages: Sequence[Passage], costs: Sequence[int], room: int) -> tuple[Passage, ...]:
    shown: list[Passage] = []
    for passage, cost in zip(passages, costs, strict=True):
        if cost > room:
            break
        shown.append(passage)
        room -= cost
    if passages and not shown:
        shown.append(_cut(passages[0], costs[0], room))
    return tuple(shown)


def _cut(passage: Passage, cost: int, room: int) -> Passage:
    """The beginning of ``passage``, which has ``cost`` tokens, that fits into ``room``.

    It ends with a sentence, or else with a word, where one ends in its second half.
    """
    whole = max(estimate(_text(passage)), 1)
    share = _MARGIN * (room - _AROUND_PASSAGE) / max(cost - _AROUND_PASSAGE, 1)
    title = beginning(passage.title, share * whole / 4)
    part = beginning(passage.text, max(share * whole - estimate(title), 0))
    end = len(part)
    ends = [at + len(mark) for mark in _SENTENCE_ENDS if (at := part.rfind(mark)) >= 0]
    boundary = max(ends, default=0)
    if boundary < end // 2:
        boundary = max(part.rfind(" "), part.rfind("\n"))
    kept = part[:boundary] if boundary >= end // 2 else part
    return replace(passage, title=title, text=kept.rstrip())


def _clipped(passage: Passage, room: int) -> Passage:
    """``passage`` without what can never be shown, so that it need not be counted."""
    title, text = passage.title[:_LONGEST_TITLE], passage.text[: _CHARACTERS * room]
    if (title, text) == (passage.title, passage.text):
        return passage
    return replace(passage, title=title, text=text)


def _text(passage: Passage) -> str:
    return f"{passage.title}\n{passage.text}"
