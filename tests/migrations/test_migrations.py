import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, bindparam, inspect, text
from sqlalchemy.engine.interfaces import ReflectedIndex

import migrations
from domain.errors import ConfigError, DatabaseUnavailable
from domain.jobs import JobState
from domain.questions import Rating, Verdict
from domain.ratings import InputKind, RatingInput
from records.columns import UtcTime
from records.database import Database, file_of, open_engine, url_of
from records.grants import Grants
from records.jobs import Jobs
from records.partial_indexes import metadata
from records.questions import Questions
from records.ratings import Ratings
from records.rows import values
from records.sources import Sources
from records.tables import answers, jobs, questions
from tests.records.databases import postgres_schema
from tests.records.makers import NOW, answer, claim_of, question, source, source_job

REVISIONS = migrations.revisions()

LATER = {"rules", "asked_in", "on_trial"}
"""The fields of questions and answers that were added after ratings were changed."""


def looked_at(url: str, look: Callable[[Connection], object]) -> object:
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            return look(connection)
    finally:
        engine.dispose()


def schema(connection: Connection) -> dict[str, object]:
    """Everything that the database says about its tables, without Alembic's."""
    found = inspect(connection)
    return {
        table: (
            [{**column, "type": repr(column["type"])} for column in found.get_columns(table)],
            found.get_pk_constraint(table),
            found.get_foreign_keys(table),
            sorted(found.get_unique_constraints(table), key=str),
            sorted(map(_index, found.get_indexes(table))),
        )
        for table in sorted(found.get_table_names())
        if table != "alembic_version"
    }


def _index(found: ReflectedIndex) -> str:
    options = {name: str(value) for name, value in found.get("dialect_options", {}).items()}
    return str({**found, "dialect_options": options})


def made_at_once(url: str) -> object:
    """The schema as SQLAlchemy creates it from the tables of records/."""
    engine = open_engine(url, create=True)
    try:
        metadata.create_all(engine)
    finally:
        engine.dispose()
    return looked_at(url, schema)


@pytest.mark.usefixtures("migrated")
def test_alembic_finds_no_difference_between_the_migrated_schema_and_the_tables(url: str) -> None:
    differences = looked_at(
        url, lambda connection: compare_metadata(MigrationContext.configure(connection), metadata)
    )
    assert differences == []


def test_migrated_sqlite_is_exactly_what_the_tables_create(sqlite: str, tmp_path: Path) -> None:
    migrations.upgrade(sqlite)
    assert looked_at(sqlite, schema) == made_at_once(url_of(tmp_path / "other.db"))


@pytest.mark.postgres
def test_migrated_postgres_is_exactly_what_the_tables_create(
    postgres: str, postgres_url: str
) -> None:
    migrations.upgrade(postgres)
    with postgres_schema(postgres_url) as other:
        assert looked_at(postgres, schema) == made_at_once(other)


def test_upgrade_arrives_at_the_one_newest_revision(url: str) -> None:
    migrations.upgrade(url)
    assert migrations.heads() == (migrations.current(url),)
    with closing(Database(url)) as db:
        db.check()


@pytest.mark.usefixtures("migrated")
def test_upgrading_again_keeps_everything(url: str) -> None:
    with closing(Database(url)) as db:
        Questions(db).claim([claim_of(question())])
        migrations.upgrade(url)
        assert Questions(db).unfinished() == [question()]


@pytest.mark.slow
def test_every_step_down_undoes_its_step_up(url: str) -> None:
    seen = []
    for revision in REVISIONS:
        migrations.upgrade(url, revision)
        seen.append(looked_at(url, schema))
    for revision in reversed(REVISIONS):
        assert migrations.current(url) == revision
        assert looked_at(url, schema) == seen.pop()
        migrations.downgrade(url, "-1")
    assert migrations.current(url) is None
    assert looked_at(url, schema) == {}


