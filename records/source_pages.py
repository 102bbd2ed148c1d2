"""Sources page by page, by their addresses, for the people who may read them."""

from sqlalchemy import ColumnElement, Connection, Function, Text, collate, func, or_, select

from domain.documents import Source, SourceState
from domain.questions import Audience
from records.columns import encode_text
from records.database import UPPER, Database
from records.sources import Sources
from records.tables import grants, sources


class SourcePages:
    """Every method raises DatabaseUnavailable."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._sources = Sources(db)

    def page(
        self,
        audience: Audience | None,
        limit: int,
        *,
        state: SourceState | None = None,
        text: str = "",
        after: str = "",
    ) -> list[Source]:
        """At most ``limit`` whose addresses come after ``after``; None may read all.

        ``text`` stands in the title or the address, in any case. Those that were removed are left
        out, unless ``state`` wants them.
        """
        query = select(sources.c.uri).where(sources.c.uri > after)
        if audience is not None:
            labels = sorted(audience.labels)
            may_read = select(grants.c.source).where(
                grants.c.source == sources.c.uri, grants.c.label.in_(labels)
            )
            query = query.where(may_read.exists())
        is_wanted = sources.c.state == state if state else sources.c.state != SourceState.REMOVED
        query = query.where(is_wanted)
        with self._db.reading() as connection:
            if text:
                named = (_in_capitals(connection, one) for one in (sources.c.title, sources.c.uri))
                wanted = encode_text(text).upper()
                query = query.where(or_(*(one.contains(wanted, autoescape=True) for one in named)))
            uris = connection.execute(query.order_by(sources.c.uri).limit(limit)).scalars().all()
        known = self._sources.find_all(uris)
        return [known[uri] for uri in uris if uri in known]


def _in_capitals(connection: Connection, text: ColumnElement[str]) -> Function[str]:
    """As ``str.upper`` does it; "ß" becomes "SS"."""
    if connection.dialect.name == "sqlite":
        return Function(UPPER, text, type_=Text)
    # The column's own collation, and perhaps the database's, knows only the letters from a to z.
    return func.upper(collate(text, "und-x-icu"), type_=Text)
