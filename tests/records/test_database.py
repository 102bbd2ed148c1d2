import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError, StatementError

import migrations
from domain.errors import ConfigError, DatabaseUnavailable, NotFound
from records.answers import Answers
from records.database import Database, describe, parse, url_of
from records.failures import translated
from records.forgetting import Forgetting
from records.questions import Questions
from records.ratings import Ratings
from records.tables import SCHEMA
from tests.records.makers import (
    answer,
    claim_of,
    question,
)


@contextmanager
def held(file: Path, how: str) -> Iterator[None]:
    """Locks the SQLite database as another program."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute(how)
        yield
        other.rollback()


def message_of(error: pytest.ExceptionInfo[DatabaseUnavailable]) -> str:
    message = str(error.value)
    assert "\n" not in message
    return message


class TestLockedSqlite:
    @pytest.fixture
    def file(self, sqlite: str) -> Path:
        return Path(sqlite.removeprefix("sqlite:///"))

    @pytest.fixture
    def db(self, sqlite: str) -> Iterator[Database]:
        with closing(Database(sqlite, wait=0.3)) as db:
            yield db

    @pytest.mark.slow
    def test_writing_fails_with_one_line_and_changes_nothing(
        self, db: Database, file: Path
    ) -> None:
        with held(file, "BEGIN IMMEDIATE"):
            began = monotonic()
            with pytest.raises(DatabaseUnavailable, match="is locked by another program") as e:
                Questions(db).claim([claim_of(question())])
            assert 0.2 < monotonic() - began < 9  # it waits 10 s where nothing is said
        assert "try again" in message_of(e)
        assert Questions(db).find(question().id) is None

    def test_reading_continues(self, db: Database, file: Path) -> None:
        Questions(db).claim([claim_of(question())])
        with held(file, "BEGIN IMMEDIATE"):
            assert Questions(db).unfinished() == [question()]

    @pytest.mark.slow
    def test_first_connection_to_a_locked_file_fails_too(self, db: Database, file: Path) -> None:
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("PRAGMA locking_mode=EXCLUSIVE")
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(DatabaseUnavailable, match="is locked") as e:
                db.check()
        message_of(e)
        db.check()

    @pytest.mark.slow
    def test_log_of_a_locked_file_is_not_emptied(self, db: Database, file: Path) -> None:
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("PRAGMA locking_mode=EXCLUSIVE")
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(DatabaseUnavailable, match="is locked") as e:
                db.empty_log()
        message_of(e)
        db.empty_log()

    @pytest.mark.slow
    def test_once_the_lock_is_gone_the_same_call_succeeds(self, db: Database, file: Path) -> None:
        with held(file, "BEGIN IMMEDIATE"), pytest.raises(DatabaseUnavailable):
            Questions(db).claim([claim_of(question())])
        Questions(db).claim([claim_of(question())])
        assert Questions(db).unfinished() == [question()]


@pytest.mark.postgres
def test_locked_postgres_fails_with_one_line_and_changes_nothing(postgres: str) -> None:
    with closing(Database(postgres, wait=0.3)) as db, closing(Database(postgres)) as other:
        with other.session() as connection:
            connection.execute(text("LOCK TABLE questions"))
            with pytest.raises(DatabaseUnavailable, match="is locked by another program") as e:
                Questions(db).claim([claim_of(question())])
        message_of(e)
        assert Questions(db).find(question().id) is None


@pytest.mark.postgres
def test_connection_that_the_server_ended_is_replaced(postgres: str) -> None:
    with closing(Database(postgres)) as db, closing(Database(postgres)) as other:
        with db.reading() as connection:
            process = connection.execute(text("SELECT pg_backend_pid()")).scalar()
        with other.session() as connection:
            connection.execute(text(f"SELECT pg_terminate_backend({process})"))
        assert Questions(db).find(question().id) is None


def test_check_accepts_a_migrated_database(db: Database) -> None:
    db.check()


def test_missing_sqlite_file_says_to_upgrade_and_is_not_created(tmp_path: Path) -> None:
    file = tmp_path / "phi3.db"
    with closing(Database(f"sqlite:///{file}")) as db:
        for call in (
            db.check,
            Questions(db).unfinished,
            lambda: Questions(db).claim([claim_of(question())]),
            db.empty_log,
        ):
            with pytest.raises(DatabaseUnavailable, match="run `phi3 db upgrade`") as e:
                call()
            message_of(e)
    assert not file.exists()


def test_empty_database_says_to_upgrade(url: str) -> None:
    migrations.downgrade(url, "base")
    try:
        with closing(Database(url)) as db:
            for call in (db.check, Questions(db).unfinished, Ratings(db).last_rated_at):
                with pytest.raises(DatabaseUnavailable, match="run `phi3 db upgrade`") as e:
                    call()
                message_of(e)
    finally:
        migrations.upgrade(url)


@pytest.mark.parametrize(("revision", "advice"), [("0001", "db upgrade"), ("9999", "update phi3")])
def test_database_of_another_version_says_what_to_do(
    sqlite: str, revision: str, advice: str
) -> None:
    with closing(Database(sqlite)) as db:
        with db.session() as connection:
            connection.execute(text(f"UPDATE alembic_version SET version_num = '{revision}'"))
        with pytest.raises(DatabaseUnavailable, match=advice) as e:
            db.check()
    message_of(e)


def test_required_schema_is_the_newest_revision() -> None:
    assert migrations.heads() == (SCHEMA,)


def test_file_that_is_not_a_database_is_an_error_and_not_changed(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("These are my notes. " * 100)
    with (
        closing(Database(f"sqlite:///{file}")) as db,
        pytest.raises(DatabaseUnavailable, match="not a SQLite database") as e,
    ):
        db.check()
    message_of(e)
    assert file.read_text() == "These are my notes. " * 100


def test_error_of_a_server_that_does_not_answer_has_no_password() -> None:
    url = "postgres://phi3:hunter2@127.0.0.1:1/phi3"
    with closing(Database(url)) as db, pytest.raises(DatabaseUnavailable) as e:
        db.check()
    assert "does not answer" in message_of(e)
    assert "hunter2" not in message_of(e)


@pytest.mark.parametrize(
    "url", ["postgres://h/d", "postgresql://h/d", "postgresql+psycopg://h/d?sslmode=require"]
)
def test_every_way_to_write_postgres_gets_the_one_driver(url: str) -> None:
    assert parse(url).drivername == "postgresql+psycopg"


@pytest.mark.parametrize(
    "url", ["", "phi3.db", "mysql://u:hunter2@h/d", "sqlite://", "sqlite:///:memory:"]
)
def test_other_databases_are_refused_with_the_forms_that_work(url: str) -> None:
    with pytest.raises(ConfigError, match="sqlite:////absolute/path") as e:
        Database(url)
    assert "hunter2" not in str(e.value)


def test_database_is_described_without_its_password() -> None:
    assert describe("postgresql://u:hunter2@h/d?options=-cx") == "postgresql://u:***@h/d"
    assert describe("sqlite:////home/a b/phi3.db") == "/home/a b/phi3.db"


def test_path_with_special_characters_names_that_file(tmp_path: Path) -> None:
    file = tmp_path / "é #%20?&=@:" / "phi3.db"
    migrations.upgrade(url_of(file))
    assert [one.name for one in file.parent.iterdir()] == ["phi3.db"]


def test_error_inside_a_session_undoes_it(db: Database) -> None:
    def claim_and_fail() -> None:
        with db.session() as connection:
            connection.execute(text("DELETE FROM questions"))
            raise NotFound("stop")

    Questions(db).claim([claim_of(question())])
    with pytest.raises(NotFound, match="stop"):
        claim_and_fail()
    assert Questions(db).unfinished() == [question()]


def test_sqlite_enforces_foreign_keys(sqlite: str) -> None:
    with closing(Database(sqlite)) as db:
        with pytest.raises(DatabaseUnavailable, match="FOREIGN KEY"), db.session() as connection:
            connection.execute(
                text(
                    "INSERT INTO rating_inputs "
                    "VALUES ('a0', 'U1', 'button', 'up', '2026-01-01', true, false)"
                )
            )
        assert Ratings(db).of("a0") == ()


def test_forgotten_text_leaves_no_trace_in_the_file(sqlite: str) -> None:
    with closing(Database(sqlite)) as db:
        Questions(db).claim([claim_of(question())])
        Answers(db).record(answer(question()))
        Forgetting(db).delete_person(question().asked_by)
    written = Path(sqlite.removeprefix("sqlite:///")).read_bytes()
    assert b"days of leave" not in written


def _tree(kind: type[Exception]) -> list[type[Exception]]:
    return [kind, *(below for child in kind.__subclasses__() for below in _tree(child))]


def _made(kind: type[Exception]) -> Exception:
    if issubclass(kind, StatementError):
        return kind("broke", "SELECT 1", {}, Exception("broke\nbadly"))
    made = kind.__new__(kind)
    made.args = ("broke\nbadly",)
    return made


def test_no_error_of_sqlalchemy_leaks() -> None:
    for kind in _tree(SQLAlchemyError):
        error = _made(kind)
        with pytest.raises(DatabaseUnavailable) as e, translated("x"):
            raise error
        assert message_of(e)
        assert e.value.__cause__ is error


@pytest.mark.parametrize("base", [sqlite3.Error, psycopg.Error])
def test_no_error_of_a_driver_leaks(base: type[Exception]) -> None:
    for kind in _tree(base):
        error = DBAPIError.instance("SELECT 1", {}, kind("broke\nbadly"), base)
        with pytest.raises(DatabaseUnavailable) as e, translated("x"):
            raise error
        assert message_of(e)


@pytest.mark.slow
def test_importing_the_database_brings_neither_alembic_nor_a_driver() -> None:
    code = "import sys, records.database; print({'alembic', 'psycopg'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
