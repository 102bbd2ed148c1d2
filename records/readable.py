"""The sources that some people may read, page by page."""

from collections.abc import Collection, Iterable

from sqlalchemy import func, select

from domain.documents import Source, SourceState
from domain.questions import Audience
from records.database import Database
from records.sources import Sources
from records.tables import grants, sources


class ReadableSources:
    """Every method raises DatabaseUnavailable."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._sources = Sources(db)

    def among(self, uris: Collection[str], audience: Audience) -> dict[str, Source]:
        """Those of some sources that ``audience`` may read, by uri."""
        found = self._sources.find_all(uris)
        return {uri: one for uri, one in found.items() if audience.may_read(one.audience)}

    def page(
        self,
        audience: Audience,
        states: Iterable[SourceState],
        *,
        without: Collection[str] = (),
        first: int = 0,
        limit: int = 20,
    ) -> tuple[list[Source], int]:
        """Those in one of ``states`` that ``audience`` may read, and how many there are in all.

        The latest changed come first; ``first`` counts from 0. ``without`` are uris to leave out.
        """
        given = select(grants.c.source).where(grants.c.label.in_(sorted(audience.labels)))
        wanted = (
            sources.c.uri.in_(given),
            sources.c.state.in_(list(states)),
            sources.c.uri.not_in(list(without)),
        )
        latest = select(sources.c.uri).where(*wanted)
        latest = latest.order_by(sources.c.updated_at.desc(), sources.c.uri)
        with self._db.reading() as connection:
            total = connection.execute(select(func.count()).where(*wanted)).scalar_one()
            uris = connection.execute(latest.offset(first).limit(limit)).scalars().all()
        found = (self._sources.find(uri) for uri in uris)
        return [source for source in found if source], total
