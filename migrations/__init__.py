"""The database's migrations. Each revision in versions/ has one purpose.

Every change is one transaction, also on SQLite: it happens completely or not at all, even if the
program is killed. If two processes upgrade at once, the second waits, and then has nothing to do.
The URLs are those that ``records.database.Database`` accepts.
"""

from collections.abc import Callable, Iterator
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
from records.filling import check_empty, empty

_WAIT = 60.0
"""Seconds to wait for another process's upgrade to end."""

_LOCK = 0x70686933
"""The number of PostgreSQL's advisory lock for migrations: "phi3"."""

_ONE_AT_A_TIME = Lock()  # Alembic keeps its state in a global variable.


def upgrade(url: str, revision: str = "head") -> None:
    """Upgrades the database to ``revision``. Creates a missing SQLite file, and its folder.

    Raises DatabaseUnavailable, and ConfigError for a URL that is not supported.
    """
    if file := file_of(url):
        _make_folder(file.parent)
    with _locked(url, create=True) as connection:
        command.upgrade(_config(connection), revision)


def downgrade(url: str, revision: str) -> None:
    """Takes the database back to ``revision``; ``base`` drops every table.

    Raises DatabaseUnavailable, also if there is no such revision.
    """
    with _locked(url) as connection:
        command.downgrade(_config(connection), revision)


def fill(url: str, revision: str, write: Callable[[Connection], None], *, replace: bool) -> None:
    """Makes the tables of ``revision``, lets ``write`` fill them, and upgrades them, all at once.

    If anything fails, or the program is killed, the database is as it was. Raises NotEmpty if
    rows are stored and may not be replaced, DatabaseUnavailable (DatabaseDamaged for a SQLite file
    that cannot be read), and what ``write`` raises.
    """
    if file := file_of(url):
        _make_folder(file.parent)
    with _locked(url, create=True) as connection:
        command.upgrade(_config(connection), "head")
        if not replace:
            check_empty(connection)
        empty(connection)
        command.downgrade(_config(connection), revision)
        write(connection)
        command.upgrade(_config(connection), "head")


def current(url: str) -> str | None:
    """The revision of the database; None if it has none yet. Changes nothing."""
    if (file := file_of(url)) and not file.exists():
        return None
    with _locked(url) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def heads() -> tuple[str, ...]:
    """The newest revisions that this program knows; there should be one."""
    return tuple(ScriptDirectory.from_config(_config()).get_heads())


def revisions() -> list[str]:
    """All revisions that this program knows, the oldest first."""
    return [one.revision for one in ScriptDirectory.from_config(_config()).walk_revisions()][::-1]


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
            "The database's folder cannot be created.", f"{folder}: {e.strerror}"
        ) from e


@contextmanager
def _locked(url: str, *, create: bool = False) -> Iterator[Connection]:
    """A transaction that excludes other migrations; on SQLite its own lock does that."""
    engine = open_engine(url, wait=_WAIT, create=create, long=True)
    try:
        with _ONE_AT_A_TIME, translated(describe(url)), engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
            yield connection
    except CommandError as e:
        raise DatabaseUnavailable(
            "The database cannot be migrated: is this phi3 too old for it?", f"{describe(url)}: {e}"
        ) from e
    finally:
        engine.dispose()