@pytest.mark.usefixtures("migrated")
def test_database_taken_down_to_nothing_comes_up_again(url: str) -> None:
    migrations.downgrade(url, "base")
    migrations.upgrade(url)
    with closing(Database(url)) as db:
        db.check()


def test_revisions_follow_each_other_in_the_order_of_their_files() -> None:
    folder = Path(migrations.__file__).parent / "versions"
    files = sorted(file.stem for file in folder.glob("*.py"))
    assert [name.split("_")[0] for name in files] == REVISIONS
    assert migrations.heads() == (REVISIONS[-1],)


def test_upgrade_makes_the_folder_of_a_sqlite_file(sqlite: str) -> None:
    file = file_of(sqlite)
    assert file is not None
    assert not file.parent.exists()
    migrations.upgrade(sqlite)
    assert file.exists()


def test_asking_for_the_revision_makes_no_file(sqlite: str) -> None:
    assert migrations.current(sqlite) is None
    file = file_of(sqlite)
    assert file is not None
    assert not file.exists()


def test_folder_that_cannot_be_created_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(DatabaseUnavailable, match="cannot be created"):
        migrations.upgrade(url_of(tmp_path / "taken" / "phi3.db"))


@pytest.mark.usefixtures("migrated")
def test_unknown_revision_is_an_error_and_changes_nothing(url: str) -> None:
    for change in (migrations.upgrade, migrations.downgrade):
        with pytest.raises(DatabaseUnavailable, match="cannot be migrated"):
            change(url, "9999")
    assert migrations.current(url) == REVISIONS[-1]


@pytest.mark.usefixtures("migrated")
def test_database_of_a_newer_program_is_an_error_and_not_changed(url: str) -> None:
    with closing(Database(url)) as db, db.session() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseUnavailable, match="too old"):
        migrations.upgrade(url)
    assert migrations.current(url) == "9999"


def test_unsupported_url_is_a_configuration_error() -> None:
    for call in (migrations.upgrade, migrations.current):
        with pytest.raises(ConfigError):
            call("mysql://h/d")


def test_failure_in_the_middle_of_an_upgrade_undoes_all_of_it(url: str) -> None:
    migrations.upgrade(url, "0002")
    with closing(Database(url)) as db:
        with db.session() as connection:
            connection.execute(text("CREATE TABLE adapters (name TEXT)"))
        with pytest.raises(DatabaseUnavailable, match="adapters"):
            migrations.upgrade(url)
    assert migrations.current(url) == "0002"
    assert "sources" not in looked_at(url, schema)  # type: ignore[operator]


@pytest.mark.slow
def test_processes_that_upgrade_at_once_take_turns(url: str) -> None:
    code = "import sys, migrations; migrations.upgrade(sys.argv[1])"

    def upgrade(_: int) -> str:
        command = [sys.executable, "-c", code, url]
        return subprocess.run(command, capture_output=True, text=True, check=False).stderr

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(upgrade, range(3))) == ["", "", ""]
    with closing(Database(url)) as db:
        db.check()


