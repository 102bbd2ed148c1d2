"""What people and nights do with the adapters: each change is made together with its line in the
record, so that it is known who did what, and so that repeating a request changes nothing.
"""

import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, select

from domain.adapters import (
    ANY_ADAPTER,
    NIGHT,
    TRIAL,
    Adapter,
    AdapterChange,
    AdapterState,
    ChangeKind,
    Order,
)
from domain.errors import (
    GenerationTimedOut,
    RecordsError,
    ServerBusy,
    ServerUnavailable,
    StoreFailed,
)
from domain.trials import ASKED_LATELY, SLACK, Trial, TrialEnd
from records.adapters import (
    before_live_in,
    hold_in,
    known_in,
    live_in,
    lock_adapters,
    on_trial_in,
    promote_in,
    retire_on_trial_in,
    rollback_in,
    try_in,
)
from records.database import Database
from records.rows import columns, every, first, values
from records.tables import adapter_changes, adapters, answers, trials
from records.trials import begin_in, running_in

log = logging.getLogger(__name__)

_UNCHECKED = (ServerUnavailable, ServerBusy, GenerationTimedOut, StoreFailed)
"""What says nothing about an adapter that is checked."""

_BY_PERSON = "A person decided."

_CHANGE = columns(adapter_changes, AdapterChange)


