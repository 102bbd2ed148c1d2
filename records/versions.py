"""The versions of a text: which documents are of one family. Implements domain's VersionLedger."""

import struct
from collections.abc import Collection, Sequence

from sqlalchemy import delete, select

from domain.documents import SourceState, Version, VersionOf
from domain.questions import Audience
from records.database import Database
from records.rows import insert
from records.tables import grants, sources, versions

_COMPARED = 200
"""The most documents of one subject that a new one is compared with: ``README`` has thousands."""

_OF_A_FAMILY = 100


class Versions:
    """Every method raises DatabaseUnavailable."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def with_subject(self, subject: str) -> list[VersionOf]:
        """Documents of a subject, at most some hundred; an empty subject has none."""
        query = select(versions.c.document, versions.c.family, versions.c.sketch)
        query = query.where(versions.c.subject == subject).order_by(versions.c.document)
        if not subject:
            return []
        with self._db.reading() as connection:
            rows = connection.execute(query.limit(_COMPARED)).all()
        return [VersionOf(row.document, subject, row.family, _unpacked(row.sketch)) for row in rows]

    def keep(self, version: VersionOf) -> None:
        """Inserts or replaces the row of ``version.document``."""
        row = {
            "document": version.document,
            "subject": version.subject,
            "family": version.family,
            "sketch": _packed(version.sketch),
        }
        new = {name: row[name] for name in ("subject", "family", "sketch")}
        with self._db.session() as connection:
            statement = insert(connection, versions).values(row)
            connection.execute(
                statement.on_conflict_do_update(index_elements=["document"], set_=new)
            )

    def drop_unused(self, documents: Collection[str]) -> None:
        """Deletes what is known of those documents that no source has any more."""
        used = select(sources.c.document).where(sources.c.state != SourceState.REMOVED)
        named = versions.c.document.in_(sorted(documents))
        with self._db.session() as connection:
            connection.execute(delete(versions).where(named, versions.c.document.not_in(used)))

    def families(self, documents: Collection[str], audience: Audience) -> dict[str, list[Version]]:
        """For each document the versions of its text that ``audience`` may read, itself too.

        Those without other versions are left out. At most some hundred of a family are named.
        """
        own = versions.alias("own")
        query = (
            select(
                own.c.document.label("of"),
                versions.c.document,
                sources.c.uri,
                sources.c.title,
                sources.c.modified,
            )
            .join(versions, versions.c.family == own.c.family)
            .join(sources, sources.c.document == versions.c.document)
            .where(
                own.c.document.in_(sorted(documents)),
                sources.c.state != SourceState.REMOVED,
                sources.c.uri.in_(
                    select(grants.c.source).where(grants.c.label.in_(sorted(audience.labels)))
                ),
            )
            .order_by(sources.c.modified.desc(), sources.c.uri)
            .limit(_OF_A_FAMILY * max(1, len(documents)))
        )
        found: dict[str, list[Version]] = {}
        with self._db.reading() as connection:
            for row in connection.execute(query):
                version = Version(row.document, row.uri, row.title, row.modified)
                found.setdefault(row.of, []).append(version)
        return {of: each for of, each in found.items() if len({one.document for one in each}) > 1}


def _packed(sketch: Sequence[int]) -> bytes:
    return struct.pack(f">{len(sketch)}q", *sketch)


def _unpacked(stored: bytes) -> tuple[int, ...]:
    return struct.unpack(f">{len(stored) // 8}q", stored)
