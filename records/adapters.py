"""The LoRA adapters, which one is live, and which one is live after a rollback.

The promoted adapters are a stack: the column ``replaced`` links each to the one that was live
before it. A promotion moves an adapter to the top; a rollback removes the top. So repeated
rollbacks end at the base model.
"""

from datetime import datetime

from sqlalchemy import Connection, select, update

from domain.adapters import Adapter, AdapterState
from domain.errors import NotFound, RecordsError
from records.database import Database
from records.rows import columns, every, first, values
from records.tables import LIVE, adapters

_ADAPTER = columns(adapters, Adapter)

_NONE_LIVE = "No adapter is live: the model answers as it was installed."


class Adapters:
    """Every method raises DatabaseUnavailable."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, adapter: Adapter) -> None:
        """Stores a new adapter; storing exactly the same one again does nothing.

        Raises RecordsError if another adapter has that name, or if ``adapter`` is marked as live.
        """
        if adapter.state is AdapterState.LIVE:
            raise RecordsError(f"The adapter {adapter.name} can only be made live by a promotion.")
        with self._db.session() as connection:
            lock_adapters(connection)
            known = find_in(connection, adapter.name)
            if known is None:
                connection.execute(adapters.insert().values(values(adapter)))
            elif (known.sha256, known.path) != (adapter.sha256, adapter.path):
                raise RecordsError(f"There is already another adapter {adapter.name}.")

    def find(self, name: str) -> Adapter:
        """Raises NotFound."""
        with self._db.reading() as connection:
            return known_in(connection, name)

    def all(self) -> list[Adapter]:
        """Newest first."""
        query = select(*_ADAPTER).order_by(adapters.c.created_at.desc(), adapters.c.name.desc())
        with self._db.reading() as connection:
            return every(connection, Adapter, query)

    def live_name(self) -> str | None:
        """The name of the live adapter; None if the base model answers."""
        live = self.live()
        return live.name if live else None

    def live(self) -> Adapter | None:
        """The live adapter; None if the base model answers."""
        with self._db.reading() as connection:
            return live_in(connection)

    def promote(self, name: str, at: datetime) -> Adapter:
        """Makes an adapter the live one, which retires the one before it, and returns it.

        Promoting the live one changes nothing. Raises NotFound, and RecordsError for a rejected
        adapter.
        """
        with self._db.session() as connection:
            lock_adapters(connection)
            return promote_in(connection, name, at)

    def reject(self, name: str) -> Adapter:
        """Marks an adapter as rejected. Raises NotFound, and RecordsError if it is live."""
        with self._db.session() as connection:
            lock_adapters(connection)
            if known_in(connection, name).state is AdapterState.LIVE:
                raise RecordsError(f"The adapter {name} is live: roll it back instead.")
            _unlink(connection, name)
            _set(connection, name, state=AdapterState.REJECTED)
            return known_in(connection, name)

    def rollback(self, at: datetime) -> Adapter | None:
        """Retires the live adapter; makes the one that it had replaced live again, and returns it.

        Returns None if the base model answers now. Raises NotFound if no adapter is live.
        """
        with self._db.session() as connection:
            lock_adapters(connection)
            return rollback_in(connection, at)

    def live_since(self) -> datetime | None:
        """When the live adapter became live; None if the base model answers."""
        with self._db.reading() as connection:
            return connection.execute(select(adapters.c.promoted_at).where(LIVE)).scalar()

    def promotable(self, limit: int) -> list[Adapter]:
        """Adapters that could take the live one's place, newest first."""
        states = [AdapterState.HELD, AdapterState.RETIRED]
        query = select(*_ADAPTER).where(adapters.c.state.in_(states))
        query = query.order_by(adapters.c.created_at.desc(), adapters.c.name.desc()).limit(limit)
        with self._db.reading() as connection:
            return every(connection, Adapter, query)


def promote_in(connection: Connection, name: str, at: datetime) -> Adapter:
    """``Adapters.promote``, in a transaction that has called ``lock_adapters``."""
    chosen, before = known_in(connection, name), live_in(connection)
    if chosen.state is AdapterState.REJECTED:
        raise RecordsError(f"The adapter {name} was rejected and cannot be promoted.")
    if chosen.state is AdapterState.LIVE:
        return chosen
    _unlink(connection, name)
    if before is not None:
        _set(connection, before.name, state=AdapterState.RETIRED)
    replaced = before.name if before else None
    _set(connection, name, state=AdapterState.LIVE, replaced=replaced, promoted_at=at)
    return known_in(connection, name)


def rollback_in(connection: Connection, at: datetime) -> Adapter | None:
    """``Adapters.rollback``, in a transaction that has called ``lock_adapters``."""
    if (live := live_in(connection)) is None:
        raise NotFound(_NONE_LIVE)
    before = _replaced(connection, live.name)
    _set(connection, live.name, state=AdapterState.RETIRED, replaced=None)
    if before is None:
        return None
    _set(connection, before, state=AdapterState.LIVE, promoted_at=at)
    return find_in(connection, before)


def before_live_in(connection: Connection) -> Adapter | None:
    """The adapter that a rollback makes live; None if that is the base model.

    Raises NotFound if no adapter is live.
    """
    if (live := live_in(connection)) is None:
        raise NotFound(_NONE_LIVE)
    before = _replaced(connection, live.name)
    return find_in(connection, before) if before else None


def hold_in(connection: Connection, name: str) -> None:
    """Lets an adapter wait for an admin; what waited before is rejected."""
    held = adapters.c.state == AdapterState.HELD
    connection.execute(update(adapters).where(held).values(state=AdapterState.REJECTED))
    _set(connection, name, state=AdapterState.HELD)


def lock_adapters(connection: Connection) -> None:
    """Makes changes wait for each other: PostgreSQL locks the rows, SQLite the whole file.

    All rows are locked, not only the live one: a transaction that waited for the live row alone
    would then find it retired, without knowing which one is live now.
    """
    connection.execute(select(adapters.c.name).order_by(adapters.c.name).with_for_update()).all()


def find_in(connection: Connection, name: str) -> Adapter | None:
    query = select(*_ADAPTER).where(adapters.c.name == name)
    return first(connection, Adapter, query)


def live_in(connection: Connection) -> Adapter | None:
    query = select(*_ADAPTER).where(LIVE)
    return first(connection, Adapter, query)


def _replaced(connection: Connection, name: str) -> str | None:
    return connection.execute(select(adapters.c.replaced).where(adapters.c.name == name)).scalar()


def _unlink(connection: Connection, name: str) -> None:
    """Takes ``name`` out of the stack, and links the adapter above it to the one below it."""
    below = _replaced(connection, name)
    connection.execute(update(adapters).where(adapters.c.replaced == name).values(replaced=below))
    _set(connection, name, replaced=None)


def _set(connection: Connection, name: str, **columns: object) -> None:
    connection.execute(update(adapters).where(adapters.c.name == name).values(columns))


def known_in(connection: Connection, name: str) -> Adapter:
    """Raises NotFound."""
    if (found := find_in(connection, name)) is None:
        raise NotFound(f"There is no adapter {name}.")
    return found
