"""Attention over the batching manager's keys and values with torch's own kernels.

Without a package for flash attention the manager compares every token of a batch with those of all
requests, and masks the others'. Torch has the same kernels built in for GPUs, which compare a token
with its own request's only. On a CPU the requests are computed one by one.
"""

from collections.abc import Callable, Iterator
from inspect import signature
from itertools import pairwise
from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface, PreTrainedModel
from transformers.utils.import_utils import is_flash_attn_2_available, is_flash_attn_3_available

NAME = "torch_flash"
"""Its name among transformers' attention implementations; ``flash`` in it means: no masks."""

NAME_ON_CPU = "torch_flash_by_request"

_SINCE = (8, 0)  # the oldest GPUs that the kernels support
_WIDEST_HEAD = 256


def uses_flash(model: PreTrainedModel) -> bool:
    """Whether the batching manager will use flash attention on a GPU for ``model``.

    If no package for it is installed, torch's own is set, where it can be used. On a CPU the
    attention is set that computes the requests one by one.
    """
    if model.device.type == "cpu":
        _use(model, NAME_ON_CPU, _attend_by_request)
    if model.device.type != "cuda":
        return False
    if _packaged():
        return True
    possible = _is_possible(model)
    if possible:
        use_torch_flash(model)
    return possible


def use_torch_flash(model: PreTrainedModel) -> None:
    _use(model, NAME, _attend)


def _use(model: PreTrainedModel, name: str, attend: Callable[..., Any]) -> None:
    AttentionInterface.register(name, attend)
    # The method that sets it would look for a package.
    model.config._attn_implementation = name  # noqa: SLF001


def _packaged() -> bool:
    return bool(
        is_flash_attn_3_available(kernels_fallback_ok=True)
        or is_flash_attn_2_available(kernels_fallback_ok=True)
    )


def _is_possible(model: PreTrainedModel) -> bool:
    config = model.config
    head = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    return (
        model.dtype in (torch.bfloat16, torch.float16)
        and torch.cuda.get_device_capability(model.device) >= _SINCE
        and head <= _WIDEST_HEAD
        and _varlen() is not None
    )


def _varlen() -> Any:
    try:
        from torch.nn.attention.varlen import varlen_attn
    except ImportError:  # before torch 2.10
        return None
    return varlen_attn


def _attend(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    *,
    scaling: float,
    cache: Any,
    cu_seq_lens_q: torch.Tensor,
    max_length_q: int,
    **kwargs: Any,
) -> tuple[torch.Tensor, None]:
    del attention_mask
    key, value = cache.update(key, value, module.layer_idx, kwargs)
    query, key, value = (part.transpose(1, 2).squeeze(0) for part in (query, key, value))
    varlen = _varlen()
    options: dict[str, Any] = {}
    if key.shape[1] != query.shape[1] and "enable_gqa" in signature(varlen).parameters:
        options["enable_gqa"] = True
    found = varlen(
        query,
        key,
        value,
        cu_seq_lens_q,
        kwargs["cu_seq_lens_k"],
        max_length_q,
        kwargs["max_length_k"],
        scale=scaling,
        window_size=(-1, 0),  # each token sees those before it
        **options,
    )
    return found.unsqueeze(0), None


def _attend_by_request(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    *,
    scaling: float,
    cache: Any,
    cu_seq_lens_q: torch.Tensor,
    **kwargs: Any,
) -> tuple[torch.Tensor, None]:
    """``query`` is (1, heads, tokens of all requests, numbers), and so are keys and values.

    With eight answers of 700 tokens a step took a seventh of the time of masks for all of them.
    """
    del attention_mask
    key, value = cache.update(key, value, module.layer_idx, kwargs)
    bounds = zip(_bounds(cu_seq_lens_q), _bounds(kwargs["cu_seq_lens_k"]), strict=True)
    found = [
        _attend_one(query[:, :, own], key[:, :, its], value[:, :, its], scaling)
        for own, its in bounds
        if own.start < own.stop
    ]
    return torch.cat(found, dim=1), None


def _bounds(cumulated: torch.Tensor) -> Iterator[slice]:
    return (slice(start, end) for start, end in pairwise(cumulated.tolist()))


def _attend_one(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, scaling: float
) -> torch.Tensor:
    """The last tokens of one request, which attend to all those before them: (1, tokens, …)."""
    heads, asked, read = query.shape[1], query.shape[2], key.shape[2]
    mask = None
    if asked == 1:  # the query heads that share keys are as several tokens
        query = query.reshape(1, key.shape[1], -1, query.shape[3])
    elif asked < read:
        mask = query.new_full((asked, read), -torch.inf).triu_(read - asked + 1)
    found = scaled_dot_product_attention(
        query,
        key,
        value,
        attn_mask=mask,
        is_causal=asked > 1 and mask is None,
        scale=scaling,
        enable_gqa=query.shape[1] != key.shape[1],
    )
    return found.reshape(1, heads, asked, -1).transpose(1, 2)
