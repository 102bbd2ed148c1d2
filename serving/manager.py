"""Sets up transformers' batching manager for a model, and finds out the model's limits."""

import os
from collections.abc import Sequence
from math import ceil
from typing import Any, cast

from transformers import (
    ContinuousBatchingConfig,
    GenerationConfig,
    GenerationMixin,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)
from transformers.generation.continuous_batching import ContinuousBatchingManager

from domain.control_tokens import strip_control_tokens
from serving.attention import uses_flash
from serving.memory.plan import CACHE_TOKENS
from serving.memory.server import BATCH_ON_CPU, BATCH_ON_GPU
from serving.processor import when_created
from serving.text import special_tokens

_GPU_SHARE = 0.5
"""Of the memory that the model leaves free, if nothing says how large the cache shall be: the night
trains on the same GPU meanwhile. Transformers would take 90%."""

# Batches are padded to multiples of these, in tokens and in keys and values that are read: each
# size that occurs is captured once, which takes some 50 ms.
_PADDED_TOKENS = 64
_PADDED_READ = 4096


def context_of(config: PreTrainedConfig) -> int:
    """How many tokens prompt and answer may have together, so that the result is the model's own.

    This is the least of three limits: the length that the model was made for; its sliding window
    (2,047 in Phi-3-mini-4k), which then has no effect; and with LongRoPE the original length (4,096
    in Phi-3.5-mini), since one longer request changes the positions of all others in its batch.
    """
    bounds = [config.max_position_embeddings, getattr(config, "sliding_window", None)]
    rope = getattr(config, "rope_parameters", None) or {}
    if rope.get("rope_type") == "longrope":
        bounds.append(
            rope.get("original_max_position_embeddings")
            or getattr(config, "original_max_position_embeddings", None)
        )
    return min(int(bound) for bound in bounds if bound)


def batching_manager(
    model: PreTrainedModel, stops: Sequence[int], context: int, cache_tokens: int | None = None
) -> ContinuousBatchingManager:
    """The manager, for greedy answers that end at one of ``stops``.

    Its cache holds ``cache_tokens`` tokens of keys and values, and at least ``context``. None means
    16,384 on a CPU, and on a GPU half of the memory that is free.
    """
    on_cpu = model.device.type == "cpu"
    has_flash = uses_flash(model)
    batching = ContinuousBatchingConfig(
        # Shared blocks are found by their tokens alone: a repeated prompt would be answered from
        # another adapter's keys and values. Without them, the same prompt alone also gives
        # exactly the same answer.
        allow_block_sharing=False,
        # One launch for each step instead of some thousand. `forget_graphs` must be called whenever
        # an adapter is attached or detached.
        use_cuda_graph=has_flash,
        auto_switch_to_flash=not on_cpu,
        max_batch_tokens=BATCH_ON_CPU if on_cpu else BATCH_ON_GPU,
    )
    if cache_tokens is None and on_cpu:
        cache_tokens = CACHE_TOKENS
    if cache_tokens is None:
        batching.max_memory_percent = _GPU_SHARE
    else:
        batching.num_blocks = blocks(max(context, cache_tokens), batching.page_size)
        batching.max_memory_percent = 1.0  # the plan has left the rest free
    if has_flash:
        batching.q_padding_interval_size = _PADDED_TOKENS
        batching.kv_padding_interval_size = _PADDED_READ
    generation = GenerationConfig(  # type: ignore[no-untyped-call]
        do_sample=False, eos_token_id=list(stops), pad_token_id=stops[0]
    )
    manager = cast(GenerationMixin, model).init_continuous_batching(
        generation_config=generation, continuous_batching_config=batching
    )
    when_created(manager, _let_others_in_after_a_cancelled_one)
    return manager


def _let_others_in_after_a_cancelled_one(processor: Any) -> None:
    """Lets waiting requests begin once a cancelled one has left the cache.

    After the cache was full, the manager lets none begin until a request finishes. If all are
    cancelled instead, none ever would.
    """
    scheduler = processor.scheduler
    clear = scheduler.clear_cancelled_requests

    def cleared() -> Any:
        cancelled = clear()
        if cancelled:
            scheduler.block_new_requests = False
        return cancelled

    scheduler.clear_cancelled_requests = cleared


def blocks(tokens: int, page: int) -> int:
    """The blocks of ``page`` tokens that hold so many tokens of one request or several."""
    return ceil(tokens / page) + 1


def control_tokens(tokenizer: PreTrainedTokenizerFast) -> frozenset[int]:
    """The ids of tokens that no answer may show, also of some that are not marked as special."""
    special = special_tokens(tokenizer)
    control = {
        token_id
        for token, token_id in tokenizer.get_added_vocab().items()
        if token in special or not strip_control_tokens(token)
    }
    return frozenset(control | set(tokenizer.all_special_ids))


def cores() -> int:
    """The processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
