"""The server's speed compared with transformers' bare batching manager, on the same prompts.

Both run in this process on the same weights, in turn, so that a busy machine slows both.
"""

import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import median

from transformers.generation.continuous_batching import ContinuousBatchingManager

from bench import Figure
from domain.prompt import render
from domain.questions import Audience, Message, Passage
from serving.client import ServerClient
from serving.default_model import SMOLLM2
from serving.engine import Engine
from serving.manager import batching_manager
from serving.models import ModelFiles, load, resolve, stop_tokens
from serving.server import create_app, serving

_SECONDS_TO_START = 120
_EXAMPLES = Path(__file__).parent.parent / "examples"


def measure(folder: Path) -> list[Figure]:
    """Measures SmolLM2 on realistic prompts: a question and three passages of the handbook."""
    return [
        Figure(
            f"server at {speed.streams} streams, tokens a second",
            f"{speed.server:.1f} (first token {speed.first_token:.0f} ms)",
            f"bare manager: {speed.bare:.1f}",
            f"{speed.ratio:.2f}",
            "at least 0.95",
        )
        for speed in compare(resolve(SMOLLM2, folder), prompts(32), streams=(1, 8, 32))
    ]


def prompts(count: int) -> list[tuple[Message, ...]]:
    """Questions of the sample handbook with three passages each."""
    rows = (_EXAMPLES / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [json.loads(row)["question"] for row in rows[:count]]
    texts = [file.read_text(encoding="utf-8") for file in (_EXAMPLES / "handbook").glob("*.md")]
    everyone = Audience.everyone()
    passages = [Passage(str(n), "", "", text[:700], 1, 1, everyone) for n, text in enumerate(texts)]
    few = len(passages) - 2
    return [render(asked, passages[n % few : n % few + 3]) for n, asked in enumerate(questions)]


@dataclass(frozen=True, slots=True)
class Speed:
    """Tokens per second over all streams together, as medians over the rounds.

    ``first_token`` is the server's median time to the first piece, in milliseconds. ``ratio`` is
    the median of the rounds' ratios.
    """

    streams: int
    bare: float
    server: float
    ratio: float
    first_token: float


def compare(
    files: ModelFiles,
    prompts: Sequence[Sequence[Message]],
    *,
    streams: Sequence[int] = (1, 8),
    max_tokens: int = 64,
    rounds: int = 3,
) -> list[Speed]:
    """Measures the server, through its client over HTTP, against the bare manager.

    For each number n of streams, the first n ``prompts`` are asked at once. Raises GenerationError.
    """
    model, tokenizer = load(files)
    engine = Engine(model, tokenizer, files.name)
    bare = batching_manager(model, stop_tokens(model, tokenizer), engine.context, None)
    bare.start()
    try:
        with serving(create_app(engine)) as url:
            client = ServerClient(url, files.name)
            _wait(client)
            asked = [engine.prompt(prompt) for prompt in prompts]
            through_bare(bare, asked[:1], 2)

            def tokens(text: str) -> int:
                return len(tokenizer.encode(text, add_special_tokens=False))

            return [
                _one(
                    n,
                    rounds,
                    lambda n=n: through_bare(bare, asked[:n], max_tokens),  # type: ignore[misc]
                    lambda n=n: _through_server(client, prompts[:n], max_tokens, tokens),  # type: ignore[misc]
                )
                for n in streams
            ]
    finally:
        bare.stop(block=True, hard_stop=True)


def _one(
    streams: int,
    rounds: int,
    bare: Callable[[], float],
    server: Callable[[], tuple[float, float]],
) -> Speed:
    pairs = [(bare(), *server()) for _ in range(rounds)]
    return Speed(
        streams=streams,
        bare=median(pair[0] for pair in pairs),
        server=median(pair[1] for pair in pairs),
        ratio=median(pair[1] / pair[0] for pair in pairs),
        first_token=median(pair[2] for pair in pairs),
    )


_ids = count()


def through_bare(
    manager: ContinuousBatchingManager, prompts: Sequence[list[int]], max_tokens: int
) -> float:
    """Tokens a second over all prompts together."""
    began = time.perf_counter()
    for prompt in prompts:
        manager.add_request(prompt, request_id=f"bare-{next(_ids)}", max_new_tokens=max_tokens)
    done = tokens = 0
    while done < len(prompts):
        result = manager.get_result(timeout=1)
        if result is not None and result.is_finished():
            done += 1
            # The stop token is not a part of the text, and the client sees only the text.
            tokens += len(result.generated_tokens) - (len(result.generated_tokens) < max_tokens)
    return tokens / (time.perf_counter() - began)


def _through_server(
    client: ServerClient,
    prompts: Sequence[Sequence[Message]],
    max_tokens: int,
    tokens: Callable[[str], int],
) -> tuple[float, float]:
    def ask(prompt: Sequence[Message]) -> tuple[str, float]:
        asked, first, pieces = time.perf_counter(), 0.0, list[str]()
        for piece in client.stream(prompt, adapter=None, max_tokens=max_tokens):
            first = first or time.perf_counter() - asked
            pieces.append(piece)
        return "".join(pieces), first

    began = time.perf_counter()
    with ThreadPoolExecutor(len(prompts)) as pool:
        answers = list(pool.map(ask, prompts))
    seconds = time.perf_counter() - began
    firsts = [first * 1000 for _, first in answers]
    return sum(tokens(text) for text, _ in answers) / seconds, median(firsts)


def _wait(client: ServerClient) -> None:
    deadline = time.monotonic() + _SECONDS_TO_START
    while not client.healthy() and time.monotonic() < deadline:
        time.sleep(0.05)
