"""Answers of arms, made for tests."""

from collections.abc import Iterator, Mapping, Sequence

from training.compare.arms import Arm, ArmAnswer


def answer(f1: float = 0.5, *, refused: bool = False, right: bool = True) -> ArmAnswer:
    return ArmAnswer("word " * 4, 1.0, f1, right, refused, right)


def answers(
    count: int, chosen: Sequence[Arm] = tuple(Arm), **gains: float
) -> Iterator[Mapping[Arm, ArmAnswer]]:
    """Answers whose f1 is 0.2, and more by the gain of each arm, which varies a little."""
    for n in range(count):
        noise = 0.01 * (n % 3 - 1)
        yield {arm: answer(0.2 + gains.get(arm.name, 0.0) + noise * (n % 2)) for arm in chosen}
