"""The settings of a training: what changes an adapter's weights, and how a step is computed."""

from dataclasses import dataclass
from typing import Literal

from serving.size import SMALL_MODEL

Method = Literal["off", "dpo", "kto"]
"""How people's preferences are learned."""

RATE_WITH_STARTER = 3e-4
"""The learning rate of a training that begins with the starter adapter, which has learned already.

docs/training.md has what it was measured on; 5e-4 was not tried there."""


ON_GPU = 4096
"""Tokens that are computed at once on a GPU: two rows of the greatest length."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """The settings of one training.

    ``r`` and ``alpha`` are the same every night, since a running server swaps only adapters of the
    same shape. ``learning_rate`` None means 5e-4 for models below a billion parameters, else 2e-4.
    ``batch`` rows make one step; ``max_length`` is in tokens, and longer rows are left out.
    There are two epochs in steps of two rows, since a night has few rows and needs enough steps: on
    132 rows of XQuAD 43% of SmolLM2's answers then contained the right words, with steps of four
    rows 39%, with one epoch 33%. ``quantised`` says whether the base is in 4 bits meanwhile: QLoRA;
    None means what suits the model and the machine (`training.precision`). ``early_stop`` sets a
    tenth of the team's rows aside, ends the training when their loss has not fallen at two looks in
    a row, and takes the weights with which it was lowest. It is off, since it does not pay: on 80
    rows of XQuAD that loss fell until the end of the second epoch, so nothing ended earlier, and
    those rows and looks were lost. In a third epoch it fell no more. ``preferences`` says what
    follows the epochs: see `training.preferences`.

    ``shares``: the rows of a step show the same passages if there are enough such, and those that
    begin alike are one pass of at most ``max_length`` tokens, which computes that beginning once;
    all epochs have the same steps. None means: on a CPU; on a GPU a pass has many rows already.

    Two say how a step is computed, not what the adapter becomes. The rows of a step are packed into
    passes of at most ``tokens_per_step`` tokens, unless they share them; what a pass computes is in
    memory until its gradients are known. A row is never cut, so a pass of one row may be longer.
    None means 4,096 on a GPU; on a CPU each row is a pass of its own, as several together are not
    faster there. ``recomputes``: only the inputs of the layers are kept, and the rest is computed
    twice (gradient checkpointing). None means: if the free memory is too small otherwise.
    """

    r: int = 16
    alpha: int = 32
    dropout: float = 0.0
    learning_rate: float | None = None
    epochs: int = 2
    batch: int = 2
    max_length: int = 2048
    quantised: bool | None = None
    warmup: float = 0.1
    seed: int = 7
    early_stop: bool = False
    preferences: Method = "off"
    tokens_per_step: int | None = None
    recomputes: bool | None = None
    shares: bool | None = None

    @property
    def passes(self) -> int:
        """About how often a row's tokens are computed at most.

        Of a preference both answers are, once with gradients, and once without for a third of that.
        """
        return self.epochs if self.preferences == "off" else self.epochs + 3

    def tokens_at_once(self, *, on_gpu: bool) -> int:
        """The most tokens of a pass of several rows."""
        if self.tokens_per_step is not None:
            return self.tokens_per_step
        return ON_GPU if on_gpu else 1

    def rate(self, parameters: int) -> float:
        """The learning rate for a model with that many parameters."""
        return self.learning_rate or (5e-4 if parameters < SMALL_MODEL else 2e-4)
