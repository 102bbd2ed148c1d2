"""Attention within each of the rows that are packed into one sequence, so that no row sees another.

Each row is computed by itself, with torch's own fast kernels: there is no mask, which would cost as
much as the pairs of tokens that it hides, and no package for flash attention is needed.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from transformers import AttentionInterface, PreTrainedModel
from transformers.integrations.sdpa_attention import sdpa_attention_forward

NAME = "packed_rows"
"""Its name among transformers' implementations. It has no mask function, so it gets no mask."""


@contextmanager
def within_rows(model: PreTrainedModel) -> Iterator[None]:
    """Meanwhile ``model`` needs ``lengths`` with each call: how many tokens each row has."""
    AttentionInterface.register(NAME, attend)
    config = model.config
    before = config._attn_implementation  # noqa: SLF001
    config._attn_implementation = NAME  # noqa: SLF001
    try:
        yield
    finally:
        config._attn_implementation = before  # noqa: SLF001


def attend(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    *,
    lengths: Sequence[int],
    sliding_window: int | None = None,
    **options: Any,
) -> tuple[torch.Tensor, None]:
    """``query``, ``key`` and ``value`` are (1, heads, tokens, width).

    The result is (1, tokens, heads, width).
    """
    del attention_mask
    rows = zip(*(torch.split(part, list(lengths), 2) for part in (query, key, value)), strict=True)
    found = [
        sdpa_attention_forward(module, q, k, v, _window(q, sliding_window), **options)[0]
        for q, k, v in rows
    ]
    return torch.cat(found, dim=1), None


def _window(query: torch.Tensor, window: int | None) -> torch.Tensor | None:
    """A mask for a row that is longer than the model's window; None for other rows."""
    length = query.shape[2]
    if window is None or length <= window:
        return None
    place = torch.arange(length, device=query.device)
    distance = place[:, None] - place[None, :]
    return ((distance >= 0) & (distance < window))[None, None]
