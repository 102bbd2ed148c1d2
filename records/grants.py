"""The grants: who may read which source, one row for each source and label."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, delete, exists, select

from domain.documents import Grant, SourceState
from domain.labels import EVERYONE, channel_label, team_label
from domain.questions import Audience
from records.database import Database
from records.rows import columns, every, insert
from records.tables import collections, grants, questions, sources, withheld

_GRANT = columns(grants, Grant)
AT_ONCE = 500
"""The most sources in one query: SQLite accepts tens of thousands of parameters."""


class Grants:
    """Reads the grants; `records.sources` writes them. Every method raises DatabaseUnavailable."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def of(self, source: str) -> list[Grant]:
        """The grants of a source, by label."""
        query = select(*_GRANT).where(grants.c.source == source).order_by(grants.c.label)
        with self._db.reading() as connection:
            return every(connection, Grant, query)

    def by_source(self) -> dict[str, list[Grant]]:
        """All grants, by source."""
        query = select(*_GRANT).order_by(grants.c.source, grants.c.label)
        found: dict[str, list[Grant]] = {}
        with self._db.reading() as connection:
            for grant in every(connection, Grant, query):
                found.setdefault(grant.source, []).append(grant)
        return found

    def team_labels(self) -> frozenset[str]:
        """The labels of the workspaces to which at least one source was granted."""
        with self._db.reading() as connection:
            return _team_labels(connection)

    def channels(self, team: str) -> list[str]:
        """The labels of a workspace's channels to which at least one source was granted.

        It needs only one index look-up for each of them.
        """
        label, last, found = grants.c.label, channel_label(team, ""), list[str]()
        end = f"{last[:-1]};"
        with self._db.reading() as connection:
            while True:
                query = select(label).where(label > last, label < end).order_by(label).limit(1)
                following = connection.execute(query).scalar()
                if following is None:
                    return found
                found.append(following)
                last = following

    def all_members(self) -> Audience:
        """Every member's labels: also the workspace's, if there is only one."""
        with self._db.reading() as connection:
            return Audience.of(*_labels_of_all(connection))

    def readable_by_all(self, wanted: Collection[str]) -> frozenset[str]:
        """Those of the ``wanted`` sources that every member of this installation may read now.

        These are granted to everyone, or to the workspace if there is only one. Nobody may read a
        source that is unknown or removed.
        """
        with self._db.reading() as connection:
            return _given_to(connection, wanted, _labels_of_all(connection))

    def readable(self, wanted: Collection[str], audience: Audience) -> frozenset[str]:
        """Those of the sources that were given to one of these labels, and are not removed."""
        with self._db.reading() as connection:
            return _given_to(connection, wanted, sorted(audience.labels))

    def teams(self) -> frozenset[str]:
        """The workspaces in which a question was asked, or to which a source was granted."""
        with self._db.reading() as connection:
            return _teams(connection)


def add_grants(
    connection: Connection, source: str, audience: Audience, by: str, at: datetime
) -> None:
    """Adds a row for each label that has none yet.

    What only a collection gave until now is ``by`` this person from now on, so that it stays when
    the source leaves the collection.
    """
    give_back(connection, source, audience)
    for label in sorted(audience.labels):
        row = {"source": source, "label": label, "by": by, "since": at}
        given = insert(connection, grants).values(row)
        connection.execute(
            given.on_conflict_do_update(
                index_elements=[grants.c.source, grants.c.label],
                set_={"by": by, "since": at},
                where=grants.c.by.in_(select(collections.c.uri)),
            )
        )


def withhold(connection: Connection, source: str, audience: Audience, at: datetime) -> None:
    """Remembers that a person took a known source from these."""
    known = connection.execute(select(sources.c.uri).where(sources.c.uri == source)).first()
    taken = [{"source": source, "label": each, "since": at} for each in sorted(audience.labels)]
    if known and taken:
        connection.execute(insert(connection, withheld).on_conflict_do_nothing(), taken)


def give_back(connection: Connection, source: str, audience: Audience) -> None:
    """Forgets that a person took a source from these."""
    its = withheld.c.source == source
    ended = delete(withheld).where(its, withheld.c.label.in_(sorted(audience.labels)))
    connection.execute(ended)


def drop_grants(connection: Connection, source: str, audience: Audience | None) -> None:
    """Deletes the rows of these labels, or all of the source's."""
    statement = delete(grants).where(grants.c.source == source)
    if audience is not None:
        statement = statement.where(grants.c.label.in_(sorted(audience.labels)))
    connection.execute(statement)


def _given_to(
    connection: Connection, wanted: Collection[str], labels: Sequence[str]
) -> frozenset[str]:
    names, found = sorted(wanted), set[str]()
    for start in range(0, len(names), AT_ONCE):
        query = (
            select(grants.c.source)
            .join(sources)
            .where(
                grants.c.source.in_(names[start : start + AT_ONCE]),
                grants.c.label.in_(labels),
                sources.c.state != SourceState.REMOVED,
            )
        )
        found.update(connection.execute(query).scalars())
    return frozenset(found)


def _labels_of_all(connection: Connection) -> list[str]:
    teams = _teams(connection)
    return [EVERYONE, *(team_label(team) for team in teams if len(teams) == 1)]


def _team_labels(connection: Connection) -> frozenset[str]:
    label = grants.c.label
    query = select(label).distinct().where(label >= "team:", label < "team;")
    return frozenset(connection.execute(query).scalars())


def _teams(connection: Connection) -> frozenset[str]:
    """The workspaces of all questions; it needs only one index look-up for each workspace."""
    name, after = questions.c.id, "slack:"
    found = {label.split(":")[1] for label in _team_labels(connection)}
    while True:
        query = select(name).where(name >= after, name < "slack;").order_by(name).limit(1)
        first = connection.execute(query).scalar()
        if first is None:
            return frozenset(found)
        team = first.split(":")[1]
        found.add(team)
        after = f"slack:{team};"


MAY_BE_READ = and_(
    exists().where(
        grants.c.source == sources.c.uri, grants.c.label.in_(bindparam("labels", expanding=True))
    ),
    sources.c.state != SourceState.REMOVED,
)
"""The condition that a source is not removed, and that the audience with ``labels`` may read it.

It looks at the source's own grants: a list of all that they may read could be everything. A query
of it is made once, for that takes as long as to run it.
"""
