"""Connections to the SQL database: SQLite in a file, or PostgreSQL.

A SQLite file is in WAL mode, so that readers never wait for the one writer. With
``synchronous=FULL`` a commit survives a power failure, not only a crash. It costs one fsync for
each write, and people cause only a few writes a minute. Deleted text is overwritten
(``secure_delete``), since somebody may have asked to have it deleted.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from math import ceil
from pathlib import Path
from threading import local

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError

from domain.errors import ConfigError, DatabaseUnavailable
from records.codecs import parse_json
from records.failures import locked, translated
from records.patience import patience, waiting_at_most
from records.tables import SCHEMA
from records.turns import Turns

WAIT = 10.0
"""Seconds to wait for another program's write to end."""

UPPER = "phi3_upper"
"""SQLite's function for a text in capitals."""

_FORMS = "sqlite:////absolute/path.db, or postgresql://host:5432/name (user:password@ before host)"
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=ON",
    "journal_size_limit=67108864",  # the write-ahead log shrinks to this many bytes when it can
)
_READS = {"phi3_reads": True}
_TIMEOUT = "phi3_busy_timeout"


class Database:
    """A pool of connections, which several threads may use. It connects when it is first used.

    ``url`` begins with ``sqlite:///`` or ``postgresql://``. ``wait`` is how many seconds it waits
    for a locked database. Raises ConfigError for another URL.
    """

    def __init__(self, url: str, *, wait: float = WAIT) -> None:
        self._where = describe(url)
        self._engine = open_engine(url, wait=wait)
        self._readers = self._engine.execution_options(**_READS)
        self._wait = wait
        self._turns = Turns() if self._engine.dialect.name == "sqlite" else None
        self._together = local()

    @contextmanager
    def session(self, *, long: bool = False) -> Iterator[Connection]:
        """A transaction that writes: committed at the end, or rolled back after an error.

        On SQLite no other transaction can write at the same time. On PostgreSQL a statement is
        stopped a little later than ``wait``, or with ``long`` after an hour. Raises
        DatabaseUnavailable.
        """
        if joined := self._joined:
            with translated(self._where), joined.begin_nested():
                yield joined
            return
        with (
            translated(self._where),
            self._writing(),
            self._engine.begin() as connection,
            _limits(connection, long=long),
        ):
            yield connection

    @contextmanager
    def together(self) -> Iterator[None]:
        """Makes one transaction of all that this thread reads and writes within.

        So several changes happen all or not at all. Keep it short, as on SQLite nobody else can
        write meanwhile. Raises DatabaseUnavailable.
        """
        outer = self._joined
        with self.session() as connection:
            self._together.connection = connection
            try:
                yield
            finally:
                self._together.connection = outer

    @property
    def _joined(self) -> Connection | None:
        """The transaction of `together` in this thread, if there is one."""
        connection: Connection | None = getattr(self._together, "connection", None)
        return connection

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Lets the threads of this process write to SQLite by turns.

        SQLite itself only looks again and again, up to 100 ms apart, whether it may write, so that
        one thread could wait for seconds while others write. Raises DatabaseUnavailable.
        """
        if self._turns is None:
            yield
            return
        left = patience(self._wait)
        # Somebody waits for what has less time than usual, such as Slack for a question to be kept.
        hurried = left < self._wait
        with waiting_at_most(left):
            if not self._turns.acquire(left, hurried=hurried):
                raise locked(self._where)
            try:
                yield
            finally:
                self._turns.release()

    @contextmanager
    def reading(self, *, long: bool = False) -> Iterator[Connection]:
        """A transaction that only reads, and waits for no writer. ``long`` is as in ``session``.

        Keep it short: while it is open, SQLite cannot shrink its write-ahead log.
        Raises DatabaseUnavailable.
        """
        if joined := self._joined:
            with translated(self._where):
                yield joined
            return
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
            "The database's tables are older than this version: run `phi3 db upgrade`.", self._where
        )

    def empty_log(self) -> None:
        """Empties SQLite's write-ahead log, which may still contain deleted text.

        Waits for other programs that read. Raises DatabaseUnavailable if they do not end.
        """
        if self._engine.dialect.name != "sqlite":
            return
        with translated(self._where), closing(self._engine.raw_connection()) as connection:
            cursor = connection.cursor()
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            [(busy, _, _)] = cursor.fetchall()
        if busy:
            raise DatabaseUnavailable(
                "The deleted text may still be in the database's write-ahead log, because other "
                "programs read it: restart them.",
                self._where,
            )

    def close(self) -> None:
        """Closes the connections that are not in use."""
        self._engine.dispose()


def open_engine(
    url: str, *, wait: float = WAIT, create: bool = False, long: bool = False
) -> Engine:
    """SQLAlchemy's engine for ``url``. SQLite creates a missing file only with ``create``.

    PostgreSQL stops a statement a little later than ``wait`` seconds, or with ``long`` never.
    """
    parsed = parse(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, wait, "rwc" if create else "rw")
    return _postgres(parsed, wait, long=long)


def parse(url: str) -> URL:
    """``url`` as SQLAlchemy's URL, with the driver for PostgreSQL. Raises ConfigError."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as e:  # ValueError: the port is not a number
        raise ConfigError(f"The database URL cannot be read; write it as {_FORMS}.") from e
    match parsed.drivername:
        case "postgres" | "postgresql" | "postgresql+psycopg":
            return parsed.set(drivername="postgresql+psycopg")
        case "sqlite" | "sqlite+pysqlite" if parsed.database not in (None, "", ":memory:"):
            return parsed.set(drivername="sqlite")
    raise ConfigError(
        f"This kind of database is not supported; write its URL as {_FORMS}.", describe(url)
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
    """The URL of a SQLite database in ``file``; its path may contain any characters."""
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
        # The driver would begin transactions late, and create tables outside of them.
        connect_args={"isolation_level": None, "timeout": wait},
        # A file has enough connections, so that waiting for a lock does not stop readers.
        max_overflow=-1,
        json_deserializer=parse_json,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: object) -> None:
        # Its own knows only the letters from a to z.
        connection.create_function(UPPER, 1, str.upper, deterministic=True)
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that first reads and then writes cannot wait for a lock; this one can.
        if connection.get_execution_options().get("phi3_reads"):
            connection.exec_driver_sql("BEGIN")
            return
        milliseconds = ceil(patience(wait) * 10) * 100  # most are alike, and need no statement
        if connection.info.get(_TIMEOUT) != milliseconds:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {milliseconds}")
            connection.info[_TIMEOUT] = milliseconds
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _postgres(url: URL, wait: float, *, long: bool) -> Engine:
    try:
        from records.postgres import postgres_engine  # only if the driver is needed

        return postgres_engine(url, wait, long=long)
    except ModuleNotFoundError as e:
        raise ConfigError("PostgreSQL needs its driver: install phi3-expert[postgres].") from e
