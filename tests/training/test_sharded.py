"""Two processes that each keep a part of a base in NF4 (FSDP) train as one that has all of it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from serving.models import ModelFiles
from tests.training.makers import example
from training.publish import WEIGHTS
from training.recipe import Recipe

NF4 = Recipe(r=4, alpha=8, learning_rate=1e-2, epochs=2, batch=2, quantised=True)
ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_base_in_parts_gives_the_adapter_of_a_whole_one(tiny: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file

    from training import qlora

    alone = tmp_path / "alone"
    alone.mkdir()
    rows = [example(n) for n in range(4)]
    whole = qlora.train(rows, NF4, ModelFiles("tiny-phi3", str(tiny)), alone)
    subprocess.run(
        [
            *(sys.executable, "-m", "torch.distributed.run", "--standalone"),
            *("--nproc-per-node", "2", "-m", "tests.training.sharded_process"),
            *(str(tiny), str(tmp_path)),
        ],
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        timeout=560,
        capture_output=True,
    )
    parts = [tmp_path / rank for rank in ("0", "1")]
    said = [[float(x) for x in (one / "losses.txt").read_text().split()] for one in parts]
    assert said[0] == said[1] == pytest.approx(whole.losses, rel=0.02)
    one, other, expected = (load_file(folder / WEIGHTS) for folder in (*parts, alone))
    assert one.keys() == other.keys() == expected.keys()
    assert all(one[name].equal(other[name]) for name in one)
    assert all(one[name].shape == expected[name].shape for name in one)
