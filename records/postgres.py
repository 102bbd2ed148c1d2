"""PostgreSQL connections that never wait forever, even if packets to the server are lost.

Four things end a wait. The server stops a statement that runs or waits for a lock for too long. The
operating system ends a connection whose packets are not acknowledged (``tcp_user_timeout``), or
that is silent and does not answer keepalive probes. The client gives up if no reply has come a
little after the server would have stopped the statement: a device between the two may acknowledge
packets without delivering them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from sqlalchemy import URL, Connection, Engine, create_engine, event

_LONG = 3600.0
"""The most seconds for a statement that is known to take long."""

_IDLE = 60.0
"""The most seconds that a transaction may be idle; then the locks of a lost client are freed."""

_PING = 3.0
"""The most seconds for a pooled connection to answer a ping, before it is replaced."""

_FOR_STATEMENT, _FOR_REPLY = 2.0, 4.0
"""After the wait for a lock: seconds until the server stops a statement, and the client gives up.
"""

_OPTIONS: dict[str, int] = {
    "connect_timeout": 5,
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,  # milliseconds
}
"""libpq's options; the URL's take precedence."""

T = TypeVar("T")


class TimedConnection(psycopg.Connection[Any]):
    """A connection that closes itself if the server's reply does not come in time."""

    reply_limit: float | None = None
    """Seconds to wait for a reply; None means without limit."""

    def wait(self, gen: PQGen[T], *args: Any, **kwargs: Any) -> T:
        limit = self.reply_limit
        if limit is None:
            return super().wait(gen, *args, **kwargs)
        if self.autocommit:  # only the pool's ping is sent outside of a transaction
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
    """An engine that waits ``wait`` seconds for a lock; with ``long``, statements have no limit.

    Raises ModuleNotFoundError if the driver is missing.
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
    """Allows each statement of the current transaction one hour."""
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
