"""Turns examples into training rows: token ids, and where in them the answer begins."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from datasets import Dataset
from transformers import PreTrainedTokenizerFast

from domain.adapters import Example
from domain.control_tokens import strip_control_tokens
from domain.errors import DatasetInvalid
from serving.text import special_tokens

IGNORED = -100
"""The label of a token that the loss ignores; torch and the trainer use the same."""

_WITHOUT_HISTORY = 2
"""The turns of a prompt that follows up on nothing: the instructions, and the question."""


@dataclass(frozen=True, slots=True)
class Row:
    """A tokenised example; the loss counts the tokens from position ``start`` on.

    ``weight`` says how much the row counts in the loss; 1 is as much as a row does on average.
    Rows with the same ``beginning`` begin alike up to their questions.
    """

    ids: tuple[int, ...]
    start: int
    weight: float = 1.0
    beginning: Hashable = None


def fitting(
    examples: Sequence[Example],
    tokenizer: PreTrainedTokenizerFast,
    stops: Sequence[int],
    max_length: int,
) -> list[Row]:
    """The tokenised examples; those of more than ``max_length`` tokens are left out, not cut."""
    rows = (tokenised(example, tokenizer, stops) for example in examples)
    return [row for row in rows if len(row.ids) <= max_length]


def tokenised(example: Example, tokenizer: PreTrainedTokenizerFast, stops: Sequence[int]) -> Row:
    """The tokens of the prompt as it is served, and of the answer with the token that ends it.

    Raises DatasetInvalid if the chat template renders the prompt differently when an answer
    follows: the trained prompt would then differ from the served one.
    """
    special = special_tokens(tokenizer)
    asked = [
        {"role": turn.role, "content": strip_control_tokens(turn.content, special)}
        for turn in example.prompt
    ]
    completion = strip_control_tokens(example.completion, special)
    answered = [*asked, {"role": "assistant", "content": completion}]
    prompt = _ids(tokenizer, asked, add_generation_prompt=True)
    whole = _ids(tokenizer, answered, add_generation_prompt=False)
    start = len(prompt)
    if whole[:start] != prompt:
        raise DatasetInvalid("The chat template renders the prompt differently with its answer.")
    ends = (n for n in range(start, len(whole)) if whole[n] in stops)
    ids = tuple(whole[: next(ends, len(whole) - 1) + 1])
    return Row(ids, start, example.weight, _beginning(example))


def _beginning(example: Example) -> Hashable:
    """The instructions and the passages, unless earlier turns stand between them."""
    if len(example.prompt) > _WITHOUT_HISTORY:
        return example.answer_id
    return (example.prompt[0].content, *(passage.text for passage in example.passages))


def dataset(rows: Sequence[Row]) -> Dataset:
    return Dataset.from_list([as_features(row) for row in rows])


def as_features(row: Row) -> dict[str, Any]:
    """The row as the trainer gets it."""
    return {
        "input_ids": list(row.ids),
        "labels": [IGNORED] * row.start + list(row.ids[row.start :]),
        "weight": row.weight,
    }


def _ids(tokenizer: Any, turns: Sequence[dict[str, str]], **options: bool) -> list[int]:
    encoded = tokenizer.apply_chat_template(turns, tokenize=True, return_dict=True, **options)
    return list(encoded["input_ids"])