class AdapterChanges:
    """Every method raises DatabaseUnavailable.

    ``check`` raises a Phi3Error if an adapter cannot be loaded: then it does not become live.
    ``base`` is the base model that answers; a rollback passes over adapters of another one. If it
    is empty, that is the live adapter's.

    Those that change something return the line of the record. They raise RecordsError, and NotFound
    for an unknown adapter, if nothing was changed: the error says why. If two orders are given at
    once, one of them is refused.
    """

    def __init__(self, db: Database, check: Callable[[Adapter], None], base: str = "") -> None:
        self._db = db
        self._check = check
        self._base = base

    def promote(self, name: str, order: Order) -> AdapterChange:
        """Makes an adapter the live one."""
        self._check_before(order, lambda connection: known_in(connection, name))

        def change(connection: Connection) -> str:
            live = live_in(connection)
            if live and live.name == name:
                raise RecordsError(f"{name} is live already.")
            return promote_in(connection, name, order.at, _BY_PERSON).name

        return self._change(ChangeKind.PROMOTE, order, change)

    def rollback(self, order: Order) -> AdapterChange:
        """Makes the adapter live again that was live before, or the base model.

        If an adapter is on trial, it only ends the trial: what is live answers everything.
        It also does while the model server is down, hangs or is busy, since what is live now may be
        the reason, and while the adapters' address does not answer.
        """
        try:
            self._check_before(order, lambda connection: before_live_in(connection, self._base))
        except _UNCHECKED as error:
            log.warning("Nobody knows whether the server loads what becomes live: %s", error)

        def change(connection: Connection) -> str | None:
            back = rollback_in(connection, order.at, self._base)
            return back.name if back else None

        return self._change(ChangeKind.ROLLBACK, order, change)

    def approve(self, name: str, order: Order) -> AdapterChange:
        """Confirms the live adapter, or promotes one that is held or on trial."""
        self._check_before(order, lambda connection: known_in(connection, name))

        def change(connection: Connection) -> str:
            found = known_in(connection, name)
            if found.state is AdapterState.LIVE:
                if _is_approved(connection, name):
                    raise RecordsError(f"{name} is approved already.")
            elif found.state in (AdapterState.HELD, AdapterState.CANARY):
                promote_in(connection, name, order.at, _BY_PERSON)
            else:
                raise RecordsError(f"{name} is {found.state} by now, so it cannot be approved.")
            return name

        return self._change(ChangeKind.APPROVE, order, change)

    def hold(self, order: Order) -> AdapterChange:
        """Lets no night promote by itself from now on.

        A trial that runs goes on: it may end with a rollback, but not with a promotion.
        """

        def change(connection: Connection) -> str | None:
            if since := _hold(connection):
                raise RecordsError(f"Nights are on hold already, since {since.at:%F %H:%M} UTC.")
            return _live_name(connection)

        return self._change(ChangeKind.HOLD, order, change)

    def lift(self, order: Order) -> AdapterChange:
        """Lets nights promote by themselves again."""

        def change(connection: Connection) -> str | None:
            if not _hold(connection):
                raise RecordsError("Nights are not on hold.")
            return _live_name(connection)

        return self._change(ChangeKind.LIFT, order, change)

    def promote_by_night(
        self,
        name: str,
        order: Order,
        share: float = 0.0,
        against: str | None = None,
    ) -> Adapter:
        """Promotes what a night found to be better; while nights are on hold, holds it.

        It is also held if another one answers by now than ``order.seen``: the night has compared
        with that one. What was decided about it meanwhile, by a person or by another night, stays
        as it is.

        With a ``share`` above 0 it is first on trial, in place of one that is, if somebody asked in
        Slack lately. ``against`` is what answers while no adapter of this base model is live: the
        starter, or None.
        """
        with self._db.session() as connection:
            lock_adapters(connection)
            if (found := known_in(connection, name)).state is not AdapterState.TRAINED:
                return found
            if _hold(connection) or not _is_as_seen(connection, order):
                hold_in(connection, name)
            elif share > 0 and _is_asked(connection, order.at - ASKED_LATELY):
                kind = ChangeKind.TRY
                _try(connection, name, share, against, order.at)
                _record(connection, AdapterChange(kind, name, NIGHT, *_when(order)))
            else:
                promote_in(connection, name, order.at)
                _record(connection, AdapterChange(ChangeKind.PROMOTE, name, NIGHT, *_when(order)))
            return known_in(connection, name)

    def end_trial(
        self, name: str, ending: TrialEnd, reason: str, at: datetime
    ) -> AdapterChange | None:
        """Ends the trial of an adapter, which goes live or is rolled back.

        None if it is not on trial any more, or would go live while nights are on hold: of several
        that call it at once, one ends the trial.
        """
        is_live = ending is TrialEnd.LIVE
        with self._db.session() as connection:
            lock_adapters(connection)
            tried = on_trial_in(connection)
            if tried is None or tried.name != name or (is_live and _hold(connection)):
                return None
            if is_live:
                promote_in(connection, name, at, reason)
            else:
                retire_on_trial_in(connection, at, ending, reason)
            kind = ChangeKind.PROMOTE if is_live else ChangeKind.ROLLBACK
            made = AdapterChange(kind, _live_name(connection), TRIAL, at, f"{TRIAL}:{name}")
            _record(connection, made)
            return made

    def on_hold(self) -> AdapterChange | None:
        """What put the nights on hold; None if they are not."""
        with self._db.reading() as connection:
            return _hold(connection)

    def is_approved(self, live: str) -> bool:
        """Whether somebody approved the live adapter since it became live."""
        with self._db.reading() as connection:
            return _is_approved(connection, live)

    def find(self, request: str) -> AdapterChange | None:
        with self._db.reading() as connection:
            return _done(connection, request)

    def latest(self, limit: int) -> list[AdapterChange]:
        """Newest first."""
        query = select(*_CHANGE).order_by(adapter_changes.c.id.desc()).limit(limit)
        with self._db.reading() as connection:
            return every(connection, AdapterChange, query)

    def rolled_back(self) -> tuple[str, ...]:
        """The adapters that were rolled back, live or on trial, and not promoted again since.

        A trial that could not be tried, or that a night of another base model stopped, says nothing
        of its adapter.
        """
        kinds = [ChangeKind.TRY, ChangeKind.PROMOTE, ChangeKind.APPROVE, ChangeKind.ROLLBACK]
        query = select(*_CHANGE).where(adapter_changes.c.kind.in_(kinds))
        with self._db.reading() as connection:
            changes = every(connection, AdapterChange, query.order_by(adapter_changes.c.id))
            unsaid = [TrialEnd.UNTRIED, TrialEnd.STOPPED]
            untried = set(
                connection.scalars(select(trials.c.adapter).where(trials.c.ending.in_(unsaid)))
            )
        live: str | None = None
        answering: str | None = None
        found: dict[str, None] = {}
        for one in changes:
            is_rollback = one.kind is ChangeKind.ROLLBACK
            is_untried = one.by == TRIAL and answering in untried
            if is_rollback and answering is not None and not is_untried:
                found[answering] = None
            if not is_rollback and one.adapter is not None:
                found.pop(one.adapter, None)
            if one.kind is ChangeKind.APPROVE and one.adapter == live:
                continue  # it says that what is live is good; another one may be on trial
            answering = one.adapter
            if one.kind is not ChangeKind.TRY:
                live = one.adapter
        return tuple(found)

    def _check_before(
        self, order: Order, becomes_live: Callable[[Connection], Adapter | None]
    ) -> None:
        with self._db.reading() as connection:
            if _done(connection, order.request):
                return
            _refuse_late(connection, order)
            adapter = becomes_live(connection)
        if adapter is not None:
            self._check(adapter)

    def _change(
        self, kind: ChangeKind, order: Order, change: Callable[[Connection], str | None]
    ) -> AdapterChange:
        """``change`` returns the adapter that is live afterwards."""
        with self._db.session() as connection:
            lock_adapters(connection)
            if done := _done(connection, order.request):
                return done
            _refuse_late(connection, order)
            made = AdapterChange(kind, change(connection), order.by, *_when(order))
            _record(connection, made)
            return made


