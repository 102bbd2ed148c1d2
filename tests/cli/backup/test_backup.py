"""Everything is written into one file, and another deployment is made from it."""

import json
import os
import shutil
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from shutil import rmtree

import pytest

from cli import indexes
from cli.backup.manifest import Kind, Manifest
from cli.backup.restoring import restore_backup
from cli.backup.writing import written
from cli.environment import read_settings
from cli.forgetting import forget_answer, forget_person
from cli.wiring import Container
from domain.adapters import AdapterState
from domain.documents import IndexPlace
from domain.errors import NotFound, RecordsError, StoreFailed
from domain.questions import Audience, Verdict
from records.tables import metadata
from tests.cli.backup.deployment import QUESTIONS, Deployment, fill, seen
from tests.cli.model_server import model_server
from tests.knowledge.doubles import WordEmbedder
from tests.migrations.release import released
from tests.records.makers import hold, question, source_job
from tests.s3_server import BUCKET, one_s3_server, s3
from training.publish import verify

__all__ = ["one_s3_server", "s3"]

pytestmark = pytest.mark.slow  # each fills a deployment

POSTGRES = pytest.mark.postgres
WEAVIATE = pytest.mark.weaviate


def made(of: Deployment, to: Path) -> Path:
    return Path(of.phi3("backup", "--to", str(to))["file"])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("sqlite_lancedb", "empty"),
        pytest.param("sqlite_lancedb", "postgres_lancedb", marks=POSTGRES),
        pytest.param("postgres_lancedb", "empty", marks=POSTGRES),
        pytest.param("sqlite_lancedb", "sqlite_weaviate", marks=WEAVIATE),
        pytest.param("sqlite_lancedb", "postgres_weaviate", marks=[POSTGRES, WEAVIATE]),
        pytest.param("postgres_weaviate", "empty", marks=[POSTGRES, WEAVIATE]),
    ],
)
def test_everything_is_the_same_in_a_deployment_from_a_backup(
    one: str,
    other: str,
    tmp_path: Path,
    embedder: WordEmbedder,
    request: pytest.FixtureRequest,
) -> None:
    first: Deployment = request.getfixturevalue(one)
    fill(first, tmp_path / "docs")
    before, embedded = seen(first), embedder.embedded
    assert all(before["found"].values())
    file = made(first, tmp_path / "to")

    second: Deployment = request.getfixturevalue(other)
    told = second.phi3("restore", str(file))
    assert seen(second) == before
    assert embedder.embedded == embedded  # nothing was embedded again
    assert (told["documents"], told["documents_to_read"]) == (4, 0)
    assert told["adapters"] == ["night-2", "night-1"]


def test_what_may_answer_is_in_a_backup_with_its_files(
    filled: Deployment, empty: Deployment, tmp_path: Path
) -> None:
    file = made(filled, tmp_path / "to")
    empty.phi3("restore", str(file))
    with empty.container() as container:
        for name in ("night-2", "night-1"):
            folder = container.adapter_places.folder_of(container.adapters.find(name))
            assert folder == empty.home / "adapters" / name
            there = filled.home / "adapters" / name
            assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
                path.name: path.read_bytes() for path in there.iterdir()
            }
        [run] = container.runs.latest()
        assert run.report == str(empty.home / "nights" / "run-1")
        assert (Path(run.report) / "report.html").read_text() == "<p>A night.</p>"
        assert container.adapters.rollback(datetime.now(UTC)).name == "night-1"  # type: ignore[union-attr]
    assert not (empty.home / "adapters" / "night-4").exists()


