"""Texts that end an answer, also where they come in several pieces."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.serving.asking import chat
from tests.serving.conftest import Running

if TYPE_CHECKING:
    from serving.batcher import Piece


def passed(texts: Sequence[str], stops: Sequence[str]) -> "list[Piece]":
    """What is passed on of an answer whose pieces have one token each."""
    from serving.batcher import Piece
    from serving.likely import Likely
    from serving.stops import until_stop

    async def pieces() -> AsyncIterator[Piece]:
        for n, text in enumerate(texts):
            last = n == len(texts) - 1
            likely = ((n, Likely((n,), (0.0,), 0.0)),)
            yield Piece(text, n + 1, "length" if last else None, likely)

    async def collected() -> list[Piece]:
        return [piece async for piece in until_stop(pieces(), stops)]

    return asyncio.run(collected())


@given(
    st.lists(st.text("abc", max_size=4), min_size=1, max_size=8),
    st.lists(st.text("abc", min_size=1, max_size=5), min_size=1, max_size=3),
)
@settings(deadline=None)  # the first one imports the model's libraries
def test_the_answer_ends_where_the_first_stop_begins(texts: list[str], stops: list[str]) -> None:
    whole = "".join(texts)
    # The earliest piece with which a stop is whole, and the first stop in the text so far.
    for size in range(1, len(texts) + 1):
        begun = "".join(texts[:size])
        found = [at for stop in stops if (at := begun.find(stop)) >= 0]
        if found:
            expected, finish = begun[: min(found)], "stop"
            break
    else:
        expected, finish = whole, "length"

    pieces = passed(texts, stops)

    assert "".join(piece.text for piece in pieces) == expected
    assert [piece.finish for piece in pieces] == [None] * (len(pieces) - 1) + [finish]
    tokens = [token for piece in pieces for token, _ in piece.likely]
    starts = [0, *accumulate(map(len, texts))]
    assert tokens == list(range(len(tokens)))
    assert all(starts[token] <= len(expected) for token in tokens)
    if finish == "length":
        assert len(tokens) == len(texts)


def test_text_that_may_begin_a_stop_waits_and_other_text_does_not() -> None:
    texts = [piece.text for piece in passed(["one", "\n", "two", "\n", "\nthree"], ["\n\n"])]
    assert texts == ["one", "\ntwo", ""]


def answer(server: Running, **options: Any) -> tuple[str, str]:
    reply = chat(server.url, max_tokens=24, **options)
    assert reply.status_code == 200, reply.text
    choice = reply.json()["choices"][0]
    return choice["message"]["content"], choice["finish_reason"]


@pytest.mark.slow
@pytest.mark.parametrize("start", [2, 5, 9])
def test_an_answer_of_the_model_ends_at_a_stop(server: Running, start: int) -> None:
    whole, _ = answer(server)
    stop = whole[start : start + 6]

    assert answer(server, stop=stop) == (whole[: whole.find(stop)], "stop")
    assert answer(server, stop=["not in there", stop]) == (whole[: whole.find(stop)], "stop")


def test_a_stop_that_does_not_come_changes_nothing(server: Running) -> None:
    assert answer(server, stop=["not in there"]) == answer(server) == answer(server, stop=[])
