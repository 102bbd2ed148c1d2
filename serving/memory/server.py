"""What the model server keeps in memory, by its parts."""

from dataclasses import dataclass
from math import ceil

from serving.memory.sizes import GB, ModelSizes

PAGE = 256
"""Tokens of keys and values that transformers' cache keeps together."""

BATCH_ON_CPU = 1024
BATCH_ON_GPU = 2048
"""Tokens that are computed at once: a longer prompt in parts, so that other answers go on."""

REQUESTS = 64
"""Answers at a time, each of which needs the logits of one token."""

ADAPTERS = 3
"""Those that are loaded at a time: the live one, one on trial, and a night's."""

RANK = 16

GRAPHS = 32
"""Captured steps that a GPU keeps for each of two sets of inputs, where nothing else is said."""

GRAPH = GB * 12 // 250
"""One captured step: 25 took 1.2 GB (docs/gpu.md)."""


@dataclass(frozen=True, slots=True)
class ServerNeeds:
    """Bytes: of the weights, of the adapters, of keys and values, of the captured steps, and of
    what a batch needs while it is computed; ``process`` is what the libraries take besides.
    ``cache_tokens`` is how many tokens of keys and values there are, for all answers together.
    """

    weights: int
    adapters: int
    cache: int
    graphs: int
    working: int
    process: int
    cache_tokens: int

    @property
    def total(self) -> int:
        return self.fixed + self.cache

    @property
    def fixed(self) -> int:
        """All but keys and values."""
        return self.weights + self.adapters + self.graphs + self.working + self.process


def kept_a_token(sizes: ModelSizes, width: int) -> int:
    """Bytes of a token's keys and values in all layers, each number ``width`` bytes wide.

    Phi-3.5-mini in bfloat16: 393,216, which are 384 KiB, as transformers' cache counts.
    """
    return sizes.layers * 2 * sizes.keys * width


def cache_bytes(sizes: ModelSizes, width: int, tokens: int) -> int:
    """Bytes of a cache that holds ``tokens``: whole pages, and one page of one layer twice more.

    transformers' ``PagedAttentionCache`` adds two parts that are never read.
    """
    page = PAGE * kept_a_token(sizes, width)
    return ceil(tokens / PAGE) * page + 2 * page // sizes.layers


def server_needs(
    sizes: ModelSizes,
    *,
    width: int,
    cache_tokens: int,
    process: int,
    batch: int = BATCH_ON_CPU,
    adapters: int = ADAPTERS,
    rank: int = RANK,
    graphs: int = 0,
    has_flash: bool = False,
) -> ServerNeeds:
    """What a server needs whose weights, and what it computes, are ``width`` bytes wide.

    ``graphs`` are the captured steps that it keeps, for each of two sets of inputs.
    """
    return ServerNeeds(
        weights=sizes.parameters * width,
        adapters=adapters * sizes.lora(rank) * width,
        cache=cache_bytes(sizes, width, cache_tokens),
        graphs=2 * graphs * GRAPH,
        working=_working(sizes, width, cache_tokens, batch, has_flash),
        process=process,
        cache_tokens=cache_tokens,
    )


def _working(sizes: ModelSizes, width: int, cache_tokens: int, batch: int, has_flash: bool) -> int:
    """What a batch of ``batch`` tokens needs while it is computed.

    One layer at a time has a copy of all keys and values that are read (transformers'
    ``PagedAttentionMemoryHandler``). Without flash attention there is a mask of the batch against
    what one answer reads (`serving.attention`). The feed-forward part has its input, both halves,
    one of them activated, and their product. Logits are float32, of one token an answer, and sorted
    once.
    """
    read = cache_tokens + batch
    attention = batch * (sizes.hidden + sizes.queries + 2 * sizes.keys) + read * 2 * sizes.keys
    forward = batch * (2 * sizes.hidden + 4 * sizes.intermediate)
    mask = 0 if has_flash else batch * sizes.context
    logits = 2 * REQUESTS * sizes.vocabulary * 4
    return width * (max(attention, forward) + mask) + logits
