"""The whole loop of bench.full_size, with a small model in the place of the large one."""

import json
from pathlib import Path

import pytest

from bench.full_size import run
from tests.tiny_phi3 import build_tiny_phi3

pytestmark = pytest.mark.slow


@pytest.mark.timeout(600)
def test_small_model_goes_through_the_whole_loop(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(tmp_path / "home", build_tiny_phi3(tmp_path / "tiny-phi3"), as_json=True)
    found = json.loads(capsys.readouterr().out)["steps"]
    assert [step["what"].split(":")[0] for step in found] == [
        "serve",
        "ask",
        "night",
        "night",
        "serve",
        "load the adapter",
        "compare",
        "swap",
        "roll back",
        "unload",
    ]
    assert all(step["seconds"] > 0 and 0.1 < step["peak"] < 4 for step in found)
    says = {step["what"].split(":")[0]: step["says"] for step in found}
    assert says["night"].startswith("losses ")
    assert says["swap"].startswith("night-")
    assert says["roll back"] == "the base model answers"