def test_audiences_of_earlier_versions_become_grants(url: str) -> None:
    migrations.upgrade(url, "0007")
    row = (
        "INSERT INTO sources (uri, audience, state, requested_by, updated_at, title, checksum, "
        "chunks, attempts, reason, reply_to) VALUES (:uri, :audience, :state, 'U1', "
        "'2026-01-02 03:04:05', '', '', 0, 0, '', :reply_to)"
    )
    rows = [
        ("/everyone", ["everyone"], "indexed", ""),
        ("/told", ["channel:C1", "person:U1"], "indexed", "slack:T1:C1:5.0"),
        ("/untold", ["channel:C2"], "failed", ""),
        ("/removed", ["everyone"], "removed", ""),
    ]
    with closing(Database(url)) as db:
        with db.session() as connection:
            for uri, labels, state, reply_to in rows:
                audience = f'{{"labels": {labels!s}}}'.replace("'", '"')
                values = {"uri": uri, "audience": audience, "state": state, "reply_to": reply_to}
                connection.execute(text(row), values)
        migrations.upgrade(url)
        found = {one.uri: one.audience.labels for one in Sources(db).all()}
        assert found == {
            "/everyone": {"everyone"},
            "/told": {"channel:T1:C1", "person:T1:U1"},
            "/untold": {"channel:C2"},
            "/removed": set(),
        }
        [given] = Grants(db).of("/everyone")
        assert (given.by, given.since) == ("U1", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))

    migrations.downgrade(url, "0007")
    query = text("SELECT uri, audience FROM sources ORDER BY uri")

    def kept(connection: Connection) -> list[list[str]]:
        found = [audience for _, audience in connection.execute(query)]
        # SQLite gives JSON as text.
        audiences = [json.loads(one) if isinstance(one, str) else one for one in found]
        return [audience["labels"] for audience in audiences]

    expected = [["everyone"], [], ["channel:C1", "person:U1"], ["channel:C2"]]
    assert looked_at(url, kept) == expected


@pytest.mark.slow
@pytest.mark.usefixtures("migrated")
def test_sources_and_their_grants_survive_a_downgrade_and_upgrade(url: str) -> None:
    with closing(Database(url)) as db:
        Sources(db).save(source())
        before = Sources(db).all(), Grants(db).by_source()
    migrations.downgrade(url, "0009")
    migrations.upgrade(url)
    with closing(Database(url)) as db:
        assert (Sources(db).all(), Grants(db).by_source()) == before


def test_unfinished_requests_become_jobs(url: str) -> None:
    migrations.upgrade(url, "0006")
    at, nobody = "2026-01-01 00:00:00+00:00", '{"labels": []}'
    questions = (
        ("slack:T1:C1:1.0", "slack:T1:C1:1.0", None),
        ("slack:T1:C1:2.0", "slack:T1:C1:1.0", at),
        ("cli:3", "", None),
    )
    sources = (
        ("https://a.example", "requested", "slack:T1:C1::5.0", '{"labels": ["channel:C1"]}'),
        ("https://b.example", "fetching", "slack:T1:C1:6.0", '{"labels": ["everyone"]}'),
        ("https://c.example", "indexed", "slack:T1:C1:7.0", nobody),
        ("/docs/d.md", "fetching", "", nobody),
    )
    with closing(Database(url)) as db, db.session() as connection:
        for name, thread, finished in questions:
            connection.execute(
                text(
                    "INSERT INTO questions (id, text, asked_by, asked_at, audience, history, "
                    "thread, reply, finished_at) VALUES (:id, 'How?', 'U1', :at, "
                    ":nobody, '[]', :thread, '', :finished)"
                ),
                {"id": name, "at": at, "nobody": nobody, "thread": thread, "finished": finished},
            )
        for uri, state, reply_to, audience in sources:
            connection.execute(
                text(
                    "INSERT INTO sources VALUES (:uri, :audience, :state, 'U2', :at, "
                    "'', '', 0, 0, '', :reply_to)"
                ),
                {
                    "uri": uri,
                    "audience": audience,
                    "state": state,
                    "at": at,
                    "reply_to": reply_to,
                },
            )
    migrations.upgrade(url)

    with closing(Database(url)) as db:
        queue = Jobs(db)
        found = {job.key: job for job in queue.in_states(JobState)}
        assert len(queue.due("T1", NOW)) == 3
    assert {job.state for job in found.values()} == {JobState.WAITING}
    assert set(found) == {"slack:T1:C1:1.0", "https://a.example", "https://b.example"}
    read = found["https://a.example"]
    assert (read.team, read.person, read.report) == ("T1", "U2", "slack:T1:C1::5.0")
    assert json.loads(read.payload) == {"version": 1, "labels": ["channel:T1:C1"]}


