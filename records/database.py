"""The way to the SQL database: SQLite in a file, or PostgreSQL.

A SQLite file is in WAL mode, so that readers never wait for the one writer. ``synchronous=FULL``
makes a commit outlive a power cut, not only a crash; that is one fsync for each of the few
writes a minute that people cause. Deleted text is overwritten (``secure_delete``), since it may
have been deleted because a person asked for it.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError

from domain.errors import ConfigError, DatabaseUnavailable
from records.codecs import parse_json
from records.failures import translated
from records.patience import patience
from records.tables import SCHEMA

WAIT = 10.0
"""Seconds to wait for another program's write to end."""

_FORMS = "sqlite:////absolute/path.db, or postgresql://host:5432/name (user:password@ before host)"
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=ON",
    "journal_size_limit=67108864",  # bytes to which the write-ahead log shrinks once it can
)
_READS = {"phi3_reads": True}


class Database:
    """A pool of connections, safe to use from several threads. Nothing is opened until used.

    ``url`` is a ``sqlite:///`` or ``postgresql://`` one. ``wait`` is how many seconds a locked
    database is waited for. Raises ConfigError where the URL is neither.
    """

    def __init__(self, url: str, *, wait: float = WAIT) -> None:
        self._where = describe(url)
        self._engine = open_engine(url, wait=wait)
        self._readers = self._engine.execution_options(**_READS)

    @contextmanager
    def session(self, *, long: bool = False) -> Iterator[Connection]:
        """A transaction that writes: committed at the end, or rolled back if anything is raised.

        On SQLite it has the database to itself from its start. On PostgreSQL a statement is
        stopped a little later than a lock would be waited for, with ``long`` after an hour.
        Raises DatabaseUnavailable.
        """
        with (
            translated(self._where),
            self._engine.begin() as connection,
            _limits(connection, long=long),
        ):
            yield connection

    @contextmanager
    def reading(self, *, long: bool = False) -> Iterator[Connection]:
        """A transaction that only reads, and waits for no writer. ``long`` as in ``session``.

        Keep it short: while it lasts, SQLite cannot make its write-ahead log small again.
        Raises DatabaseUnavailable.
        """
        with (
            translated(self._where),
            self._readers.begin() as connection,
            _limits(connection, long=long),
        ):
            yield connection

    def check(self) -> None:
        """Raises DatabaseUnavailable unless the database answers and has this program's tables."""
        with self.reading() as connection:
            found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if found == SCHEMA:
            return
        if found is not None and found > SCHEMA:
            raise DatabaseUnavailable(
                "The database was made by a newer version of phi3: update phi3.", self._where
            )
        raise DatabaseUnavailable(
            "The database lacks the newest tables: run `phi3 db upgrade`.", self._where
        )

    def empty_log(self) -> None:
        """Empties SQLite's write-ahead log, where deleted text may still stand.

        Waits for other programs that read. Raises DatabaseUnavailable where they do not end.
        """
        if self._engine.dialect.name != "sqlite":
            return
        with translated(self._where), closing(self._engine.raw_connection()) as connection:
            cursor = connection.cursor()
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            [(busy, _, _)] = cursor.fetchall()
        if busy:
            raise DatabaseUnavailable(
                "What was deleted may still stand in the database's write-ahead log, which other "
                "programs read: restart them.",
                self._where,
            )

    def close(self) -> None:
        """Closes the connections; waits for none that is in use."""
        self._engine.dispose()


def open_engine(
    url: str, *, wait: float = WAIT, create: bool = False, long: bool = False
) -> Engine:
    """SQLAlchemy's engine for ``url``. Only with ``create`` does SQLite make a file.

    PostgreSQL stops a statement a little later than ``wait`` seconds, with ``long`` never.
    """
    parsed = parse(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, wait, "rwc" if create else "rw")
    return _postgres(parsed, wait, long=long)


def parse(url: str) -> URL:
    """``url`` as SQLAlchemy takes it, PostgreSQL's always with its driver. Raises ConfigError."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as e:  # the latter for a port that is no number
        raise ConfigError(f"The database URL cannot be read; write it as {_FORMS}.") from e
    match parsed.drivername:
        case "postgres" | "postgresql" | "postgresql+psycopg":
            return parsed.set(drivername="postgresql+psycopg")
        case "sqlite" | "sqlite+pysqlite" if parsed.database not in (None, "", ":memory:"):
            return parsed.set(drivername="sqlite")
    raise ConfigError(
        f"Such a database is not supported; write its URL as {_FORMS}.", describe(url)
    )


def describe(url: str) -> str:
    """The database's name for people: its file, or its address without the password."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        return "URL"
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        return parsed.database
    return parsed.set(query={}).render_as_string(hide_password=True)


def file_of(url: str) -> Path | None:
    """The file of a SQLite database, else None."""
    parsed = parse(url)
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


def url_of(file: Path) -> str:
    """The URL of a SQLite database in ``file``, whatever characters its path holds."""
    return URL.create("sqlite", database=str(file)).render_as_string()


def _limits(connection: Connection, *, long: bool) -> AbstractContextManager[None]:
    if not long or connection.dialect.name != "postgresql":
        return nullcontext()
    from records.postgres import long_statements

    return long_statements(connection)


def _sqlite(url: URL, wait: float, mode: str) -> Engine:
    file = Path(url.database or "").absolute().as_uri()
    engine = create_engine(
        URL.create("sqlite", database=file, query={"uri": "true", "mode": mode}),
        # The driver would begin transactions late and let tables be made outside of them.
        connect_args={"isolation_level": None, "timeout": wait},
        # A file has room for all threads: who waits for a lock keeps no other from reading.
        max_overflow=-1,
        json_deserializer=parse_json,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: object) -> None:
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads first and writes later cannot wait for its turn; this one can.
        if connection.get_execution_options().get("phi3_reads"):
            connection.exec_driver_sql("BEGIN")
            return
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {int(patience(wait) * 1000)}")
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _postgres(url: URL, wait: float, *, long: bool) -> Engine:
    try:
        from records.postgres import postgres_engine  # only where the driver is needed

        return postgres_engine(url, wait, long=long)
    except ModuleNotFoundError as e:
        raise ConfigError("PostgreSQL needs its driver: install phi3-expert[postgres].") from e