def test_adapters_of_an_address_are_published_at_the_address_of_the_new_deployment(
    tmp_path: Path,
) -> None:
    (tmp_path / "share").mkdir()
    (tmp_path / "newshare").mkdir()
    one = Deployment(tmp_path / "one", {"PHI3_ADAPTERS": str(tmp_path / "share")})
    fill(one, tmp_path / "docs")
    with one.container() as container:
        container.adapter_places.publish_older(container.adapters.all())
    other = Deployment(tmp_path / "other", {"PHI3_ADAPTERS": str(tmp_path / "newshare")})
    file = made(one, tmp_path / "to")
    for _ in range(2):
        other.phi3("restore", "--replace", str(file))
    with other.container() as container:
        live = container.adapters.live()
        assert live
        assert live.path == str(tmp_path / "newshare" / "night-2")
        assert container.adapter_places.folder_of(live).is_dir()
    assert {path.name for path in (tmp_path / "newshare").iterdir()} == {"night-1", "night-2"}


def test_adapters_in_a_bucket_are_in_a_backup(tmp_path: Path, empty: Deployment, s3: str) -> None:
    one = Deployment(tmp_path / "one", {"PHI3_ADAPTERS": f"s3://{BUCKET}/phi3"})
    fill(one, tmp_path / "docs")
    with one.container() as container:
        container.adapter_places.publish_older(container.adapters.all())
        for name in ("night-1", "night-2"):
            rmtree(one.home / "adapters" / name)
            container.adapters.moved(name, f"s3://{BUCKET}/phi3/{name}")
    file = made(one, tmp_path / "to")
    empty.phi3("restore", str(file))
    with empty.container() as container:
        live = container.adapters.live()
        assert live
        assert live.path == str(empty.home / "adapters" / "night-2")
        assert verify(container.adapter_places.folder_of(live)).name == "night-2"


def test_the_same_adapter_answers_and_what_is_rated_then_is_kept(
    filled: Deployment, empty: Deployment, tmp_path: Path
) -> None:
    with model_server() as server:
        server.replies = {"night-2": "It is ten years."}
        variables = {"PHI3_SERVER_URL": server.url}
        one, other = Deployment(filled.home, variables), Deployment(empty.home, variables)
        before = one.phi3("ask", QUESTIONS[0])
        one.phi3("rate", before["answer_id"], "up")
        other.phi3("restore", str(made(one, tmp_path / "to")))
        after = other.phi3("ask", QUESTIONS[0])
        told = [each["text"] for each in (before, after)]
        assert told[0] == told[1]
        assert "ten years" in told[0]
        assert (before["adapter"], after["adapter"]) == ("night-2", "night-2")
        other.phi3("rate", after["answer_id"], "down")
    with other.container() as container:
        [kept] = container.ratings.of(before["answer_id"])
        [new] = container.ratings.of(after["answer_id"])
    assert (kept.verdict, new.verdict) == (Verdict.UP, Verdict.DOWN)


def test_adapter_whose_files_are_gone_is_named(filled: Deployment, tmp_path: Path) -> None:
    for path in (filled.home / "adapters" / "night-1").iterdir():
        path.unlink()
    (filled.home / "adapters" / "night-1").rmdir()
    told = filled.phi3("backup", "--to", str(tmp_path / "to"))
    assert told["adapters_without_files"] == ["night-1"]
    assert [*told["adapters"]] == ["night-2"]


