"""Transformers' batching manager on a GPU: with its own settings, and with those of the server.

``python -m bench.gpu_managers FOLDER`` writes the latter's tokens a second for `gpu_server`.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from transformers import (
    ContinuousBatchingConfig,
    GenerationConfig,
    GenerationMixin,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)
from transformers.generation.continuous_batching import ContinuousBatchingManager

from bench.gpu import report
from bench.random_models import PHI3_SIZE
from bench.server import prompts, through_bare
from domain.questions import Message
from serving.manager import batching_manager, context_of
from serving.models import load, resolve, stop_tokens

SPEEDS = "managers.json"
STREAMS = (1, 8, 32)
TOKENS = 64


def speeds(
    manager: ContinuousBatchingManager, asked: Sequence[list[int]], streams: Sequence[int]
) -> list[float]:
    """Tokens a second for each number of streams: the best of two, since the first one warms up."""
    manager.start()
    try:
        return [
            max(through_bare(manager, asked[:count], TOKENS) for _ in range(2)) for count in streams
        ]
    finally:
        manager.stop(block=True, hard_stop=True)


def own_settings(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast
) -> ContinuousBatchingManager:
    """The manager as its documentation shows it, but for sharing blocks, which would answer a
    repeated prompt from the first one's keys and values.
    """
    generation = GenerationConfig(  # type: ignore[no-untyped-call]
        do_sample=False, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.eos_token_id
    )
    return cast(GenerationMixin, model).init_continuous_batching(
        generation_config=generation,
        continuous_batching_config=ContinuousBatchingConfig(allow_block_sharing=False),
    )


def _tokens(tokenizer: PreTrainedTokenizerFast, prompt: Sequence[Message]) -> list[int]:
    turns = [{"role": turn.role, "content": turn.content} for turn in prompt]
    encoded = tokenizer.apply_chat_template(turns, add_generation_prompt=True, return_dict=False)
    return cast(list[int], encoded)


def main() -> None:
    folder = Path(sys.argv[1])
    model, tokenizer = load(resolve(str(folder / PHI3_SIZE), folder))
    model.config.sliding_window = None  # as the server sets it
    asked = [_tokens(tokenizer, prompt) for prompt in prompts(max(STREAMS))]
    theirs = speeds(own_settings(model, tokenizer), asked, STREAMS)
    # This also sets the server's attention.
    manager = batching_manager(model, stop_tokens(model, tokenizer), context_of(model.config))
    found = speeds(manager, asked, STREAMS)
    for count, other, ours in zip(STREAMS, theirs, found, strict=True):
        report(
            f"bare manager at {count} streams, tokens a second",
            f"{ours:.0f} with the server's settings",
            f"{other:.0f} with its own",
            f"{ours / other:.1f}",
        )
    (folder / SPEEDS).write_text(json.dumps(found))


if __name__ == "__main__":
    main()
