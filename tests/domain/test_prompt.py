"""The prompt: nothing of a chat template gets through it, and it fits its budget."""

import re

from hypothesis import given
from hypothesis import strategies as st

from domain.prompt import PROMPT_VERSION, fit, render
from domain.questions import Message
from tests.domain.build import passage
from tests.domain.test_control_tokens import TOKEN, TOKENS

hostile = st.lists(st.sampled_from([*TOKENS, *"<|>end/s[]INST ", "end", "word"])).map("".join)


@given(hostile, hostile, hostile)
def test_no_control_token_comes_in_by_any_text(asked: str, said: str, read: str) -> None:
    messages = render(asked, [passage(read, title=read)], [Message("user", said)])
    assert not any(TOKEN.search(message.content) for message in messages)


@given(st.lists(st.text(min_size=1, max_size=300), min_size=1, max_size=6), st.integers(1, 900))
def test_shown_passages_fit_the_budget_and_are_never_none(texts: list[str], budget: int) -> None:
    shown = fit([passage(text, n=n) for n, text in enumerate(texts, 1)], budget)
    assert shown
    assert len(shown) == 1 or sum(len(each.title) + len(each.text) for each in shown) <= budget


def test_history_keeps_its_latest_turns_and_starts_with_the_person() -> None:
    turns = [
        Message("user", "a" * 50),
        Message("assistant", "b" * 50),
        Message("user", "c" * 50),
        Message("assistant", "d" * 50),
    ]
    messages = render("and then?", [passage("x" * 40)], turns, budget=200)
    assert [message.content[0] for message in messages[1:-1]] == ["c", "d"]


def test_passages_are_numbered_and_the_question_comes_last() -> None:
    last = render("How far?", [passage("Ten miles.", title="Trips"), passage("Two.", n=2)])[-1]
    assert last.content.index("[1] Trips\nTen miles.") < last.content.index("[2] Handbook")
    assert last.content.endswith("Question: How far?")


def test_prompt_version_is_short_and_stable_within_a_run() -> None:
    assert re.fullmatch(r"[0-9a-f]{8}", PROMPT_VERSION)
