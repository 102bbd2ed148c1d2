"""Sets up transformers' batching manager for a model, and finds out the model's limits."""

import os
from collections.abc import Sequence
from math import ceil
from typing import cast

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
from serving.text import special_tokens

_CACHE_TOKENS = 16_384  # on a CPU, where transformers would take 60% of the memory by default
_BATCH_TOKENS = 1024  # on a CPU: a long prompt is processed in parts, so that others continue

_BATCH_TOKENS_ON_GPU = 2048
_GPU_SHARE = 0.5
"""Of the memory that the model leaves free: the night trains on the same GPU meanwhile.

Transformers would take 90%."""

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
    model: PreTrainedModel, stops: Sequence[int], context: int, memory: float | None
) -> ContinuousBatchingManager:
    """The manager, for greedy answers that end at one of ``stops``; ``memory`` is as in Engine."""
    on_cpu = model.device.type == "cpu"
    has_flash = uses_flash(model)
    batching = ContinuousBatchingConfig(
        # Shared blocks would stay after a swap of adapters: a repeated prompt would be answered
        # from the former adapter's keys and values. Without them, the same prompt alone also gives
        # exactly the same answer.
        allow_block_sharing=False,
        # One launch for each step instead of some thousand. `forget_graphs` must be called whenever
        # the adapters change.
        use_cuda_graph=has_flash,
        auto_switch_to_flash=not on_cpu,
        max_memory_percent=memory if on_cpu else memory or _GPU_SHARE,
        max_batch_tokens=_BATCH_TOKENS if on_cpu else _BATCH_TOKENS_ON_GPU,
    )
    if on_cpu:
        batching.num_blocks = ceil(max(context, _CACHE_TOKENS) / batching.page_size) + 1
    if has_flash:
        batching.q_padding_interval_size = _PADDED_TOKENS
        batching.kv_padding_interval_size = _PADDED_READ
    generation = GenerationConfig(  # type: ignore[no-untyped-call]
        do_sample=False, eos_token_id=list(stops), pad_token_id=stops[0]
    )
    return cast(GenerationMixin, model).init_continuous_batching(
        generation_config=generation, continuous_batching_config=batching
    )


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
