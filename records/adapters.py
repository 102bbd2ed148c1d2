"""The LoRA adapters, which one is live, and which one is live after a rollback.

The promoted adapters are a stack: the column ``replaced`` links each to the one that was live
before it. A promotion moves an adapter to the top; a rollback removes the top, and what is beneath
it of another base model, which cannot answer. So repeated rollbacks end at the base model. An
adapter on trial is not in the stack: a promotion of any adapter ends its trial, and so does a
rollback, which then leaves the stack as it is.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, null, select, union_all, update

from domain.adapters import Adapter, AdapterState
from domain.errors import NotFound, RecordsError
from domain.trials import TrialEnd
from records.database import Database
from records.rows import columns, every, first, values
from records.tables import LIVE, ON_TRIAL, adapters, trials
from records.trials import end_in

_ADAPTER = columns(adapters, Adapter)

_STOPPED = "Another decision about the adapters ended it."

_NONE_LIVE = "No adapter is live: the model answers as it was installed."


@dataclass(frozen=True, slots=True)
class Answering:
    """The live adapter, or None, and the one on trial, which answers ``share`` of the threads."""

    live: Adapter | None = None
    on_trial: Adapter | None = None
    share: float = 0.0


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

    def answering(self) -> Answering:
        """What answers now, from one query."""
        live = select(*_ADAPTER, null().label("share")).where(LIVE)
        on_trial = select(*_ADAPTER, trials.c.share).join_from(adapters, trials).where(ON_TRIAL)
        with self._db.reading() as connection:
            rows = connection.execute(union_all(live, on_trial)).all()
        found = {one.state: (one, share) for *row, share in rows for one in [Adapter(*row)]}
        adapter, _ = found.get(AdapterState.LIVE, (None, None))
        tried, share = found.get(AdapterState.CANARY, (None, None))
        return Answering(adapter, tried, share or 0.0)

    def before(self, name: str) -> list[Adapter]:
        """The adapters that an adapter replaced, those that were live last first."""
        with self._db.reading() as connection:
            return _before(connection, name)

    def promote(self, name: str, at: datetime) -> Adapter:
        """Makes an adapter the live one, which retires the one before it, and returns it.

        Promoting the live one changes nothing. Raises NotFound, and RecordsError for a rejected
        adapter.
        """
        with self._db.session() as connection:
            lock_adapters(connection)
            return promote_in(connection, name, at)

    def reject(self, name: str) -> Adapter:
        """Rejects an adapter that was only trained yet, and returns it.

        What was decided about any other one stays as it is. Raises NotFound.
        """
        with self._db.session() as connection:
            lock_adapters(connection)
            if known_in(connection, name).state is AdapterState.TRAINED:
                _set(connection, name, state=AdapterState.REJECTED)
            return known_in(connection, name)

    def set_refuse_above(self, name: str, probability: float | None) -> None:
        """Keeps where an adapter refuses. Raises NotFound.

        A night does this before the adapter answers anybody.
        """
        with self._db.session() as connection:
            known_in(connection, name)
            _set(connection, name, refuse_above=probability)

    def moved(self, name: str, path: str) -> None:
        """Keeps where an adapter's files are now. Raises NotFound."""
        with self._db.session() as connection:
            known_in(connection, name)
            _set(connection, name, path=path)

    def rollback(self, at: datetime) -> Adapter | None:
        """Retires the live adapter; makes the one that it had replaced live again, and returns it.

        Those of another base model than the live one's are passed over. If an adapter is on trial,
        that one is retired, and the live one stays. Returns None if the base model answers now.
        Raises NotFound if no adapter is live or on trial.
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
        states = [AdapterState.HELD, AdapterState.CANARY, AdapterState.RETIRED]
        query = select(*_ADAPTER).where(adapters.c.state.in_(states))
        query = query.order_by(adapters.c.created_at.desc(), adapters.c.name.desc()).limit(limit)
        with self._db.reading() as connection:
            return every(connection, Adapter, query)


def promote_in(connection: Connection, name: str, at: datetime, why: str = "") -> Adapter:
    """``Adapters.promote``, in a transaction that has called ``lock_adapters``.

    ``why`` says why a trial ends with that.
    """
    chosen, before = known_in(connection, name), live_in(connection)
    if chosen.state is AdapterState.REJECTED:
        raise RecordsError(f"The adapter {name} was rejected and cannot be promoted.")
    if chosen.state is AdapterState.LIVE:
        return chosen
    ending = TrialEnd.LIVE if chosen.state is AdapterState.CANARY else TrialEnd.STOPPED
    retire_on_trial_in(connection, at, ending, why or _STOPPED)
    _unlink(connection, name)
    if before is not None:
        _set(connection, before.name, state=AdapterState.RETIRED)
    replaced = before.name if before else None
    _set(connection, name, state=AdapterState.LIVE, replaced=replaced, promoted_at=at)
    return known_in(connection, name)


def rollback_in(connection: Connection, at: datetime, base: str = "") -> Adapter | None:
    """``Adapters.rollback``, in a transaction that has called ``lock_adapters``.

    Adapters of another base model than ``base`` are passed over, if it is not empty.
    """
    if retire_on_trial_in(connection, at, TrialEnd.STOPPED, _STOPPED):
        return live_in(connection)
    if (live := live_in(connection)) is None:
        raise NotFound(_NONE_LIVE)
    passed_over, before = _beneath(connection, live, base)
    _set(connection, live.name, state=AdapterState.RETIRED)
    for one in (live, *passed_over):
        _set(connection, one.name, replaced=None)
    if before is None:
        return None
    _set(connection, before.name, state=AdapterState.LIVE, promoted_at=at)
    return find_in(connection, before.name)


def before_live_in(connection: Connection, base: str = "") -> Adapter | None:
    """The adapter that a rollback makes live; None if that is the base model.

    It is also None if a rollback only ends a trial. Raises NotFound if no adapter is live or on
    trial.
    """
    if on_trial_in(connection):
        return None
    if (live := live_in(connection)) is None:
        raise NotFound(_NONE_LIVE)
    return _beneath(connection, live, base)[1]


def _beneath(
    connection: Connection, live: Adapter, base: str
) -> tuple[list[Adapter], Adapter | None]:
    """The first adapter beneath the live one that fits the base model, and those before it."""
    passed_over: list[Adapter] = []
    for one in _before(connection, live.name):
        if one.base_model == (base or live.base_model):
            return passed_over, one
        passed_over.append(one)
    return passed_over, None


def _before(connection: Connection, name: str) -> list[Adapter]:
    found: list[Adapter] = []
    while below := _replaced(connection, name):
        found.append(known_in(connection, below))
        name = below
    return found


def try_in(connection: Connection, name: str) -> None:
    """Puts an adapter on trial; no other may be."""
    _set(connection, name, state=AdapterState.CANARY)


def retire_on_trial_in(
    connection: Connection, at: datetime, ending: TrialEnd, reason: str
) -> str | None:
    """Ends the trial that runs, and returns its adapter's name; None if none runs."""
    if (tried := on_trial_in(connection)) is None:
        return None
    end_in(connection, at, ending, reason)
    _set(connection, tried.name, state=AdapterState.RETIRED)
    return tried.name


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


def on_trial_in(connection: Connection) -> Adapter | None:
    query = select(*_ADAPTER).where(ON_TRIAL)
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
