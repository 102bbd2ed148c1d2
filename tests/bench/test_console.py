"""The benchmark of the console's pages measures each page on data that the pages show."""

from pathlib import Path

import pytest

from bench import console
from console.pages import PAGES


@pytest.mark.slow
def test_every_page_of_the_navigation_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "_ROUNDS", 2)
    figures = console.measure(tmp_path, 500)
    listed = [page for page in PAGES if page.is_listed]
    assert len(figures) == len(listed) + len(console._FILTERS)
    with console._console(tmp_path / "shown.db", 500) as client:
        shown = client.get("/").text
    assert ">499<" in shown  # the first is of another year
    assert "Thumbs up, of 166" in shown
