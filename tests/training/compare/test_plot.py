"""The plot is a picture of all arms, as its name says."""

from pathlib import Path

import pytest

from tests.training.compare.makers import answers
from training.compare.arms import Arm
from training.compare.figures import compared
from training.compare.plot import draw


@pytest.mark.parametrize("arms", [tuple(Arm), (Arm.BASE, Arm.RAG)])
def test_svg_has_every_arm_and_the_title(arms: tuple[Arm, ...], tmp_path: Path) -> None:
    draw(compared(list(answers(30, arms))), "30 questions", tmp_path / "plot.svg")
    drawn = (tmp_path / "plot.svg").read_text()
    assert drawn.lstrip().startswith("<?xml")
    assert all(f"<!-- {text} -->" in drawn for text in (*arms, "30 questions", "wrong of answered"))


def test_png_is_one(tmp_path: Path) -> None:
    draw(compared(list(answers(1))), "1 question", tmp_path / "plot.PNG")
    assert (tmp_path / "plot.PNG").read_bytes().startswith(b"\x89PNG")
