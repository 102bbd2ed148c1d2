"""The memory plan says what is measured, within 15%: of a server, and of a step of a training."""

from pathlib import Path

import pytest

from bench.memory_plan import TINY, compare
from serving.default_model import SMOLLM2

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("side", ["serve", "train"])
def test_the_tiny_phi3_needs_what_is_planned(side: str, tmp_path: Path) -> None:
    assert compare(side, TINY, tmp_path).ratio == pytest.approx(1, abs=0.15)


def test_the_tiny_phi3_needs_what_is_planned_in_4_bits(tmp_path: Path) -> None:
    assert compare("train", TINY, tmp_path, quantised=True).ratio == pytest.approx(1, abs=0.15)


@pytest.mark.parametrize("side", ["serve", "process"])
def test_smollm2_needs_what_is_planned(side: str, smollm2_home: Path) -> None:
    assert compare(side, SMOLLM2, smollm2_home).ratio == pytest.approx(1, abs=0.15)
