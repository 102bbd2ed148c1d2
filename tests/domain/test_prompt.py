"""The prompt: no text can act as a part of the chat template."""

import re

from hypothesis import given
from hypothesis import strategies as st

from domain.prompt import PROMPT_VERSION, render
from domain.questions import Message
from tests.domain.build import passage
from tests.domain.test_control_tokens import TOKEN, TOKENS

hostile = st.lists(st.sampled_from([*TOKENS, *"<|>end/s[]INST ", "end", "word"])).map("".join)


@given(hostile, hostile, hostile)
def test_no_control_token_comes_in_by_any_text(asked: str, said: str, read: str) -> None:
    messages = render(asked, [passage(read, title=read)], [Message("user", said)])
    assert not any(TOKEN.search(message.content) for message in messages)


def test_passages_are_numbered_and_the_question_comes_last() -> None:
    last = render("How far?", [passage("Ten miles.", title="Trips"), passage("Two.", n=2)])[-1]
    assert last.content.index("[1] Trips\nTen miles.") < last.content.index("[2] Handbook")
    assert last.content.endswith("Question: How far?")


def test_prompt_version_is_short_and_stable_within_a_run() -> None:
    assert re.fullmatch(r"[0-9a-f]{8}", PROMPT_VERSION)
