"""PostgreSQL connections that never wait forever, whatever happens on the way to the server.

Four things end a wait. The server stops a statement that runs or waits for a lock too long. The
system ends a connection whose packets are not acknowledged (``tcp_user_timeout``), or that is
silent and does not answer its probes (keepalives). The client gives up where no reply comes a
little later than the server would have stopped the statement: something between the two may
acknowledge packets and not deliver them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from sqlalchemy import URL, Connection, Engine, create_engine, event

_LONG = 3600.0
"""Seconds for one statement that is known to take long."""

_IDLE = 60.0
"""Seconds that a transaction may be idle: its locks are freed where the client is gone."""

_PING = 3.0
"""Seconds for a pooled connection to show that it is alive, else another one is made."""

_FOR_STATEMENT, _FOR_REPLY = 2.0, 4.0
"""Seconds beyond those for a lock, until the server stops a statement and the client gives up."""

_OPTIONS: dict[str, int] = {
    "connect_timeout": 5,
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,  # milliseconds
}
"""libpq's options; those in the URL win."""

T = TypeVar("T")


class TimedConnection(psycopg.Connection[Any]):
    """Gives up, and closes itself, where the server's reply does not come in time."""

    reply_limit: float | None = None
    """Seconds; None: as long as it takes."""

    def wait(self, gen: PQGen[T], *args: Any, **kwargs: Any) -> T:
        limit = self.reply_limit
        if limit is None:
            return super().wait(gen, *args, **kwargs)
        if self.autocommit:  # nothing but the pool's ping is sent outside of a transaction
            limit = min(limit, _PING)
        return super().wait(self._limited(gen, limit), *args, **kwargs)

    def _limited(self, gen: PQGen[T], limit: float) -> PQGen[T]:
        deadline = monotonic() + limit
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if not ready and monotonic() > deadline:
                    self.pgconn.finish()
                    raise psycopg.OperationalError(f"no reply within {limit:.0f} s")
                wanted = gen.send(ready)
        except StopIteration as e:
            result: T = e.value
            return result


def postgres_engine(url: URL, wait: float, *, long: bool) -> Engine:
    """An engine that waits ``wait`` seconds for a lock; ``long``: and without bound for the rest.

    Raises ModuleNotFoundError where the driver is missing.
    """
    options = {name: value for name, value in _OPTIONS.items() if name not in url.query}
    engine = create_engine(url, pool_pre_ping=True, pool_timeout=wait, connect_args=options)

    @event.listens_for(engine, "do_connect")
    def connect(_: object, __: object, args: list[Any], options: dict[str, Any]) -> TimedConnection:
        connection = TimedConnection.connect(*args, **options)
        connection.reply_limit = wait + _FOR_REPLY
        settings = {
            "timezone": "UTC",
            "lock_timeout": _ms(wait),
            "statement_timeout": "0" if long else _ms(wait + _FOR_STATEMENT),
            "idle_in_transaction_session_timeout": "0" if long else _ms(_IDLE),
        }
        with connection.cursor() as cursor:
            for name, value in settings.items():
                cursor.execute("SELECT set_config(%s, %s, false)", (name, value))
        connection.commit()
        connection.reply_limit = None if long else wait + _FOR_REPLY
        return connection

    return engine


@contextmanager
def long_statements(connection: Connection) -> Iterator[None]:
    """Gives the statements of the transaction, which has begun, an hour each."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, TimedConnection)
    connection.exec_driver_sql(f"SET LOCAL statement_timeout = {_ms(_LONG)}")
    before, driver.reply_limit = driver.reply_limit, _LONG + _FOR_REPLY
    try:
        yield
    finally:
        driver.reply_limit = before


def _ms(seconds: float) -> str:
    return str(int(seconds * 1000))
