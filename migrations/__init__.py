"""The database, step by step. Each revision in versions/ has one intent.

Every change is one transaction, on SQLite too: it happens wholly or not at all, also if the
program is killed. Two processes that upgrade at once take turns, and the second finds nothing to
do. The urls are those that ``records.database.Database`` takes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, func, select

from domain.errors import DatabaseUnavailable
from records.database import describe, file_of, open_engine
from records.failures import translated

_WAIT = 60.0
"""Seconds to wait for another process's upgrade to end."""

_LOCK = 0x70686933
"""The number of PostgreSQL's advisory lock for migrations: "phi3"."""

_TURN = Lock()  # Alembic keeps what it is doing in a global variable.


def upgrade(url: str, revision: str = "head") -> None:
    """Brings the database to ``revision``. Makes a SQLite file, and its folder, if there is none.

    Raises DatabaseUnavailable, and ConfigError for a URL that is not supported.
    """
    if file := file_of(url):
        _make_folder(file.parent)
    with _locked(url, create=True) as connection:
        command.upgrade(_config(connection), revision)


def downgrade(url: str, revision: str) -> None:
    """Takes the database back to ``revision``; ``base`` drops every table.

    Raises DatabaseUnavailable, also where there is no such revision.
    """
    with _locked(url) as connection:
        command.downgrade(_config(connection), revision)


def current(url: str) -> str | None:
    """The revision of the database; None if it has none yet. Changes nothing."""
    if (file := file_of(url)) and not file.exists():
        return None
    with _locked(url) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def heads() -> tuple[str, ...]:
    """The newest revisions that this program knows; there should be one."""
    return tuple(ScriptDirectory.from_config(_config()).get_heads())


def _config(connection: Connection | None = None) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise DatabaseUnavailable(
            "The database's folder cannot be made.", f"{folder}: {e.strerror}"
        ) from e


@contextmanager
def _locked(url: str, *, create: bool = False) -> Iterator[Connection]:
    """A transaction that no other migration runs beside. SQLite's own lock does that already."""
    engine = open_engine(url, wait=_WAIT, create=create, long=True)
    try:
        with _TURN, translated(describe(url)), engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
            yield connection
    except CommandError as e:
        raise DatabaseUnavailable(
            "The database cannot be migrated: is this phi3 too old for it?", f"{describe(url)}: {e}"
        ) from e
    finally:
        engine.dispose()
