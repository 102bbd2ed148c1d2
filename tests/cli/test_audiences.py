"""Who may read documents that the terminal adds, and which documents the terminal reads."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.asking import readable
from cli.commands.every import app
from cli.environment import read_settings
from cli.wiring import Container
from domain.documents import Source, SourceState
from domain.questions import Audience

NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def docs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PHI3_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "a.md").write_text("Lunch is at noon.")
    return docs


@pytest.fixture
def container(docs: Path) -> Container:
    (docs.parent / "home").mkdir(mode=0o700)
    return Container(read_settings())


def phi3(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def ingested(*words: str | Path) -> dict[str, Any]:
    done = phi3("ingest", *words, "--json")
    assert done.exit_code == 0, done.output
    report: dict[str, Any] = json.loads(done.stdout)
    return report


@pytest.mark.parametrize("label", ["all", "channel:C1", "team:", "person:T1:u1", ""])
def test_malformed_audience_is_wrong_usage(docs: Path, label: str) -> None:
    done = phi3("ingest", docs, "--audience", label)
    assert done.exit_code == 2
    assert "--audience" in done.output
    assert not (docs.parent / "home").exists()


@pytest.mark.slow
def test_terminal_says_who_may_read_and_does_not_widen_it(docs: Path, container: Container) -> None:
    uri = str(docs / "a.md")
    row = Source(uri, Audience.of("channel:T1:C1"), SourceState.REQUESTED, "U1", NOW)
    with container:
        container.sources.save(row)

    report = ingested(docs)
    assert (report["added"], report["audience"]) == (1, ["everyone"])
    assert report["kept_narrow"] == [{"source": uri, "labels": ["channel:T1:C1"]}]

    printed = phi3("ingest", docs).stdout
    assert f"{uri} can still be read only by channel C1 of workspace T1." in printed
    assert "--audience everyone" in printed

    again = phi3("ingest", uri, "--audience", "team:T1", "--audience", "everyone")
    assert "can be read by everyone" in again.stdout
    (source,) = json.loads(phi3("sources", "list", "--json").stdout)["sources"]
    assert source["audience"] == ["channel:T1:C1", "everyone", "team:T1"]
    assert [grant["label"] for grant in source["grants"]] == source["audience"]


@pytest.mark.slow
def test_link_out_of_the_folder_is_named_and_not_a_failure(
    docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (docs.parent / "secret.txt").write_text("password")
    link = docs / "readme.txt"
    link.symlink_to(docs.parent / "secret.txt")
    report = ingested(docs)
    assert [one["source"] for one in report["skipped"]] == [str(link)]
    assert report["failed"] == []

    shared = docs.parent / "shared"
    shared.mkdir()
    (shared / "s.md").write_text("Shared.")
    (docs / "more").symlink_to(shared)
    monkeypatch.setenv("PHI3_INGEST_LINKED_FOLDERS", f"{docs.parent}/none, {shared}")
    assert ingested(docs)["added"] == 1


def test_terminal_reads_documents_of_whole_workspaces(container: Container) -> None:
    with container:
        for uri, label in (("/a", "team:T1"), ("/b", "channel:T1:C1"), ("/c", "person:T1:U1")):
            row = Source(uri, Audience.of(label), SourceState.INDEXED, "U1", NOW)
            container.sources.save(row)
        assert readable(container) == Audience.of("everyone", "team:T1")
