"""How large a month is: small enough for two CPU cores, large enough to say something."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """``a_day`` new questions are asked on each of the ``days``; ``unseen`` questions measure.

    ``night_tokens`` and ``min_examples`` are the settings of these names. Answers have at most
    ``max_tokens``. ``lies`` falsehoods are planted. A ``changed`` share of the documents changes in
    the middle of the month. Trainings store a checkpoint every ``checkpoint_seconds``, not every
    five minutes, since these nights are small.
    """

    days: int = 20
    a_day: int = 14
    unseen: int = 100
    night_tokens: int = 100_000
    min_examples: int = 20
    max_tokens: int = 48
    lies: int = 12
    changed: float = 0.15
    checkpoint_seconds: float = 10.0

    @property
    def change_day(self) -> int:
        """The day on whose morning the documents have changed."""
        return max(2, self.days // 2)

    @property
    def kill_day(self) -> int:
        """From this day on the first night that has stored a checkpoint is killed."""
        return max(1, self.days * 2 // 5)
