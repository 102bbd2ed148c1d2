"""The versions of a text: which documents are of one family."""

import struct
from collections.abc import Collection, Sequence

from sqlalchemy import bindparam, delete, select

from domain.documents import SourceState, Version, VersionOf
from domain.questions import Audience
from records.database import Database
from records.grants import AT_ONCE, MAY_BE_READ
from records.rows import insert
from records.tables import sources, versions

_COMPARED = 200
"""The most documents of one subject that a new one is compared with: ``README`` has thousands."""

_OF_A_FAMILY = 100


_own = versions.alias("own")
_FAMILIES = (
    select(
        _own.c.document.label("of"),
        versions.c.document,
        sources.c.uri,
        sources.c.title,
        sources.c.modified,
    )
    .join(versions, versions.c.family == _own.c.family)
    .join(sources, sources.c.document == versions.c.document)
    .where(_own.c.document.in_(bindparam("documents", expanding=True)), MAY_BE_READ)
    .order_by(sources.c.modified.desc(), sources.c.uri)
    .limit(bindparam("most"))
)


class Versions:
    """The part of domain's SourceLedger for versions. Every method raises DatabaseUnavailable."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def versions_about(self, subject: str) -> list[VersionOf]:
        """Documents of a subject, at most some hundred; an empty subject has none."""
        query = select(versions)
        query = query.where(versions.c.subject == subject).order_by(versions.c.document)
        if not subject:
            return []
        with self._db.reading() as connection:
            rows = connection.execute(query.limit(_COMPARED)).all()
        return [
            VersionOf(
                row.document, subject, row.family, _unpacked(row.sketch), _unpacked(row.codes)
            )
            for row in rows
        ]

    def keep_versions(self, made: Sequence[VersionOf]) -> None:
        """Inserts or replaces what is known of documents as versions of a text."""
        with self._db.session() as connection:
            for version in made:
                row = {
                    "subject": version.subject,
                    "family": version.family,
                    "sketch": _packed(version.sketch),
                    "codes": _packed(version.codes),
                }
                new = insert(connection, versions).values(document=version.document, **row)
                connection.execute(new.on_conflict_do_update(index_elements=["document"], set_=row))

    def drop_versions(self, documents: Collection[str]) -> None:
        """Deletes what is known of those documents that no source has any more."""
        used = select(sources.c.document).where(sources.c.state != SourceState.REMOVED)
        names = sorted(documents)
        with self._db.session() as connection:
            for start in range(0, len(names), AT_ONCE):
                named = versions.c.document.in_(names[start : start + AT_ONCE])
                connection.execute(delete(versions).where(named, versions.c.document.not_in(used)))

    def families(self, documents: Collection[str], audience: Audience) -> dict[str, list[Version]]:
        """For each document the versions of its text that ``audience`` may read, itself too.

        Those without other versions are left out. At most some hundred of a family are named.
        """
        found: dict[str, list[Version]] = {}
        with self._db.reading() as connection:
            given = {
                "documents": sorted(documents),
                "labels": sorted(audience.labels),
                "most": _OF_A_FAMILY * max(1, len(documents)),
            }
            for row in connection.execute(_FAMILIES, given):
                version = Version(row.document, row.uri, row.title, row.modified)
                found.setdefault(row.of, []).append(version)
        return {of: each for of, each in found.items() if len({one.document for one in each}) > 1}


def _packed(sketch: Sequence[int]) -> bytes:
    return struct.pack(f">{len(sketch)}q", *sketch)


def _unpacked(stored: bytes) -> tuple[int, ...]:
    return struct.unpack(f">{len(stored) // 8}q", stored)
