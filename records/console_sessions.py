"""One-time links into the console, and the sessions of those who used one.

Of the secrets in links and cookies only a hash is stored: who reads the database cannot sign in.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from secrets import token_hex, token_urlsafe

from sqlalchemy import Connection, delete, insert, or_, select, update

from domain.console import ConsoleRole, ConsoleSession
from domain.errors import LinkEnded
from records.database import Database
from records.rows import columns, first, values
from records.tables import console_links, console_sessions

LINK_LASTS = timedelta(minutes=10)
IDLE = timedelta(hours=2)
"""A session that was not used for so long has ended."""
LASTS = timedelta(hours=12)
"""A session ends so long after it began, even if it is used."""

_KEPT = timedelta(days=1)  # a link, so that who opens it too late reads why
_USED = "This sign-in link was used already: each signs in once."
_SEEN_EACH = timedelta(minutes=1)
_SESSION = columns(console_sessions, ConsoleSession)


def _now() -> datetime:
    return datetime.now(UTC)


class ConsoleSessions:
    """Every method raises DatabaseUnavailable. ``now`` gives the time, in UTC."""

    def __init__(self, db: Database, now: Callable[[], datetime] = _now) -> None:
        self._db = db
        self._now = now

    def make_link(self, role: ConsoleRole) -> str:
        """The secret of a new link, which signs in once. What has ended is deleted."""
        secret, now = token_urlsafe(32), self._now()
        link = {"hash": _hash(secret), "role": role, "until": now + LINK_LASTS}
        with self._db.session() as connection:
            connection.execute(delete(console_links).where(console_links.c.until < now - _KEPT))
            _delete_ended(connection, now)
            connection.execute(insert(console_links).values(link))
        return secret

    def check_link(self, secret: str) -> ConsoleRole:
        """What a link signs in as; it can still be used. Raises LinkEnded."""
        query = select(console_links).where(console_links.c.hash == _hash(secret))
        with self._db.reading() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise LinkEnded("There is no such sign-in link.")
        if row.used_at is not None:
            raise LinkEnded(_USED)
        if row.until <= self._now():
            raise LinkEnded("This sign-in link has expired: each is valid for ten minutes.")
        role: ConsoleRole = row.role
        return role

    def use_link(self, secret: str) -> tuple[str, ConsoleSession]:
        """Signs in; returns the session's secret. Raises LinkEnded."""
        now = self._now()
        take = (
            update(console_links)
            .where(console_links.c.hash == _hash(secret))
            .where(console_links.c.used_at.is_(None), console_links.c.until > now)
            .values(used_at=now)
            .returning(console_links.c.role)
        )
        with self._db.together():
            with self._db.session() as connection:
                role = connection.execute(take).scalar_one_or_none()
            if role is not None:
                return self.begin(role)
        self.check_link(secret)
        raise LinkEnded(_USED)

    def begin(
        self, role: ConsoleRole, *, team: str = "", person: str = ""
    ) -> tuple[str, ConsoleSession]:
        """A new session, and its secret. Those that have ended are deleted."""
        secret, now = token_urlsafe(32), self._now()
        session = ConsoleSession(token_hex(4), role, team, person, now, now)
        with self._db.session() as connection:
            _delete_ended(connection, now)
            connection.execute(
                insert(console_sessions).values(hash=_hash(secret), **values(session))
            )
        return secret, session

    def find(self, secret: str) -> ConsoleSession | None:
        """The session of this secret, unless it has ended; it counts as used now."""
        now = self._now()
        query = select(*_SESSION).where(console_sessions.c.hash == _hash(secret))
        with self._db.reading() as connection:
            session = first(connection, ConsoleSession, query)
        if session is None or session.began_at < now - LASTS or session.seen_at < now - IDLE:
            return None
        if session.seen_at < now - _SEEN_EACH:
            self._change(session.id, seen_at=now)
        return session

    def end(self, session_id: str) -> None:
        with self._db.session() as connection:
            connection.execute(delete(console_sessions).where(console_sessions.c.id == session_id))

    def lower(self, session_id: str, role: ConsoleRole) -> None:
        """Leaves a session a lower role until it ends."""
        self._change(session_id, role=role)

    def read_all(self, session_id: str, *, wanted: bool) -> None:
        """Lets a session read what only others may read, or not any more."""
        self._change(session_id, reads_all=wanted)

    def _change(self, session_id: str, **changed: object) -> None:
        statement = update(console_sessions).where(console_sessions.c.id == session_id)
        with self._db.session() as connection:
            connection.execute(statement.values(**changed))


def _delete_ended(connection: Connection, now: datetime) -> None:
    its = console_sessions.c
    ended = or_(its.began_at < now - LASTS, its.seen_at < now - IDLE)
    connection.execute(delete(console_sessions).where(ended))


def _hash(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