def test_ratings_of_earlier_versions_become_inputs_and_corrections(url: str) -> None:
    migrations.upgrade(url, "0019")
    asked, terminal = question(1), replace(question(2), id="cli:2")
    at = [datetime(2026, 1, 1, 0, minute, tzinfo=UTC) for minute in range(10)]
    with closing(Database(url)) as db:
        for one in (asked, terminal):
            with db.session() as connection:
                for kind, item in ((questions, values(one)), (answers, values(answer(one)))):
                    first_columns = {k: v for k, v in item.items() if k not in LATER}
                    connection.execute(kind.insert().values(first_columns))
        rows = [
            (asked, "U1", "up", at[1], "", ""),
            (asked, "U2", "down", at[2], "", ""),
            (asked, "U3", "down", at[3], "wrong", "31 days"),
            (terminal, "anna", "up", at[4], "", "32 days"),
        ]
        given = [(one.answer_id, *rest) for one, *rest in rows]
        withdrawn = [(asked, "U1", "up", at[0]), (asked, "U1", "down", at[5])]
        with db.session() as connection:
            for table, kept in (
                ("ratings", given),
                ("withdrawals", [(one.answer_id, *rest) for one, *rest in withdrawn]),
            ):
                for row in kept:
                    names = [f"v{n}" for n in range(len(row))]
                    statement = text(
                        f"INSERT INTO {table} VALUES ({', '.join(f':{name}' for name in names)})"
                    )
                    bound = statement.bindparams(
                        *(
                            bindparam(name, type_=UtcTime if isinstance(value, datetime) else None)
                            for name, value in zip(names, row, strict=True)
                        )
                    )
                    connection.execute(bound, dict(zip(names, row, strict=True)))
        migrations.upgrade(url)
        kept_ratings = Ratings(db)
        first = kept_ratings.of(asked.answer_id)
        assert first == (
            Rating(asked.answer_id, "U1", Verdict.UP, at[1]),
            Rating(asked.answer_id, "U2", Verdict.DOWN, at[2]),
            Rating(asked.answer_id, "U3", Verdict.DOWN, at[3], "wrong", "31 days"),
        )
        second = kept_ratings.of(terminal.answer_id)
        assert [(one.by, one.correction) for one in second] == [("anna", "32 days")]
        late = RatingInput(asked.answer_id, "U1", InputKind.THUMB_DOWN, Verdict.DOWN, at[4])
        assert kept_ratings.give(late) == first[0]
        gone = RatingInput(
            asked.answer_id, "U2", InputKind.THUMB_DOWN, Verdict.DOWN, at[6], stands=False
        )
        assert kept_ratings.give(gone) is None

    migrations.downgrade(url, "0019")

    def stored(connection: Connection) -> list[tuple[object, ...]]:
        read = 'SELECT "by", verdict, reason, correction FROM ratings ORDER BY "by"'
        gone = 'SELECT "by", verdict FROM withdrawals ORDER BY "by"'
        return [tuple(row) for query in (read, gone) for row in connection.execute(text(query))]

    assert looked_at(url, stored) == [
        ("U1", "up", "", ""),
        ("U3", "down", "wrong", "31 days"),
        ("anna", "up", "", "32 days"),
        ("U1", "down"),
        ("U2", "down"),
    ]
    migrations.upgrade(url)
    with closing(Database(url)) as db:
        assert Ratings(db).of(asked.answer_id) == (first[0], first[2])


@pytest.mark.usefixtures("migrated")
def test_jobs_keep_their_ids_when_no_later_one_may_get_a_deleted_one(url: str) -> None:
    with closing(Database(url)) as db:
        Jobs(db).add(source_job(n) for n in range(3))
        before = Jobs(db).in_states(JobState)
    migrations.downgrade(url, "0049")
    migrations.upgrade(url)
    with closing(Database(url)) as db:
        assert Jobs(db).in_states(JobState) == before
        with db.session() as connection:
            connection.execute(jobs.delete())
        [new] = Jobs(db).add([source_job()])
        assert new > max(job.id for job in before)
