"""No control token of a chat template reaches a training row, wherever somebody wrote it."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.adapters import Example, Origin
from domain.questions import AnswerKind, Message, RatedAnswer
from domain.rules import Rules
from tests.domain.test_control_tokens import TOKEN, TOKENS
from tests.training.makers import down, rated, up
from tests.training.test_cards import card
from training.dataset import select
from training.unanswered import with_refusals

calm = settings(deadline=None, max_examples=30)
FACT = "The old brake lies in the attic."

# Whole tokens, tokens within tokens, and pieces that become one if another is removed.
token = st.sampled_from(TOKENS)
nested = st.tuples(token, token, st.integers(1, 6)).map(
    lambda made: made[0][: made[2]] + made[1] + made[0][made[2] :]
)
hostile = st.lists(st.one_of(token, nested, st.sampled_from(["<|", "|>", "<", "[INST", "]"])))
signs = hostile.map("".join)


def said(example: Example) -> Iterator[str]:
    yield from (turn.content for turn in example.prompt)
    yield example.completion


def between(text: str, sign: str) -> str:
    """``text`` with ``sign`` between its words, and around it."""
    return f"{sign}{text.replace(' ', f'{sign} {sign}')}{sign}"


def attacked(n: int, sign: str, *, liked: bool) -> RatedAnswer:
    one = rated(
        n,
        up() if liked else down(correction=between("the attic", sign)),
        question=between(f"Where is brake number {n}?", sign),
        text=between(FACT, sign),
        fact=FACT,
        history=(
            Message("user", between("Hello", sign)),
            Message("assistant", between("Hello to you", sign)),
        ),
    )
    rules = Rules(between("Answer briefly.", sign), "German")
    shown = tuple(
        replace(each, text=between(each.text, sign), title=between("Stock", sign))
        for each in one.answer.passages
    )
    return replace(
        one,
        question=replace(one.question, rules=rules),
        answer=replace(one.answer, passages=shown),
    )


@pytest.mark.slow
@calm
@given(signs)
def test_no_row_has_a_control_token(sign: str) -> None:
    rated_answers = [attacked(n, sign, liked=n % 2 == 0) for n in range(4)]
    written = card(9, question=between("Where is it?", sign), answer=between(FACT, sign))
    rows = select(rated_answers, cards=[written]).examples
    for row in with_refusals(list(rows)):
        for text in said(row):
            assert not TOKEN.search(text), text


@given(token)
def test_correction_and_card_are_trained_on_without_the_token(sign: str) -> None:
    written = card(9, question=between("Where is it?", sign), answer=between(FACT, sign))
    rows = select([attacked(1, sign, liked=False)], cards=[written]).examples
    assert sorted(row.completion for row in rows) == sorted(["the attic", FACT])
    assert Origin.STARTER not in {row.origin for row in rows}


@given(signs)
def test_liked_refusal_is_trained_on_without_its_words(sign: str) -> None:
    refused = rated(1, up(), kind=AnswerKind.REFUSED, text=between("Nothing is known.", sign))
    (row,) = select([refused]).examples
    assert not re.search("known", row.completion)
    assert not TOKEN.search(row.completion)
