"""How an adapter is trained: everything that changes its weights, in one value."""

from dataclasses import dataclass

SMALL_MODEL = 1_000_000_000
"""Parameters below which the small models' learning rate is used."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """The settings of one training.

    ``r`` and ``alpha`` are the same for every night, since a running server swaps adapters of one
    shape. ``learning_rate`` None: 5e-4 for models below a billion parameters, else 2e-4.
    ``batch`` rows make one step; ``max_length`` is in tokens, and longer rows are left out.
    Two epochs in steps of two rows: a night has few rows, and needs the steps (on 132 rows of XQuAD
    SmolLM2's answers held the right words in 43%; in steps of four 39%, with one epoch 33%).
    ``thumbs_per_correction`` bounds how many thumbs-up are trained beside each correction: they
    keep what was right already, corrections change it.
    """

    r: int = 16
    alpha: int = 32
    dropout: float = 0.0
    learning_rate: float | None = None
    epochs: int = 2
    batch: int = 2
    max_length: int = 2048
    quantised: bool = True
    warmup: float = 0.1
    thumbs_per_correction: float = 0.5
    seed: int = 7

    def rate(self, parameters: int) -> float:
        """The learning rate for a model of so many parameters."""
        return self.learning_rate or (5e-4 if parameters < SMALL_MODEL else 2e-4)
