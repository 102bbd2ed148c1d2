"""Turns the exceptions of SQLAlchemy and the drivers into this program's errors."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimedOut

from domain.errors import DatabaseDamaged, DatabaseUnavailable
from records.metrics import database_failed

_UPGRADE = "tables", "has no tables yet, or older ones: run `phi3 db upgrade`"
_LOCKED = (
    "locked",
    "is locked by another program: wait until that is done, or end it, and try again",
)
_BUSY = "busy", "is busy: every connection is in use; try again"
_AWAY = "unreachable", "does not answer: start it, or correct PHI3_DATABASE_URL"
_OTHER = "other", "failed: the log has the reason"
_DAMAGED = "damaged"
_REASONS = {  # for Prometheus, and for people
    # SQLite's primary result codes
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_CANTOPEN: (
        "unreachable",
        "is not there or cannot be opened: run `phi3 db upgrade`",
    ),
    sqlite3.SQLITE_READONLY: ("other", "may not be written: give this user the right to"),
    sqlite3.SQLITE_FULL: ("full", "has no room left on its disk: make some"),
    sqlite3.SQLITE_CORRUPT: (_DAMAGED, "is damaged: restore it from a copy"),
    sqlite3.SQLITE_NOTADB: (_DAMAGED, "is not a SQLite database: name another file"),
    # PostgreSQL's SQLSTATE
    "55P03": _LOCKED,
    "40P01": _LOCKED,
    "57014": ("timeout", "took too long for a statement, which was stopped: try again"),
    "25P03": ("timeout", "ended a transaction that was idle for too long: try again"),
    "42P01": _UPGRADE,
    "42703": _UPGRADE,
    "53300": ("busy", "has no connection left: raise its max_connections, or close other programs"),
}


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Raises DatabaseUnavailable for the exceptions of SQLAlchemy and of SQLite's driver, and
    DatabaseDamaged for a SQLite file that cannot be read; ``where`` names the database.
    """
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as e:
        reason, text = _reason(e)
        database_failed(reason)
        kind = DatabaseDamaged if reason == _DAMAGED else DatabaseUnavailable
        raise kind(f"The database {text}.", f"{where}: {_first_line(e)}") from e


def is_of_the_database(error: SQLAlchemyError) -> bool:
    """Whether a full disk, a damaged file or the like is the cause, and not what was written."""
    return _reason(error) is not _OTHER


def locked(where: str) -> DatabaseUnavailable:
    """The error when this process itself writes for too long."""
    reason, text = _LOCKED
    database_failed(reason)
    return DatabaseUnavailable(f"The database {text}.", where)


def _reason(error: SQLAlchemyError | sqlite3.Error) -> tuple[str, str]:
    """One of ``records.metrics.REASONS``, and a text for people."""
    if isinstance(error, PoolTimedOut):
        return _BUSY
    cause = getattr(error, "orig", None) or error
    if "no such table" in str(cause) or "no such column" in str(cause):
        return _UPGRADE
    code = getattr(cause, "sqlite_errorcode", None)
    key = getattr(cause, "sqlstate", None) if code is None else code & 0xFF
    if key is None and isinstance(error, OperationalError):
        return _AWAY
    return _REASONS.get(key) or _OTHER


def _first_line(error: SQLAlchemyError | sqlite3.Error) -> str:
    """The first line of the driver's message; the rest may contain what people wrote."""
    cause = getattr(error, "orig", None) or error
    return (str(cause).splitlines() or [type(cause).__name__])[0].rstrip(". ")
