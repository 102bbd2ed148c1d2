from pathlib import Path

import pytest

from bench import scale


@pytest.mark.slow
def test_searching_and_replacing_are_measured_for_each_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scale, "_ROUNDS", 10)
    monkeypatch.setattr(scale, "_EXACT_ROUNDS", 2)
    plot = tmp_path / "scale.svg"
    figures = scale.measure(tmp_path, [2_000, 4_000], plot)
    assert len(figures) == 10
    assert "comparing all vectors" in plot.read_text(encoding="utf-8")
    assert figures[0].what == "search in 2,000 chunks, of which all may be read"
    assert figures[0].result == "recall@10 1.000"
    assert figures[9].what == "replacing a document in 4,000 chunks"
