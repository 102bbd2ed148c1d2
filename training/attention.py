"""Attention within each of the rows that are packed into one sequence, so that no row sees another.

Each row is computed by itself, with torch's own fast kernels: there is no mask, which would cost as
much as the pairs of tokens that it hides, and no package for flash attention is needed. Where rows
share their beginning, each sees that too; only the pairs of a row and the beginning have a mask.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch.nn.functional import pad
from transformers import AttentionInterface, PreTrainedModel
from transformers.integrations.sdpa_attention import sdpa_attention_forward

NAME = "packed_rows"
"""Its name among transformers' implementations. It has no mask function, so it gets no mask."""


@contextmanager
def within_rows(model: PreTrainedModel) -> Iterator[None]:
    """Meanwhile ``model`` needs ``lengths`` with each call: how many tokens each row has.

    If the rows share their beginning, it needs ``shared``: how many tokens that has.
    """
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
    shared: int = 0,
    sliding_window: int | None = None,
    **options: Any,
) -> tuple[torch.Tensor, None]:
    """``query``, ``key`` and ``value`` are (1, heads, tokens, width).

    The result is (1, tokens, heads, width).
    """
    del attention_mask

    def seen(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        return sdpa_attention_forward(module, q, k, v, _mask(q, k, sliding_window), **options)[0]

    parts = [torch.split(part, [shared, *lengths], 2) for part in (query, key, value)]
    beginning, *rows = zip(*parts, strict=True)
    if not shared:
        return torch.cat([seen(*row) for row in rows], dim=1), None
    q, k, v = (_stacked(part) for part in zip(*rows, strict=True))
    k, v = (
        torch.cat((one.expand(len(rows), -1, -1, -1), rest), 2)
        for one, rest in zip(beginning[1:], (k, v), strict=True)
    )
    found = [row[:length] for row, length in zip(seen(q, k, v), lengths, strict=True)]
    return torch.cat([seen(*beginning)[0], *found])[None], None


def _stacked(rows: Sequence[torch.Tensor]) -> torch.Tensor:
    """Rows of different lengths as one tensor; nothing sees what fills them up at their end."""
    longest = max(row.shape[2] for row in rows)
    return torch.cat([pad(row, (0, 0, 0, longest - row.shape[2])) for row in rows])


def _mask(query: torch.Tensor, key: torch.Tensor, window: int | None) -> torch.Tensor | None:
    """Which of the keys each of the queries, the last of them, sees.

    None where torch's own kernel says so: all before it, of as many keys as queries.
    """
    asked, known = query.shape[2], key.shape[2]
    if asked == known and (window is None or known <= window):
        return None
    places = torch.arange(known, device=query.device)
    distance = places[known - asked :, None] - places[None, :]
    seen = distance >= 0
    return (seen if window is None else seen & (distance < window))[None, None]
