"""What a night's training keeps in memory, by its parts, and how many tokens a step may have."""

from dataclasses import dataclass

from serving.memory.sizes import ModelSizes

NF4 = 0.5 + 1 / 64 + 4 / (64 * 256)
"""Bytes of a weight in NF4 with double quantisation: half a byte; one byte for the scale of each
64 weights; and four bytes for the scale of each 256 of these (bitsandbytes)."""

ANSWERS = 0.25
"""The share of a row's tokens that are its answer, if that is not known: only these get logits."""


@dataclass(frozen=True, slots=True)
class Training:
    """How a night trains. ``weights`` is how many bytes one of the base's weights has; None for
    NF4. ``width`` is that of what is computed; with ``weights`` 4 and ``width`` 2 torch's autocast
    makes copies. ``rank`` is the adapter's.
    """

    weights: int | None
    width: int
    rank: int = 16

    @property
    def is_cast(self) -> bool:
        return self.weights == 4 and self.width == 2


@dataclass(frozen=True, slots=True)
class NightNeeds:
    """Bytes: of the base's weights; of the adapter, its gradients and the optimiser's two values
    for each; of what a step keeps for its gradients; of its logits; and of what is computed in
    between. ``process`` is what the libraries take besides. A step has ``tokens`` tokens, and keeps
    only the inputs of layers, computing the rest twice, if ``recomputes``.
    """

    weights: int
    adapter: int
    activations: int
    logits: int
    working: int
    process: int
    tokens: int
    recomputes: bool

    @property
    def total(self) -> int:
        return (
            self.weights
            + self.adapter
            + self.activations
            + max(self.logits, self.working)
            + self.process
        )


def activation_bytes(sizes: ModelSizes, training: Training) -> int:
    """Bytes that a token leaves in one layer for the gradients: 145,672 in Phi-3.5-mini.

    Counted on the tensors that torch saves; 146,056 were measured on one layer of true size in NF4
    with adapters of rank 16. These are: both normalisations' inputs in float32, with their scales;
    the inputs of the linear layers; queries, keys and values, and where one layer makes all three
    also what was cut out of it, and the attention's result once more; the two halves of the
    feed-forward part, one of them activated (their product is the last layer's input); what each
    adapter's first matrix gives; and a number for each head.
    """
    h, q, k, i = sizes.hidden, sizes.queries, sizes.keys, sizes.intermediate
    inputs = 2 * h + q + i
    if training.is_cast and not sizes.is_fused:  # one copy for each layer that reads it
        inputs += 3 * h
    attention = q + 2 * k + (2 * q + k if sizes.is_fused else 0)
    numbers = inputs + attention + 3 * i + sizes.linear_layers * training.rank
    return 2 * 4 * (h + 1) + numbers * training.width + 4 * sizes.heads


def night_needs(
    sizes: ModelSizes,
    training: Training,
    *,
    tokens: int,
    recomputes: bool,
    process: int,
    answer_tokens: int | None = None,
) -> NightNeeds:
    """What a step on ``tokens`` tokens needs, of which ``answer_tokens`` have logits."""
    answers = round(ANSWERS * tokens) if answer_tokens is None else answer_tokens
    layer = activation_bytes(sizes, training)
    inputs = sizes.hidden * (4 if training.weights == 4 else training.width)
    kept = sizes.layers * inputs + layer if recomputes else sizes.layers * layer
    return NightNeeds(
        weights=_weights(sizes, training),
        adapter=_adapter(sizes, training),
        activations=kept * tokens,
        logits=answers * sizes.vocabulary * (training.width + 3 * 4),
        working=_working(sizes, training, tokens),
        process=process,
        tokens=tokens,
        recomputes=recomputes,
    )


def tokens_per_step(
    sizes: ModelSizes, training: Training, room: int, *, most: int, process: int
) -> NightNeeds | None:
    """What a step needs that fits into ``room`` bytes, with as many tokens as fit, up to ``most``.

    It computes values twice only if ``most`` tokens do not fit otherwise: that takes a quarter more
    time. None if not a single token fits.
    """
    whole = night_needs(sizes, training, tokens=most, recomputes=False, process=process)
    if whole.total <= room:
        return whole
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        needs = night_needs(sizes, training, tokens=middle, recomputes=True, process=process)
        low, high = (middle, high) if needs.total <= room else (low, middle - 1)
    if not low:
        return None
    return night_needs(sizes, training, tokens=low, recomputes=True, process=process)


def _weights(sizes: ModelSizes, training: Training) -> int:
    """The base's weights. NF4 is for linear layers; the others have the width of what is computed.

    With autocast the linear layers are narrow too (`training.precision`), and of the output layer's
    weights there is a narrow copy until the step ends.
    """
    others = sizes.embeddings + sizes.norms
    if training.weights is None:
        return round(sizes.linear * NF4) + others * training.width
    if training.is_cast:
        copy = sizes.vocabulary * sizes.hidden
        return others * training.weights + (sizes.linear + copy) * training.width
    return sizes.parameters * training.weights


def _adapter(sizes: ModelSizes, training: Training) -> int:
    """Each of the adapter's weights has a gradient and AdamW's two values, all as wide as itself.

    An adapter on NF4 is as wide as what is computed, since TRL makes it so; others are float32.
    """
    width = training.width if training.weights is None else 4
    return 4 * sizes.lora(training.rank) * width


def _working(sizes: ModelSizes, training: Training, tokens: int) -> int:
    """Gradients within one layer, and the largest layer's weights out of NF4."""
    gradients = tokens * training.width * (4 * sizes.intermediate + 4 * sizes.hidden)
    unpacked = sizes.largest_linear * training.width if training.weights is None else 0
    return gradients + unpacked
