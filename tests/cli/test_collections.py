"""`phi3 ingest` and `phi3 sources` on collections: added once, read again, removed, shown."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.command import command
from cli.commands.every import app
from cli.indexes import Indexes
from cli.targets import Wanted, collection_of, uri_of
from domain.collections import CollectionProgress
from domain.documents import Source, SourceState
from domain.errors import IngestError, NotFound, UnreadableSource
from domain.questions import Audience
from tests.knowledge.doubles import WordEmbedder
from tests.knowledge.sources.another_package import write_package
from tests.knowledge.sources.git_server import Repository


@pytest.fixture
def docs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PHI3_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.chdir(tmp_path)
    words = WordEmbedder()
    monkeypatch.setattr(Indexes, "_embedder", lambda *_: words)
    docs = tmp_path / "docs"
    docs.mkdir()
    for n in range(4):
        (docs / f"{n}.md").write_text(f"# Lunch {n}\n\nSoup {n} is at noon.\n")
    return docs


def phi3(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def said(*words: str | Path) -> dict[str, Any]:
    done = phi3(*words, "--json")
    assert done.exit_code == 0, (done.output, done.exception)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def listed() -> dict[str, dict[str, Any]]:
    return {row["collection"]: row for row in said("sources", "list")["collections"]}


def states() -> dict[str, str]:
    return {Path(row["source"]).name: row["state"] for row in said("sources", "list")["sources"]}


@pytest.mark.slow
def test_ingested_folder_is_a_collection_with_a_schedule(docs: Path) -> None:
    report = said("ingest", docs)
    assert (report["added"], report["audience"]) == (4, ["everyone"])
    assert not {"would", "cursor", "held_back"} & set(report)
    row = listed()[str(docs)]
    assert (row["kind"], row["state"], row["documents"], row["failed"]) == ("folder", "ok", 4, 0)
    assert (row["audience"], row["every_seconds"]) == (["everyone"], 900)
    assert row["read_at"] < row["next_at"]

    (docs / "4.md").write_text("More.")
    report = said("ingest", docs)
    assert (report["added"], report["unchanged"]) == (1, 4)


def test_dry_run_changes_nothing_and_says_what_would_change(docs: Path) -> None:
    would = said("ingest", docs, "--audience", "team:T1", "--dry-run")
    assert (would["added"], would["audience"]) == (4, ["team:T1"])
    assert {one["outcome"] for one in would["would"]} == {"added"}
    assert said("sources", "list") == {"collections": [], "sources": []}

    said("ingest", docs)
    (docs / "0.md").write_text("Changed.")
    (docs / "1.md").unlink()
    would = said("sources", "refresh", "--dry-run")
    assert {(Path(one["source"]).name, one["outcome"]) for one in would["would"]} == {
        ("0.md", "updated"),
        ("1.md", "removed"),
    }
    printed = phi3("sources", "refresh", docs, "--dry-run").stdout
    assert f" removed  {docs / '1.md'}\n" in printed
    assert "Nothing was changed. It would be: 1 updated, 2 unchanged, 1 removed." in printed
    assert states() == {f"{n}.md": "indexed" for n in range(4)}


@pytest.mark.slow
def test_copy_of_a_repository_is_kept_as_long_as_somebody_needs_it(
    docs: Path, tmp_path: Path
) -> None:
    repository = Repository(tmp_path / "handbook")
    repository.commit(lunch="At noon.", tea="At four.")
    copies = tmp_path / "home" / "cache" / "git"

    def left() -> list[Path]:
        return [path for path in copies.glob("*/**/*") if path.is_file()]

    assert said("ingest", repository.uri, "--dry-run")["added"] == 2
    assert left() == []
    assert said("ingest", repository.uri)["added"] == 2
    said("ingest", repository.uri, "--dry-run")
    assert left()
    (repository.folder / "lunch.md").unlink()
    repository.commit()
    assert said("ingest", repository.uri, "--confirm")["removed"] == 1
    assert left()
    said("forget", "source", f"{repository.uri}#main:lunch.md")
    assert left() == []
    assert said("ingest", repository.uri)["unchanged"] == 1
    said("forget", "source", f"{repository.uri}#main:tea.md")
    assert left() == []


@pytest.mark.slow
def test_readers_of_a_known_collection_are_not_widened(docs: Path) -> None:
    said("ingest", docs, "--audience", "team:T1")
    (docs / "new.md").write_text("Secret soup.")
    printed = phi3("ingest", docs).stdout
    assert f"New sources in {docs} can be read only by all members of workspace T1." in printed
    assert "Everyone" not in printed
    rows = said("sources", "list")["sources"]
    assert {label for row in rows for label in row["audience"]} == {"team:T1"}

    said("ingest", docs, "--audience", "everyone")
    rows = said("sources", "list")["sources"]
    assert all(row["audience"] == ["everyone", "team:T1"] for row in rows)


@pytest.mark.slow
def test_schedule_is_set_and_changed(docs: Path) -> None:
    said("sources", "add", docs, "--every", "6h")
    assert listed()[str(docs)]["every_seconds"] == 6 * 3600
    said("ingest", docs)
    assert listed()[str(docs)]["every_seconds"] == 6 * 3600
    said("sources", "add", docs, "--every", "never")
    row = listed()[str(docs)]
    assert (row["every_seconds"], row["next_at"]) == (None, None)
    assert "only on request" in phi3("sources", "list").stdout


@pytest.mark.parametrize("every", ["soon", "1m", "6 h", "-1h", "99999h"])
def test_time_that_cannot_be_read_is_wrong_usage(docs: Path, every: str) -> None:
    done = phi3("sources", "add", docs, "--every", every)
    assert done.exit_code == 2
    assert "--every" in done.output


def test_what_is_not_there_is_reported_and_not_read_again(docs: Path) -> None:
    done = phi3("ingest", docs / "none.md", "--json")
    assert isinstance(done.exception, IngestError)
    (failed,) = json.loads(done.stdout)["failed"]
    assert failed["source"] == str(docs / "none.md")
    assert listed() == {}
    assert states() == {}
    assert "Everyone" not in phi3("ingest", docs / "none.md").stdout


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("", "it has no name"),
        ("circle", "leads nowhere"),
        ("~nosuchuser9/docs", "leads nowhere"),
        ("a" * 300, "cannot be opened"),
    ],
)
def test_path_that_names_nothing_is_refused(docs: Path, target: str, reason: str) -> None:
    Path("circle").symlink_to("circle")
    with pytest.raises(UnreadableSource, match=reason):
        collection_of(target, Wanted(), "cli:me")
    with pytest.raises(ValueError, match=reason):
        uri_of(target)


def test_new_sources_are_spoken_of_only_if_there_are_any(docs: Path) -> None:
    assert "Everyone can read the new sources." in phi3("ingest", docs).stdout
    assert "new sources" not in phi3("ingest", docs).stdout


def test_removed_sources_are_listed_for_programs_only(docs: Path) -> None:
    phi3("ingest", docs / "0.md")
    phi3("sources", "remove", docs / "0.md")
    assert "0.md" not in phi3("sources", "list").stdout
    assert states() == {"0.md": "removed"}


@pytest.mark.slow
def test_many_that_are_gone_stay_until_that_is_confirmed(docs: Path) -> None:
    said("ingest", docs)
    for n in (1, 2, 3):
        (docs / f"{n}.md").unlink()
    assert phi3("sources", "refresh").exit_code == 1
    row = listed()[str(docs)]
    assert (row["state"], row["documents"]) == ("held back", 4)
    (troubled,) = said("sources", "status")["troubled"]
    assert "3 of its 4 documents" in troubled["reason"]
    assert f"phi3 sources refresh {docs} --confirm" in phi3("sources", "status").stdout
    assert said("sources", "refresh", docs, "--confirm")["removed"] == 3
    assert (listed()[str(docs)]["state"], listed()[str(docs)]["reason"]) == ("ok", "")


def test_folder_that_is_gone_keeps_everything_and_is_failing(docs: Path) -> None:
    said("ingest", docs)
    docs.rename(docs.with_name("away"))
    assert phi3("sources", "refresh").exit_code == 1
    row = listed()[str(docs)]
    assert (row["state"], row["failures"], row["documents"]) == ("failing", 1, 4)
    assert "is a share not mounted?" in row["reason"]
    docs.with_name("away").rename(docs)
    assert said("sources", "refresh")["unchanged"] == 4
    assert listed()[str(docs)]["failures"] == 0


def test_sources_without_a_collection_are_still_refreshed(docs: Path) -> None:
    with command() as container:
        container.ingestor.ingest([docs / "0.md"], None, "cli:U1")
    (docs / "0.md").write_text("Changed.")
    assert said("sources", "refresh")["updated"] == 1
    assert str(docs / "0.md") in phi3("sources", "list").stdout
    assert said("sources", "refresh", docs / "0.md")["unchanged"] == 1


@pytest.mark.slow
def test_removed_collection_takes_the_documents_that_only_it_has(docs: Path) -> None:
    with command() as container:
        container.ingestor.ingest([docs / "0.md"], None, "cli:U1")
    said("ingest", docs)
    said("ingest", docs / "1.md")
    with command() as container:
        container.sources.grant(
            str(docs / "2.md"), Audience.of("channel:T1:C1"), "U7", datetime.now(UTC)
        )
    printed = phi3("sources", "remove", docs).stdout
    assert printed == f"{docs} removed, with 2 documents that were in no other collection\n"
    assert states() == {
        "0.md": "removed",
        "1.md": "indexed",
        "2.md": "indexed",
        "3.md": "removed",
    }
    assert list(listed()) == [str(docs / "1.md")]
    assert said("sources", "refresh")["unchanged"] == 2


@pytest.mark.slow
def test_document_that_was_removed_alone_stays_removed(docs: Path) -> None:
    said("ingest", docs)
    assert phi3("sources", "remove", docs / "1.md").stdout.startswith("1 passage of")
    assert said("sources", "refresh")["unchanged"] == 3
    assert states()["1.md"] == "removed"
    assert said("ingest", docs / "1.md")["added"] == 1
    assert said("sources", "refresh")["unchanged"] == 5


def test_overlapping_targets_are_each_a_collection(docs: Path) -> None:
    report = said("ingest", docs, docs / "1.md", docs)
    assert (report["added"], report["unchanged"]) == (4, 1)
    assert sorted(row["kind"] for row in listed().values()) == ["file", "folder"]


def test_running_reading_is_shown_with_an_estimate(docs: Path) -> None:
    said("ingest", docs)
    now = datetime.now(UTC)
    with command() as container:
        began = now.replace(year=now.year - 1)
        progress = CollectionProgress(str(docs), began, now, 120, 1000)
        container.collections.show_progress(progress)
        container.collections.make_due(str(docs), now)
    (running,) = said("sources", "status")["running"]
    assert (running["state"], running["progress"]["done"]) == ("reading", 120)
    printed = phi3("sources", "status").stdout
    assert f"reading  {docs}: 120 of about 1,000 documents, done at about" in printed
    assert said("sources", "status")["waiting"] == []


@pytest.mark.slow
def test_status_names_what_failed_and_why(docs: Path) -> None:
    for n in range(12):
        (docs / f"{n:02}.pdf").write_bytes(b"")
    assert phi3("ingest", docs).exit_code == 1
    told = said("sources", "status")
    assert (len(told["failed"]), told["failed_count"]) == (12, 12)
    assert told["failed"][0] == {
        "source": str(docs / "00.pdf"),
        "title": "",
        "reason": "it is empty",
    }
    printed = phi3("sources", "status").stdout
    assert f"failed   {docs / '00.pdf'}: it is empty" in printed
    assert printed.count("failed   ") == 10
    assert "… and 2 more that failed (--json names up to 1,000)" in printed


def test_list_is_bounded_for_people_and_whole_for_programs(docs: Path) -> None:
    now = datetime.now(UTC)
    rows = [
        Source(f"/old/{n:03}.md", Audience.everyone(), SourceState.INDEXED, "cli:U1", now)
        for n in range(120)
    ]
    with command() as container:
        container.sources.save_all(rows)
    printed = phi3("sources", "list").stdout
    assert printed.count("/old/") == 50
    assert "… and 70 more (--json lists all)" in printed
    assert len(said("sources", "list")["sources"]) == 120


def test_page_that_cannot_be_read_says_when_it_is_tried_again(docs: Path) -> None:
    done = phi3("ingest", "http://127.0.0.1:9/lunch")
    assert done.exit_code == 1
    assert "http://127.0.0.1:9/lunch is tried again by itself, at 20" in done.stdout


def test_address_with_a_password_is_not_stored(docs: Path) -> None:
    done = phi3("ingest", "https://me:secret@docs.example.com/")
    assert done.exit_code == 1
    assert listed() == {}


def test_address_of_an_unknown_kind_is_refused_and_not_kept(docs: Path) -> None:
    done = phi3("ingest", "confluence://team/SPACE")
    assert done.exit_code == 1
    assert "addresses of confluence are not read, only those of http" in done.stdout
    assert "confluence" not in phi3("sources", "list", "--json").stdout
    assert isinstance(phi3("sources", "show", "confluence://team/SPACE").exception, NotFound)


def test_kind_that_another_package_brings_is_added_by_its_name(
    docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = docs.parent / "packages"
    write_package(packages, "notes = team_notes:Notes")
    monkeypatch.syspath_prepend(packages)
    assert said("ingest", "notes:lunch")["added"] == 1
    [row] = [each for each in listed().values() if each["kind"] == "notes"]
    assert row["next_at"]


def test_slack_is_left_to_the_bot(docs: Path) -> None:
    done = phi3("ingest", "slack-channel:T1:C1")
    assert done.exit_code == 1
    assert "/phi3-ingest" in done.stdout
    assert listed() == {}


@pytest.mark.slow
def test_forgotten_source_that_is_still_in_a_collection_is_named(docs: Path) -> None:
    said("ingest", docs)
    done = phi3("forget", "source", docs / "1.md", "--json")
    assert done.exit_code == 0
    found = json.loads(done.stdout)
    assert found["collections"] == [str(docs)]
    assert f"phi3 sources remove {docs}" in found["advice"]

    said("ingest", docs / "2.md")
    docs.joinpath("2.md").unlink()
    phi3("forget", "source", docs / "2.md")
    assert list(listed()) == [str(docs)]
