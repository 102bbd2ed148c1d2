"""Which sources were found in which collection, and whom a collection lets read them.

A grant that a collection gave has the collection's uri as ``by``. If several give the same one, it
has the first of them, and passes to another when the source leaves that.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, func, or_, select, update

from domain.errors import NotFound
from domain.questions import Audience
from records.grants import AT_ONCE, give_back
from records.rows import insert
from records.tables import collection_grants, collections, grants, members, sources, withheld


def add_members(
    connection: Connection, collection: str, uris: Sequence[str], audience: Audience, at: datetime
) -> None:
    """Makes known sources members, and lets those of ``audience`` read them who still have it.

    From whom a person took one, those are not given it, unless the collection is that source.
    Raises NotFound if the collection was removed.
    """
    stored = select(collections.c.uri).where(collections.c.uri == collection)
    held = stored.with_for_update(read=True, key_share=True)
    if connection.execute(held).first() is None:
        raise NotFound(f"There is no collection {collection}.")
    found = [{"collection": collection, "source": uri} for uri in uris]
    connection.execute(insert(connection, members).on_conflict_do_nothing(), found)
    label = collection_grants.c.label
    had = select(label).where(collection_grants.c.collection == collection)
    still = audience.labels & set(connection.execute(had).scalars())
    if collection in uris:
        give_back(connection, collection, Audience(frozenset(still)))
    taken = _withheld(connection, uris)
    given = [
        {"source": uri, "label": each, "by": collection, "since": at}
        for uri in uris
        for each in sorted(still)
        if (uri, each) not in taken
    ]
    if given:
        connection.execute(insert(connection, grants).on_conflict_do_nothing(), given)


def found_in(collection: str) -> ColumnElement[bool]:
    """The sources that are members of a collection, or that it still lets somebody read."""
    own = select(members.c.source).where(members.c.collection == collection)
    given = select(grants.c.source).where(grants.c.by == collection)
    return or_(sources.c.uri.in_(own), sources.c.uri.in_(given))


def drop_member(
    connection: Connection, collection: str, uri: str, audience: Audience | None
) -> None:
    """Takes a source out of a collection, with the grants that no other one and no person gave.

    With ``audience`` it stays a member, and only the grants to these labels go.
    """
    if audience is None:
        own = and_(members.c.collection == collection, members.c.source == uri)
        connection.execute(delete(members).where(own))
    take_given(connection, collection, audience, [uri])


def take_given(
    connection: Connection,
    collection: str,
    audience: Audience | None,
    uris: Sequence[str] | None = None,
) -> None:
    """Deletes the grants that only a collection gave; by default those of all that is in it.

    With ``audience`` only those to these labels. What another collection gives too is by that one
    from now on.
    """
    given = grants.c.by == collection
    if audience is not None:
        given = and_(given, grants.c.label.in_(sorted(audience.labels)))
    if uris is not None:
        given = and_(given, grants.c.source.in_(uris))
    also = collection_grants.c
    other = (
        select(also.collection)
        .join(members, members.c.collection == also.collection)
        .where(
            members.c.source == grants.c.source,
            also.label == grants.c.label,
            also.collection != collection,
        )
        .order_by(also.collection)
        .limit(1)
        .correlate(grants)
        .scalar_subquery()
    )
    connection.execute(update(grants).where(given, other.is_not(None)).values(by=other))
    connection.execute(delete(grants).where(given))


def _withheld(connection: Connection, uris: Sequence[str]) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for start in range(0, len(uris), AT_ONCE):
        its = withheld.c.source.in_(uris[start : start + AT_ONCE])
        query = select(withheld.c.source, withheld.c.label).where(its)
        found.update((row.source, row.label) for row in connection.execute(query))
    return found


def for_fewer(connection: Connection, audience: Audience) -> frozenset[str]:
    """The collections that do not let all of ``audience`` read what is found in them."""
    given = (
        select(func.count())
        .where(
            collection_grants.c.collection == collections.c.uri,
            collection_grants.c.label.in_(sorted(audience.labels)),
        )
        .scalar_subquery()
    )
    query = select(collections.c.uri).where(given < len(audience.labels))
    return frozenset(connection.execute(query).scalars())
