"""The workspaces that installed the app, with their tokens, which are encrypted."""

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, delete, or_, select, update

from domain.installations import Installation
from records.database import Database
from records.rows import insert
from records.tables import installations

if TYPE_CHECKING:
    from records.token_cipher import TokenCipher

_PLAIN = [
    installations.c[name] for name in ("team", "name", "user", "bot", "app", "url", "installed_at")
]
_LEASE = timedelta(minutes=1)
"""How long a process may take to renew a token, before another one does."""


class Installations:
    """Every method raises DatabaseUnavailable, and ConfigError if the key opens no stored token."""

    def __init__(self, db: Database, cipher: "TokenCipher") -> None:
        self._db = db
        self._cipher = cipher

    def save(self, made: Installation) -> None:
        """Stores an installation instead of an earlier one of its workspace."""
        row = {column.name: getattr(made, column.name) for column in _PLAIN} | {
            "tokens": self._sealed(made.token, made.refresh_token),
            "expires_at": made.expires_at,
            "renewed_until": None,
        }
        with self._db.session() as connection:
            statement = insert(connection, installations).values(row)
            connection.execute(statement.on_conflict_do_update(index_elements=["team"], set_=row))

    def find(self, team: str) -> Installation | None:
        query = select(*_PLAIN, installations.c.tokens, installations.c.expires_at)
        with self._db.reading() as connection:
            row = connection.execute(query.where(installations.c.team == team)).first()
        return None if row is None else self._opened(row)

    def all(self) -> list[Installation]:
        query = select(*_PLAIN, installations.c.tokens, installations.c.expires_at)
        with self._db.reading() as connection:
            rows = connection.execute(query.order_by(installations.c.team)).all()
        return [self._opened(row) for row in rows]

    def remove(self, team: str, until: datetime) -> bool:
        """Deletes what was installed until a time; returns whether it did."""
        statement = delete(installations).where(
            installations.c.team == team, installations.c.installed_at <= until
        )
        with self._db.session() as connection:
            return bool(connection.execute(statement).rowcount)

    def begin_renewal(self, known: Installation, now: datetime) -> bool:
        """Whether this process is to renew a token; others leave it alone for a minute."""
        with self._db.session() as connection:
            statement = (
                update(installations)
                .where(
                    installations.c.team == known.team,
                    installations.c.expires_at == known.expires_at,
                    or_(
                        installations.c.renewed_until.is_(None),
                        installations.c.renewed_until < now,
                    ),
                )
                .values(renewed_until=now + _LEASE)
            )
            return bool(connection.execute(statement).rowcount)

    def renewed(self, known: Installation, new: Installation) -> None:
        """Stores new tokens, unless the app was removed or installed again meanwhile."""
        statement = (
            update(installations)
            .where(
                installations.c.team == known.team,
                installations.c.installed_at == known.installed_at,
            )
            .values(
                tokens=self._sealed(new.token, new.refresh_token),
                expires_at=new.expires_at,
                renewed_until=None,
            )
        )
        with self._db.session() as connection:
            connection.execute(statement)

    def seal_again(self) -> int:
        """Encrypts with the first key what another one encrypted; returns how many rows."""
        changed = 0
        stored = select(installations.c.team, installations.c.tokens)
        # A process that renews a token meanwhile waits, so that its new one is not replaced.
        locked = stored.order_by(installations.c.team).with_for_update()
        with self._db.session() as connection:
            for team, sealed in connection.execute(locked).all():
                if self._cipher.is_current(sealed):
                    continue
                again = self._cipher.encrypt(self._cipher.decrypt(sealed))
                statement = update(installations).where(installations.c.team == team)
                changed += connection.execute(statement.values(tokens=again)).rowcount
        return changed

    def _sealed(self, token: str, refresh: str) -> str:
        return self._cipher.encrypt(json.dumps({"token": token, "refresh": refresh}))

    def _opened(self, row: Row[*tuple[Any, ...]]) -> Installation:
        tokens = json.loads(self._cipher.decrypt(row.tokens))
        plain = {column.name: getattr(row, column.name) for column in _PLAIN}
        return Installation(
            **plain,
            token=tokens["token"],
            refresh_token=tokens["refresh"],
            expires_at=row.expires_at,
        )
