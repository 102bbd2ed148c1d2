"""The trials of adapters: which one runs, the thumbs that count in it, and how others ended."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select, update

from domain.questions import Verdict
from domain.trials import (
    SLACK,
    EndedTrial,
    Tally,
    Thumbs,
    Trial,
    TrialEnd,
    Vote,
    counted,
    tally,
)
from records.database import Database
from records.rows import columns, first, values
from records.tables import ON_TRIAL, adapters, answers, rating_inputs, trials

_TRIAL = columns(trials, Trial)
_THUMBS = trials.c.trial_up, trials.c.trial_down, trials.c.others_up, trials.c.others_down
_ENDED = trials.c.ended_at, trials.c.ending, trials.c.reason, *_THUMBS


class Trials:
    """Every method raises DatabaseUnavailable."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def running(self) -> Trial | None:
        """The trial of the adapter that is on trial now; None if none is."""
        with self._db.reading() as connection:
            return running_in(connection)

    def votes(self, trial: Trial) -> list[Vote]:
        """What people say of the answers to Slack that were given in a trial, oldest first.

        One vote for each person and answer, by what the person said last. The terminal's answers
        are left out, since the adapter on trial gives all of them.
        """
        with self._db.reading() as connection:
            return _votes_in(connection, trial)

    def tally(self, trial: Trial) -> Tally:
        """The thumbs that count up to now."""
        return tally(counted(self.votes(trial)))

    def ended(self, since: datetime | None = None) -> list[EndedTrial]:
        """Those that ended, or ended since a time, the latest first."""
        query = select(*_TRIAL, *_ENDED).where(trials.c.ended_at.is_not(None))
        if since:
            query = query.where(trials.c.ended_at >= since)
        with self._db.reading() as connection:
            return _all_ended(connection, query.order_by(trials.c.ended_at.desc()))

    def ended_of(self, adapter: str) -> EndedTrial | None:
        """How the trial of an adapter ended; None if it did not, or never began."""
        query = select(*_TRIAL, *_ENDED).where(
            trials.c.adapter == adapter, trials.c.ended_at.is_not(None)
        )
        with self._db.reading() as connection:
            return next(iter(_all_ended(connection, query)), None)


def begin_in(connection: Connection, trial: Trial) -> None:
    """Stores a new trial, in a transaction that has called ``lock_adapters``."""
    given = values(trial) | {name.name: 0 for name in _THUMBS} | {"reason": ""}
    connection.execute(trials.insert().values(given))


def running_in(connection: Connection) -> Trial | None:
    query = select(*_TRIAL).join_from(adapters, trials).where(ON_TRIAL)
    return first(connection, Trial, query)


def end_in(connection: Connection, at: datetime, ending: TrialEnd, reason: str) -> None:
    """Stores how the running trial ended, if one runs.

    The caller changes the adapter's state in the same transaction, which locks the adapters.
    """
    if (trial := running_in(connection)) is None:
        return
    thumbs = tally(counted(_votes_in(connection, trial)))
    counts = (
        *(thumbs.on_trial.up, thumbs.on_trial.down),
        *(thumbs.others.up, thumbs.others.down),
    )
    found = {column.name: count for column, count in zip(_THUMBS, counts, strict=True)}
    ended = {"ended_at": at, "ending": ending, "reason": reason} | found
    its = trials.c.adapter == trial.adapter
    connection.execute(update(trials).where(its).values(ended))


def _votes_in(connection: Connection, trial: Trial) -> list[Vote]:
    by_others = (
        answers.c.adapter.is_(None) & (answers.c.model != "")
        if trial.against is None
        else answers.c.adapter == trial.against
    )
    query = (
        select(
            rating_inputs.c.answer_id,
            rating_inputs.c.by,
            answers.c.adapter,
            rating_inputs.c.verdict,
        )
        .join_from(rating_inputs, answers)
        .where(answers.c.created_at >= trial.began_at)
        .where(rating_inputs.c.stands, ~rating_inputs.c.waiting)
        .where(answers.c.question_id.startswith(SLACK))
        .where(by_others | (answers.c.adapter == trial.adapter))
        # Of two at the same time, 👎 decides, as everywhere.
        .order_by(rating_inputs.c.at, rating_inputs.c.verdict.desc(), rating_inputs.c.answer_id)
    )
    said = dict[tuple[str, str], Vote]()
    for answer_id, by, adapter, verdict in connection.execute(query):
        vote = Vote(by, adapter == trial.adapter, verdict is Verdict.UP)
        said[answer_id, by] = vote  # the place of the first, what was said last
    return list(said.values())


def _all_ended(connection: Connection, query: Select[Any]) -> list[EndedTrial]:
    found = []
    for *trial, ended_at, ending, reason, up, down, others_up, others_down in connection.execute(
        query
    ):
        thumbs = Tally(Thumbs(up, down), Thumbs(others_up, others_down))
        found.append(EndedTrial(Trial(*trial), ended_at, ending, reason, thumbs))
    return found
