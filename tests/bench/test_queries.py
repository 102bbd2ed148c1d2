from pathlib import Path

import pytest

from bench import queries


@pytest.mark.slow
def test_every_kind_of_event_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "_ROUNDS", 2)
    [figure] = queries.measure(tmp_path, 20, "")
    assert figure.what == "each event's queries at 20 answers, SQLite"
    assert figure.result.startswith("p95 ")


@pytest.mark.postgres
def test_postgres_is_measured_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres_url: str
) -> None:
    monkeypatch.setattr(queries, "_ROUNDS", 2)
    figures = queries.measure(tmp_path, 20, postgres_url)
    assert [figure.what.split(", ")[-1] for figure in figures] == ["SQLite", "PostgreSQL"]
