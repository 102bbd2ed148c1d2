"""Asks a model server with several streams at once, and notes when the pieces come."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import ceil
from statistics import median
from typing import Any, cast

from openai import OpenAI, OpenAIError

from domain.questions import Message


@dataclass(frozen=True, slots=True)
class Streamed:
    """An answer: its tokens, the seconds to the first piece, and the longest wait for a later one.

    ``error`` says why it broke off.
    """

    tokens: int
    first: float
    gap: float
    error: str = ""


@dataclass(frozen=True, slots=True)
class Round:
    """Answers that were asked for at once, and the seconds until the last of them had ended."""

    answers: tuple[Streamed, ...]
    seconds: float

    @property
    def speed(self) -> float:
        """Tokens a second over all streams together."""
        return sum(answer.tokens for answer in self.answers) / self.seconds


def ask(client: OpenAI, model: str, prompt: Sequence[Message], tokens: int) -> Streamed:
    began = last = time.perf_counter()
    first = gap = 0.0
    counted = 0
    try:
        with client.chat.completions.create(
            model=model,
            messages=cast(Any, [{"role": each.role, "content": each.content} for each in prompt]),
            max_tokens=tokens,
            stream=True,
            stream_options={"include_usage": True},
        ) as pieces:
            for piece in pieces:
                now = time.perf_counter()
                if piece.usage:
                    counted = piece.usage.completion_tokens
                elif not first:
                    first = now - began
                else:
                    gap = max(gap, now - last)
                last = now
    except OpenAIError as e:
        return Streamed(counted, first, gap, str(e))
    return Streamed(counted, first, gap, "" if counted == tokens else "it is too short")


def ask_all(
    client: OpenAI, models: Sequence[str], prompts: Sequence[Sequence[Message]], tokens: int
) -> Round:
    """Asks for all prompts at once, each from the model at its place."""
    began = time.perf_counter()
    with ThreadPoolExecutor(len(prompts)) as pool:
        answers = pool.map(
            lambda pair: ask(client, pair[0], pair[1], tokens), zip(models, prompts, strict=True)
        )
        heard = tuple(answers)
    return Round(heard, time.perf_counter() - began)


def firsts(rounds: Sequence[Round]) -> str:
    """The median and the 95th percentile of the times to the first piece."""
    times = sorted(answer.first * 1000 for each in rounds for answer in each.answers)
    return f"{median(times):.0f} ms, p95 {times[ceil(0.95 * len(times)) - 1]:.0f} ms"
