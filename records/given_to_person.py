"""What was given to one person alone, as documents that they added in a direct message."""

from dataclasses import dataclass

from sqlalchemy import Column, ColumnElement, Connection, delete, select

from domain.questions import Audience
from records.database import Database
from records.tables import collection_grants, grants, withheld


@dataclass(frozen=True, slots=True)
class GivenToPerson:
    """``labels`` are the person's own. Nobody else may read the sources in ``alone``."""

    labels: Audience
    collections: tuple[str, ...]
    alone: tuple[str, ...]
    shared: tuple[str, ...]


def given_to_person(db: Database, person: str) -> GivenToPerson:
    """Raises DatabaseUnavailable."""
    is_own = is_own_label(grants.c.label, person)
    own = select(grants.c.source).where(is_own)
    with db.reading() as connection:
        rows = connection.execute(select(grants.c.source, grants.c.label).where(is_own)).all()
        others = select(grants.c.source).where(grants.c.source.in_(own), ~is_own)
        shared = set(connection.execute(others).scalars())
        theirs = is_own_label(collection_grants.c.label, person)
        given = connection.execute(
            select(collection_grants.c.collection, collection_grants.c.label).where(theirs)
        ).all()
    return GivenToPerson(
        Audience.of(*(row.label for row in (*rows, *given))),
        tuple(sorted({row.collection for row in given})),
        tuple(sorted({row.source for row in rows} - shared)),
        tuple(sorted(shared)),
    )


def is_own_label(label: Column[str], person: str) -> ColumnElement[bool]:
    """That a label is the person's, in any workspace, or of an earlier version."""
    is_of_one = (label > "person:") & (label < "person;")
    return is_of_one & label.endswith(f":{person}", autoescape=True)


def delete_labels(connection: Connection, person: str) -> int:
    """Deletes every row that names the person as a reader; returns how many."""
    return sum(
        connection.execute(delete(table).where(is_own_label(table.c.label, person))).rowcount
        for table in (grants, collection_grants, withheld)
    )
