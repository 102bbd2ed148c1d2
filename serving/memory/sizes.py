"""The sizes of a model that its memory follows from, as its config.json has them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from serving.default_model import PHI3, SMOLLM2
from serving.size import config_of

GB = 1_000_000_000
"""The plan counts as the makers of cards do: 24 GB are 24 · 10⁹ bytes and some more."""

_DEFAULTS: Mapping[str, Mapping[str, Any]] = {  # for before they are on this machine
    SMOLLM2: {
        "hidden_size": 576,
        "intermediate_size": 1536,
        "num_hidden_layers": 30,
        "num_attention_heads": 9,
        "num_key_value_heads": 3,
        "vocab_size": 49152,
        "tie_word_embeddings": True,
        "max_position_embeddings": 8192,
        "model_type": "llama",
    },
    PHI3: {
        "hidden_size": 3072,
        "intermediate_size": 8192,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
        "num_key_value_heads": 32,
        "vocab_size": 32064,
        "max_position_embeddings": 131_072,
        "original_max_position_embeddings": 4096,
        "rope_scaling": {"type": "longrope"},
        "model_type": "phi3",
    },
}


@dataclass(frozen=True, slots=True)
class ModelSizes:
    """A decoder's sizes. ``is_fused``: as in Phi-3, one layer makes queries, keys and values, and
    one the two halves of the feed-forward part. ``context`` is how many tokens prompt and answer
    may have together.
    """

    hidden: int
    intermediate: int
    layers: int
    heads: int
    shared_heads: int
    head: int
    vocabulary: int
    is_tied: bool
    is_fused: bool
    context: int

    @property
    def queries(self) -> int:
        """Numbers in a token's queries."""
        return self.heads * self.head

    @property
    def keys(self) -> int:
        """Numbers in a token's keys in one layer; its values have as many."""
        return self.shared_heads * self.head

    @property
    def linear_layers(self) -> int:
        """How many linear layers a layer of the model has: in Phi-3 four, else seven."""
        return 4 if self.is_fused else 7

    @property
    def linear(self) -> int:
        """Weights of all linear layers but the output layer: those that NF4 makes small."""
        attention = 2 * self.hidden * (self.queries + self.keys)
        return self.layers * (attention + 3 * self.hidden * self.intermediate)

    @property
    def largest_linear(self) -> int:
        """Weights of the largest linear layer besides the output layer."""
        return self.hidden * self.intermediate * (2 if self.is_fused else 1)

    @property
    def embeddings(self) -> int:
        """Weights of the embeddings, and of the output layer unless it is the same."""
        return (1 if self.is_tied else 2) * self.vocabulary * self.hidden

    @property
    def norms(self) -> int:
        """Weights of the normalisations: two in each layer, one at the end."""
        return (2 * self.layers + 1) * self.hidden

    @property
    def parameters(self) -> int:
        """All weights: 3,821,079,552 of Phi-3.5-mini."""
        return self.linear + self.embeddings + self.norms

    def lora(self, rank: int) -> int:
        """Weights of an adapter for all linear layers but the output layer.

        Rank 16 of Phi-3.5-mini: 25,165,824, which peft counts too.
        """
        qkv = self.queries + 2 * self.keys
        if self.is_fused:
            widths = [self.hidden + qkv, self.hidden + 2 * self.intermediate]
        else:
            widths = [self.hidden + self.queries, *[self.hidden + self.keys] * 2]
            widths += [self.hidden + self.intermediate] * 2
        widths += [self.queries + self.hidden, self.intermediate + self.hidden]
        return self.layers * rank * sum(widths)


def sizes(config: Mapping[str, Any]) -> ModelSizes:
    """The sizes that a config.json has. Raises KeyError if it lacks one, ValueError, TypeError."""
    heads = int(config["num_attention_heads"])
    found = ModelSizes(
        hidden=int(config["hidden_size"]),
        intermediate=int(config["intermediate_size"]),
        layers=int(config["num_hidden_layers"]),
        heads=heads,
        shared_heads=int(config.get("num_key_value_heads") or heads),
        head=int(config.get("head_dim") or int(config["hidden_size"]) // heads),
        vocabulary=int(config["vocab_size"]),
        is_tied=bool(config.get("tie_word_embeddings")),
        is_fused=str(config.get("model_type", "")).startswith("phi3"),
        context=_context(config),
    )
    if min(found.hidden, found.intermediate, found.layers, found.head, found.vocabulary) < 1:
        raise ValueError("a size is not positive")
    return found


def sizes_of(model: str) -> ModelSizes | None:
    """The sizes of a model, which is a folder or a hub id; None if they are not known.

    They are not known of a model that is not on this machine, or whose architecture is another.
    """
    try:
        return sizes(config_of(model))
    except (OSError, ValueError, KeyError, TypeError, ZeroDivisionError):
        return sizes(_DEFAULTS[model]) if model in _DEFAULTS else None


def _context(config: Mapping[str, Any]) -> int:
    """As `serving.manager.context_of`, from the file."""
    bounds = [config.get("max_position_embeddings"), config.get("sliding_window")]
    rope = config.get("rope_parameters") or config.get("rope_scaling") or {}
    if (rope.get("rope_type") or rope.get("type")) == "longrope":
        bounds.append(
            rope.get("original_max_position_embeddings")
            or config.get("original_max_position_embeddings")
        )
    return min((int(bound) for bound in bounds if bound), default=2048)