def _refuse_late(connection: Connection, order: Order) -> None:
    if _is_as_seen(connection, order):
        return
    if tried := on_trial_in(connection):
        raise RecordsError(f"{tried.name} is on trial by now: look at what changed.")
    live = _live_name(connection) or "The model as it was installed"
    raise RecordsError(f"{live} answers by now: somebody was faster.")


def _is_as_seen(connection: Connection, order: Order) -> bool:
    tried = on_trial_in(connection)
    return order.seen in (ANY_ADAPTER, tried.name if tried else _live_name(connection))


def _try(
    connection: Connection, name: str, share: float, against: str | None, at: datetime
) -> None:
    before = running_in(connection)
    reason = f"{name} was found to be better, and is on trial instead."
    retire_on_trial_in(connection, at, TrialEnd.REPLACED, reason)
    first_at = before.first_at if before else at
    live, base = live_in(connection), known_in(connection, name).base_model
    others = live.name if live and live.base_model == base else against
    try_in(connection, name)
    begin_in(connection, Trial(name, others, share, at, first_at))


def _is_asked(connection: Connection, since: datetime) -> bool:
    """Whether anybody was answered in Slack since a time."""
    query = select(answers.c.id).where(
        answers.c.created_at >= since, answers.c.question_id.startswith(SLACK)
    )
    return connection.execute(query.limit(1)).first() is not None


def _when(order: Order) -> tuple[datetime, str]:
    return order.at, order.request


def _record(connection: Connection, made: AdapterChange) -> None:
    connection.execute(adapter_changes.insert().values(values(made)))


def _done(connection: Connection, request: str) -> AdapterChange | None:
    query = select(*_CHANGE).where(adapter_changes.c.request == request)
    return first(connection, AdapterChange, query)


def _hold(connection: Connection) -> AdapterChange | None:
    kinds = [ChangeKind.HOLD, ChangeKind.LIFT]
    query = select(*_CHANGE).where(adapter_changes.c.kind.in_(kinds))
    last = first(connection, AdapterChange, query.order_by(adapter_changes.c.id.desc()).limit(1))
    return last if last and last.kind is ChangeKind.HOLD else None


def _live_name(connection: Connection) -> str | None:
    live = live_in(connection)
    return live.name if live else None


def _is_approved(connection: Connection, live: str) -> bool:
    since = select(adapters.c.promoted_at).where(adapters.c.name == live).scalar_subquery()
    query = select(adapter_changes.c.id).where(
        adapter_changes.c.kind == ChangeKind.APPROVE,
        adapter_changes.c.adapter == live,
        adapter_changes.c.at >= since,
    )
    return connection.execute(query.limit(1)).first() is not None
