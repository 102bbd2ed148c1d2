import json
from pathlib import Path

import pytest

from bench.month.journal import Journal
from bench.month.report import curves, ended, nights_below, write

FACTS = {"change_day": 2, "lies": {"q1": "108"}}


def steps(home: Path) -> Journal:
    found = Journal(home / "month.jsonl")
    found.add("start/starter", f1=0.4, seconds=1.0)
    found.add("start/base", f1=0.0, seconds=1.0)
    for day, (ours, naive) in enumerate([(0.4, 0.4), (0.45, 0.3), (0.5, 0.2)], 1):
        if day == 2:
            found.add("day-02/starter/quality", f1=0.38, seconds=1.0)
        given = {"by": "x", "correction": "", "is_wrong": True, "is_lie": False}
        found.add(f"day-{day:02}/ours/answers", ratings=[given], seconds=2.0)
        found.add(f"day-{day:02}/ours/night", outcome="promoted", rows=50, seconds=9.0)
        found.add(f"day-{day:02}/ours/quality", f1=ours, seconds=3.0)
        if day != 1:
            found.add(f"day-{day:02}/naive/quality", f1=naive, seconds=3.0)
    found.add("end/naive/lies", answered=["q1"], seconds=1.0)
    return found


def test_the_curves_have_a_value_for_each_night(tmp_path: Path) -> None:
    assert curves(steps(tmp_path).all()) == {
        "ours": [0.4, 0.45, 0.5],
        "naive": [None, 0.3, 0.2],
        "starter": [0.4, 0.38, 0.38],
        "base": [0.0, 0.0, 0.0],
    }


def test_the_end_says_how_far_ours_is_above_the_others(tmp_path: Path) -> None:
    found = ended(curves(steps(tmp_path).all()))
    assert round(found["above starter"], 3) == 0.12
    assert round(found["above base"], 3) == 0.5
    assert found["nights below"] == 0


def test_nights_below_counts_the_longest_stay() -> None:
    assert nights_below([0.4, 0.5, 0.47, 0.47, 0.49, 0.47]) == 2
    assert nights_below([0.4, 0.5, 0.49]) == 0


@pytest.mark.slow
def test_all_three_files_are_written(tmp_path: Path) -> None:
    write(tmp_path, steps(tmp_path).all(), FACTS)
    found = json.loads((tmp_path / "month.json").read_text("utf-8"))
    assert found["falsehoods answered"] == {"naive": ["q1"]}
    assert found["seconds"]["night of ours"] == 27.0
    assert found["people"]["wrong"] == 3
    assert "| 2 | 0.45 | 0.38 | 0.30 | 0.00 | promoted | 50 |" in (
        (tmp_path / "month.md").read_text("utf-8")
    )
    assert "learning from everything" in (tmp_path / "month.svg").read_text("utf-8")


def test_a_line_that_a_kill_cut_off_does_not_count(tmp_path: Path) -> None:
    steps(tmp_path)
    file = tmp_path / "month.jsonl"
    file.write_text(file.read_text("utf-8") + '{"step": "end/ours', "utf-8")
    again = Journal(file)
    assert again.find("end/ours/lies") is None
    again.add("end/ours/lies", answered=[])
    assert Journal(file).all() == again.all()
