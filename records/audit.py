"""The audit log: who changed what in the console.

Its rows stay, unless the settings say for how long. Those about a person who is forgotten lose only
the person's id.
"""

from datetime import UTC, datetime

from sqlalchemy import insert, select

from domain.console import AuditEntry
from domain.redaction import without_credentials
from records.database import Database
from records.rows import columns, every
from records.tables import audit

_ENTRY = columns(audit, AuditEntry)


class AuditLog:
    """Every method raises DatabaseUnavailable."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, by: str, did: str, to: str) -> None:
        """Within ``Database.together`` the entry stands only if the change does.

        Passwords and keys in addresses are left out of ``to``.
        """
        entry = {"at": datetime.now(UTC), "by": by, "did": did, "to": without_credentials(to)}
        with self._db.session() as connection:
            connection.execute(insert(audit).values(entry))

    def latest(self, limit: int, before: int | None = None) -> list[AuditEntry]:
        """The latest entries first; with ``before``, those older than the entry of this id."""
        query = select(*_ENTRY).order_by(audit.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(audit.c.id < before)
        with self._db.reading() as connection:
            return every(connection, AuditEntry, query)
