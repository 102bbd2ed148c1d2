"""Chooses the passages and earlier turns for a prompt, as many as fit into the token budget.

The same prompt must be built again when the answer is trained on. So the passages are recorded as
they were shown, and which turns are shown depends only on the question and the budget.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.prompt import rules_text
from domain.protocols import TokenCounter
from domain.questions import Message, Passage, Question
from domain.rules import Rules
from domain.tokens import at_most, beginning, estimate

BUDGET = 1500
"""The default number of tokens for passages and history: about 6,000 characters of English."""

FRAME = 128
"""The instructions, and what the chat template adds, have at most this many tokens."""

QUESTION = 256
"""This many tokens of a question do not count towards the budget."""

_HISTORY = 3  # history has at most a third of the budget; the question may take another third
_WISHES = 4  # what a channel's people wrote for the model has at most a quarter of the budget
_AROUND_PASSAGE = 10  # its number and line ends, with one token for each byte
_AROUND_TURN = 8
_LEAST = 32  # a passage of fewer tokens is of no use
_LONGEST_TITLE = 200  # characters
_CHARACTERS = 8  # no language has more characters in a token, on average
_MARGIN = 0.9  # a part of a text may have more tokens for its length than the whole text
_SENTENCE_ENDS = (". ", "! ", "? ", ".\n", "!\n", "?\n", "\n\n", "。", "！", "？", "।", "؟")


@dataclass(frozen=True, slots=True)
class FittedPrompt:
    """The passages of a prompt, best first, and its earlier turns, oldest first."""

    passages: tuple[Passage, ...]
    history: tuple[Message, ...]


def longest_row(budget: int, max_tokens: int) -> int:
    """How many tokens the longest prompt and the longest answer have together."""
    return FRAME + QUESTION + budget + max_tokens


def recent(history: Sequence[Message], budget: int) -> tuple[Message, ...]:
    """The latest turns that fit into a third of ``budget`` (tokens), beginning with a person's."""
    kept: list[Message] = []
    room = budget // _HISTORY
    for turn in reversed(history):
        room -= estimate(turn.content) + _AROUND_TURN
        if room < 0:
            break
        kept.append(turn)
    # Chat templates refuse a conversation that does not begin with the person.
    while kept and kept[-1].role != "user":
        kept.pop()
    return tuple(reversed(kept))


def fitting_rules(rules: Rules, budget: int) -> Rules:
    """``rules`` with as much of their wishes as fits into a quarter of ``budget`` (tokens)."""
    return replace(rules, wishes=beginning(rules.wishes, budget // _WISHES))


def fit(
    question: Question,
    passages: Sequence[Passage],
    counter: TokenCounter,
    *,
    budget: int,
    max_tokens: int,
) -> FittedPrompt | None:
    """Chooses passages and earlier turns for the prompt; None if the question is too long.

    Passages, with their titles, history and the channel's rules have at most ``budget`` tokens;
    together with the question and an answer of ``max_tokens`` they fit into the model's context, if
    ``counter`` knows that. At least the best passage is shown, shortened if it is too long. Tokens
    are counted only if the texts are long enough to exceed a limit.
    """
    room = budget + QUESTION
    if counter.context is not None:
        room = min(room, counter.context - max_tokens - FRAME)
    history = recent(question.history, budget)
    found = [_clipped(passage, max(room, 1)) for passage in passages]
    added = [text] if (text := rules_text(fitting_rules(question.rules, budget))) else []
    texts = [question.text, *added, *(turn.content for turn in history), *map(_text, found)]
    around = [0, *[0] * len(added), *[_AROUND_TURN] * len(history), *[_AROUND_PASSAGE] * len(found)]
    counts = [at_most(text) for text in texts]
    if sum(counts) + sum(around) > min(budget, room):
        counts = counter.count(texts)
    costs = [count + extra for count, extra in zip(counts, around, strict=True)]
    question_cost, costs = costs[0], costs[1:]
    rules_cost, costs = sum(costs[: len(added)]), costs[len(added) :]
    history_cost, costs = sum(costs[: len(history)]), costs[len(history) :]
    room = min(room - question_cost, budget) - rules_cost
    if question_cost > QUESTION + budget // _HISTORY or room < _LEAST:
        return None
    if room - history_cost < _LEAST:
        history, history_cost = (), 0
    return FittedPrompt(_fitting(found, costs, room - history_cost), history)


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
    """Shortens ``passage``, which has ``cost`` tokens, to at most ``room`` tokens.

    It is cut after a sentence if one ends in the second half of what fits, or else after a word.
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
    """``passage`` without what cannot fit in any case, so that its tokens need not be counted."""
    title, text = passage.title[:_LONGEST_TITLE], passage.text[: _CHARACTERS * room]
    if (title, text) == (passage.title, passage.text):
        return passage
    return replace(passage, title=title, text=text)


def _text(passage: Passage) -> str:
    return f"{passage.title}\n{passage.text}"