def test_an_adapter_that_becomes_live_meanwhile_is_in_a_backup_with_its_files(
    filled: Deployment, empty: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cli.backup import making

    write = making._write_passages

    def promoted_after(*given):  # type: ignore[no-untyped-def]
        done = write(*given)
        with Container(read_settings()) as container:
            container.adapters.promote("night-3", datetime.now(UTC))
        return done

    monkeypatch.setattr(making, "_write_passages", promoted_after)
    told = filled.phi3("backup", "--to", str(tmp_path / "to"))
    assert told["adapters"]["night-3"] == "live"
    empty.phi3("restore", told["file"])
    with empty.container() as container:
        live = container.adapters.live()
        assert live
        assert verify(container.adapter_places.folder_of(live)).name == "night-3"


def test_an_address_of_adapters_that_is_away_makes_no_backup_without_them(
    filled: Deployment, tmp_path: Path
) -> None:
    away = Deployment(filled.home, {"PHI3_ADAPTERS": str(tmp_path / "away")})
    with filled.container() as container:
        container.adapters.moved("night-2", str(tmp_path / "away" / "night-2"))
    with pytest.raises(StoreFailed):
        away.phi3("backup", "--to", str(tmp_path / "to"))
    assert not list((tmp_path / "to").glob("*.tar"))


def test_no_secret_is_in_a_backup(tmp_path: Path) -> None:
    secrets = {
        "SLACK_BOT_TOKEN": "xoxb-s3cret-1",
        "SLACK_APP_TOKEN": "xapp-s3cret-2",
        "PHI3_SERVER_KEY": "s3cret-3",
        "PHI3_SERVER_URL": "http://user:s3cret-4@gpu:8000/v1",
        "PHI3_ADMINS": "U9",
    }
    of = Deployment(tmp_path / "one", secrets)
    fill(of, tmp_path / "docs")
    (of.home / "server-key").write_text("s3cret-5\n")
    told = of.phi3("backup", "--to", str(tmp_path / "to"))
    assert {*told["secrets_left_out"]} == secrets.keys() - {"PHI3_ADMINS"}
    file = Path(told["file"])
    unpacked = b"".join(contents(file).values())
    assert b"s3cret" not in unpacked

    other = Deployment(tmp_path / "other")
    done = other.phi3("restore", str(file))
    assert done["secrets_to_set"] == told["secrets_left_out"]
    lines = Path(done["settings"]).read_text().splitlines()
    assert 'PHI3_ADMINS="U9"' in lines
    assert "# PHI3_SERVER_KEY=" in lines
    assert not (other.home / "server-key").exists()


def contents(file: Path) -> dict[str, bytes]:
    """The parts of a backup, unpacked."""
    import gzip

    with tarfile.open(file) as archive:
        read = {one.name: archive.extractfile(one).read() for one in archive}  # type: ignore[union-attr]
    return {
        name: gzip.decompress(content) if name.endswith(".gz") else content
        for name, content in read.items()
    }


def test_settings_that_were_kept_can_be_read_again(filled: Deployment, tmp_path: Path) -> None:
    given = {"PHI3_REPORT_CHANNEL": "C1", "PHI3_NIGHT_AT": "03:15", "PHI3_DIGEST_AT": "Tue 10:30"}
    of = Deployment(filled.home, given)
    file = made(of, tmp_path / "to")
    other = Deployment(tmp_path / "other")
    other.phi3("restore", str(file))
    (tmp_path / ".env").write_text((other.home / "restored-settings.env").read_text())
    with other.environment():
        settings = read_settings()
    assert (settings.report_channel, f"{settings.night_at:%H:%M}") == ("C1", "03:15")
    assert str(settings.digest_at) == "Tue 10:30"


def test_what_is_here_is_not_replaced_unless_that_is_said(
    filled: Deployment, empty: Deployment, tmp_path: Path
) -> None:
    fill(empty, tmp_path / "docs")
    with empty.container() as container:
        container.answers.ask(question(9))
    before = seen(empty)
    file = made(filled, tmp_path / "to")
    assert "--replace" in empty.refusal("restore", str(file))
    assert seen(empty) == before
    empty.phi3("restore", "--replace", str(file))
    with empty.container() as container:
        assert container.questions.find(question(9).id) is None
    assert seen(empty) == seen(filled)


def test_a_database_of_a_newer_version_is_not_replaced(
    filled: Deployment, empty: Deployment, tmp_path: Path
) -> None:
    file = made(filled, tmp_path / "to")
    with empty.container() as container:
        container.database.check()
    with closing(sqlite3.connect(empty.home / "phi3.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    line = empty.refusal("restore", "--replace", str(file))
    assert "is this phi3 too old for it?" in line
    with closing(sqlite3.connect(empty.home / "phi3.db")) as database:
        assert database.execute("SELECT * FROM alembic_version").fetchall() == [("9999",)]
    assert not (empty.home / "restoring.json").exists()


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def without_header(content: bytes) -> bytes:
    return bytes(100) + content[100:]


def with_bad_pages(content: bytes) -> bytes:
    size = 4096
    return b"".join(
        b"\xff" * size if at % 3 == 2 else content[at * size : (at + 1) * size]
        for at in range(len(content) // size)
    )


@pytest.mark.parametrize("damage", [cut, without_header, with_bad_pages])
def test_a_damaged_database_is_replaced_and_kept_under_another_name(
    filled: Deployment, empty: Deployment, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    file = made(filled, tmp_path / "to")
    shutil.copytree(filled.home, empty.home)
    database = empty.home / "phi3.db"
    damaged = damage(database.read_bytes())
    database.write_bytes(damaged)
    assert "--replace" in empty.refusal("restore", str(file))
    assert database.read_bytes() == damaged
    told = empty.phi3("restore", "--replace", str(file))
    [kept] = empty.home.glob("phi3.db.damaged-????????-??????")
    assert told["damaged_database"] == str(kept)
    assert seen(empty) == seen(filled)


def test_a_damaged_database_is_where_it_was_if_the_restore_fails(
    filled: Deployment, empty: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = made(filled, tmp_path / "to")
    empty.home.mkdir()
    (empty.home / "phi3.db").write_bytes(b"damaged" * 1000)

    def unfit(*_: object) -> None:
        raise RecordsError("do not fit")

    monkeypatch.setattr("cli.backup.restoring.fill", unfit)
    assert "do not fit" in empty.refusal("restore", "--replace", str(file))
    assert [one.name for one in empty.home.glob("phi3.db*")] == ["phi3.db"]
    assert (empty.home / "phi3.db").read_bytes() == b"damaged" * 1000


def test_a_backup_of_a_newer_version_changes_nothing(
    filled: Deployment, empty: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.backup.making.SCHEMA", "9999")
    file = made(filled, tmp_path / "to")
    assert "newer version of phi3" in empty.refusal("restore", str(file))
    assert not empty.home.exists()


def test_a_backup_of_an_earlier_version_is_upgraded(empty: Deployment, tmp_path: Path) -> None:
    for release in released():
        file = tmp_path / f"{release.program}.tar"
        with written(file, lambda _: None) as writer:
            for table in metadata.sorted_tables:
                if lines := release.tables.get(table.name):
                    name = f"database/{table.name}.jsonl.gz"
                    writer.add_lines(name, Kind.ROWS, table.name, lines)
            writer.end(
                Manifest(
                    *("1", release.program, release.revision, datetime.now(UTC), "sqlite"),
                    index=None,
                    adapters={},
                    missing=(),
                    settings={},
                    secrets=(),
                    parts=tuple(writer.parts),
                )
            )
        told = empty.phi3("restore", "--replace", str(file))
        assert told["rows"] == sum(len(lines) - 1 for lines in release.tables.values())
        with empty.container() as container:
            container.database.check()
            assert len(container.adapters.all()) == 3


@pytest.mark.weaviate
def test_a_collection_of_another_deployment_is_not_replaced(
    sqlite_weaviate: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(sqlite_weaviate, tmp_path / "docs")
    file = made(sqlite_weaviate, tmp_path / "to")
    other = Deployment(tmp_path / "other", sqlite_weaviate.variables)
    other.phi3("restore", str(file))  # the first one has the plain name
    third = Deployment(tmp_path / "third", sqlite_weaviate.variables)
    assert "PHI3_WEAVIATE_COLLECTION" in third.refusal("restore", str(file))
    assert not (third.home / "restoring.json").exists()
    assert all(seen(other)["found"].values())


def test_a_home_in_which_a_role_runs_is_left_alone(
    filled: Deployment, empty: Deployment, tmp_path: Path
) -> None:
    file = made(filled, tmp_path / "to")
    (empty.home / "alive").mkdir(parents=True)
    (empty.home / "alive" / "bot@here").touch()
    assert "bot@here" in empty.refusal("restore", "--replace", str(file))


def test_a_restore_that_is_killed_before_it_looked_replaces_nothing(
    filled: Deployment, empty: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with empty.container() as container:
        container.answers.ask(question(9))
    file = made(filled, tmp_path / "to")

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("migrations.fill", killed)
        with empty.environment(), pytest.raises(KeyboardInterrupt):
            restore_backup(file, read_settings(), lambda *_: None, replace=False)
    assert "--replace" in empty.refusal("restore", str(file))
    with empty.container() as container:
        assert container.questions.find(question(9).id)


def test_what_was_read_at_the_time_of_a_backup_can_be_forgotten_again(
    filled: Deployment, tmp_path: Path
) -> None:
    with filled.container() as container:
        [uri] = [one.uri for one in container.sources.all() if one.uri.endswith("leave.md")]
        [job] = container.jobs.add([source_job(1, uri=uri)])
        assert container.jobs.take(job, hold())
    file = made(filled, tmp_path / "to")
    with filled.container() as container:
        [running] = container.jobs.of_request("request-1")
        container.jobs.finish(running, datetime.now(UTC))
    filled.phi3("forget", "source", uri)
    assert filled.phi3("restore", "--replace", str(file))["forgotten_again"] == 1


def test_what_waited_is_looked_for_before_it_is_done(
    filled: Deployment, empty: Deployment, tmp_path: Path
) -> None:
    """What was asked may have been answered in Slack after the backup."""
    with filled.container() as container:
        container.jobs.add([source_job(1), source_job(2)])
        [done] = container.jobs.of_request("request-2")
        taken = container.jobs.take(done.id, hold())
        assert taken
        container.jobs.finish(taken, datetime.now(UTC))
    file = made(filled, tmp_path / "to")
    empty.phi3("restore", str(file))
    with empty.container() as container:
        [waiting] = container.jobs.of_request("request-1")
        [done] = container.jobs.of_request("request-2")
    assert (waiting.reason, done.reason) == ("It is from a backup.", "")


def test_documents_that_the_database_does_not_name_do_not_come_back(
    filled: Deployment, empty: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A document is removed, and another one added, between the index and the database."""
    from cli.backup import making

    write = making._write_passages

    def changed_after(index, writer, progress):  # type: ignore[no-untyped-def]
        done = write(index, writer, progress)
        with Container(read_settings()) as container:
            change(container)
        return done

    def change(container: Container) -> None:
        [leave] = [one.uri for one in container.sources.all() if one.uri.endswith("leave.md")]
        container.ingestor.remove(leave)
        late = tmp_path / "docs" / "late.md"
        late.write_text("# Late\n\nLate documents are in Numbatville.\n")
        container.ingestor.ingest([late], Audience.everyone(), "U1")

    monkeypatch.setattr(making, "_write_passages", changed_after)
    file = made(filled, tmp_path / "to")
    told = empty.phi3("restore", str(file))
    assert (told["documents"], told["documents_to_read"]) == (4, 0)
    assert "Numbatville" in empty.phi3("search", "Where are late documents?")["passages"][0]["text"]
    with empty.container() as container:
        texts = [
            chunk.text
            for document in container.index.documents()
            for chunk in container.index.chunks(document)
        ]
    assert not any("Okapiland" in text for text in texts)


def test_a_document_that_a_backup_lacks_is_read_from_its_source_again(
    filled: Deployment, empty: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is replaced between the database and the last look at the index."""
    from cli.backup import making

    write = making._write_late

    def replaced_before(index, *rest):  # type: ignore[no-untyped-def]
        index.remove(pay.document)
        return write(index, *rest)

    with filled.container() as container:
        [pay] = [one for one in container.sources.all() if one.uri.endswith("pay.md")]

    monkeypatch.setattr(making, "_write_late", replaced_before)
    monkeypatch.setattr(making, "_write_passages", lambda *_: {})
    file = made(filled, tmp_path / "to")
    told = empty.phi3("restore", str(file))
    assert (told["documents"], told["documents_to_read"]) == (3, 1)
    empty.phi3("sources", "refresh")
    assert "Quaggaburg" in empty.phi3("search", QUESTIONS[2])["passages"][0]["text"]


FORGET = {
    "person": ("U1", forget_person),
    "answer": (question(1).answer_id, forget_answer),
}


@pytest.mark.parametrize("subject", FORGET)
def test_what_was_forgotten_since_a_backup_is_forgotten_again(
    filled: Deployment, subject: str, tmp_path: Path
) -> None:
    listed = tmp_path / "disk" / "forgotten.jsonl"
    of = Deployment(filled.home, {"PHI3_FORGOTTEN": str(listed)})
    file = made(of, tmp_path / "to")
    name, forget = FORGET[subject]
    of.phi3("forget", subject, name)
    after = seen(of)
    assert question(1).text not in listed.read_text()

    other = Deployment(tmp_path / "other", of.variables)
    told = other.phi3("restore", str(file))
    assert told["forgotten_again"] == 1
    assert seen(other)["answers"] == after["answers"]
    with other.container() as container, pytest.raises(NotFound):
        forget(container, name)


def test_a_source_that_was_forgotten_since_does_not_come_back(
    filled: Deployment, tmp_path: Path
) -> None:
    file = made(filled, tmp_path / "to")
    with filled.container() as container:
        [uri] = [one.uri for one in container.sources.all() if one.uri.endswith("leave.md")]
    filled.phi3("forget", "source", uri)
    told = filled.phi3("restore", "--replace", str(file))
    assert told["forgotten_again"] == 1
    with filled.container() as container:
        assert uri not in {one.uri for one in container.sources.all()}
        assert container.index.count() == 3


def test_without_a_list_of_what_was_forgotten_a_restore_says_so(
    filled: Deployment, empty: Deployment, tmp_path: Path
) -> None:
    file = made(filled, tmp_path / "to")
    assert empty.phi3("restore", str(file))["forgotten_again"] is None


def forgotten_meanwhile(of: Deployment, to: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A backup while which a person is forgotten, after their rows were copied."""
    from cli.backup import making

    write = making._write_files

    def forgotten_before(container, *rest):  # type: ignore[no-untyped-def]
        forget_person(container, "U1")
        return write(container, *rest)

    with monkeypatch.context() as patched:
        patched.setattr(making, "_write_files", forgotten_before)
        return made(of, to)


def test_what_was_forgotten_during_a_backup_does_not_come_back_on_another_machine(
    filled: Deployment, empty: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = forgotten_meanwhile(filled, tmp_path / "to", monkeypatch)
    assert empty.phi3("restore", str(file))["forgotten_again"] is None
    assert seen(empty)["answers"] == []
    with empty.container() as container, pytest.raises(NotFound):
        forget_person(container, "U1")


def test_a_restore_that_is_called_again_still_says_that_no_list_was_here(
    filled: Deployment, empty: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = forgotten_meanwhile(filled, tmp_path / "to", monkeypatch)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, empty.environment():
        patched.setattr("cli.backup.restoring._look_at_workspaces", killed)
        with pytest.raises(KeyboardInterrupt):
            restore_backup(file, read_settings(), lambda *_: None, replace=False)
    assert (empty.home / "forgotten.jsonl").exists()
    assert empty.phi3("restore", str(file))["forgotten_again"] is None


def test_a_list_that_cannot_be_written_forgets_nothing(filled: Deployment, tmp_path: Path) -> None:
    listed = tmp_path / "list"
    listed.symlink_to("/proc/nothing/of/that/name")
    of = Deployment(filled.home, {"PHI3_FORGOTTEN": str(listed)})
    before = seen(filled)
    assert "nothing is forgotten yet" in of.refusal("forget", "person", "U1")
    assert seen(filled) == before


def test_only_so_many_backups_stay(filled: Deployment, tmp_path: Path) -> None:
    to = tmp_path / "to"
    to.mkdir()
    (to / "phi3-20250101-000000.tar").write_text("old")
    (to / "notes.tar").write_text("not ours")
    (to / ".half-phi3-20250101-000000.tar").write_text("killed")
    first = filled.phi3("backup", "--to", str(to), "--keep", "2")
    assert first["removed"] == []
    assert not (to / ".half-phi3-20250101-000000.tar").exists()
    (to / "phi3-20250101-000001.tar").write_text("newer")
    from time import sleep

    sleep(1.1)  # the names are seconds
    second = filled.phi3("backup", "--to", str(to), "--keep", "2")
    assert [Path(one).name for one in second["removed"]] == [
        "phi3-20250101-000000.tar",
        "phi3-20250101-000001.tar",
    ]
    assert {one.name for one in to.glob("*.tar")} == {
        Path(first["file"]).name,
        Path(second["file"]).name,
        "notes.tar",
    }


def test_a_backup_of_an_index_that_was_lost_says_so_and_deletes_no_older_one(
    filled: Deployment, tmp_path: Path
) -> None:
    whole = filled.phi3("backup", "--to", str(tmp_path / "to"), "--keep", "1")
    assert whole["documents_without_passages"] == 0
    rmtree(filled.home / "index")
    told = filled.phi3("backup", "--to", str(tmp_path / "to"), "--keep", "1")
    assert (told["passages"], told["documents_without_passages"], told["removed"]) == (0, 4, [])
    assert Path(whole["file"]).exists()
    filled.phi3("sources", "refresh")
    again = filled.phi3("backup", "--to", str(tmp_path / "to"), "--keep", "1")
    assert (again["documents_without_passages"], len(again["removed"])) == (0, 2)


def test_files_of_a_backup_are_for_their_owner_only(filled: Deployment, tmp_path: Path) -> None:
    file = made(filled, tmp_path / "to")
    assert file.stat().st_mode & 0o077 == 0
    assert file.parent.stat().st_mode & 0o077 == 0


def test_a_full_disk_is_told_before_and_leaves_nothing(
    filled: Deployment, empty: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shutil import disk_usage

    file = made(filled, tmp_path / "to")
    full = disk_usage(tmp_path)._replace(free=10)
    with monkeypatch.context() as patched:
        patched.setattr("shutil.disk_usage", lambda _: full)
        assert "MB left" in filled.refusal("backup", "--to", str(tmp_path / "to2"))
        assert "MB left" in empty.refusal("restore", str(file))
    assert not list((tmp_path / "to2").glob("*.tar"))
    assert not empty.home.exists()


def test_a_disk_that_becomes_full_leaves_nothing_that_looks_whole(
    filled: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)
    assert "No space left" in filled.refusal("backup", "--to", str(tmp_path / "to"))
    assert [one.name for one in (tmp_path / "to").iterdir()] == [".phi3-backup.lock"]


def test_an_index_on_weaviate_needs_its_address_and_one_in_the_home_does_not(
    filled: Deployment, empty: Deployment, tmp_path: Path
) -> None:
    file = made(filled, tmp_path / "to")
    empty.phi3("restore", str(file))
    with empty.container() as container:
        assert container.indexes.place is IndexPlace.LANCEDB
        assert indexes._LANCEDB in container.indexes._which().name


def test_manifest_says_what_it_is_of(filled: Deployment, tmp_path: Path) -> None:
    read = json.loads(contents(made(filled, tmp_path / "to"))["manifest.json"])
    assert (read["format"], read["database"], read["index"]["place"]) == (2, "sqlite", "lancedb")
    assert read["adapters"] == {
        "night-2": AdapterState.LIVE.value,
        "night-1": AdapterState.RETIRED.value,
    }
