"""The partial indexes of the tables, which only the migrations and their tests need.

To define one imports SQLAlchemy's parts for each database: 2 MB in every process.
"""

from sqlalchemy import Column, Index, TextClause

from records import tables


def _index(name: str, where: TextClause, *columns: "Column[object]", unique: bool = False) -> None:
    Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


_index("ix_rating_inputs_waiting", tables.WAITING, tables.rating_inputs.c.at)

# Jobs with the same key run one after the other, and so do jobs with the same request.
_jobs = tables.jobs.c
_index("uq_jobs_running_key", tables.JOB_RUNNING, _jobs.kind, _jobs.key, unique=True)
_index("uq_jobs_running_request", tables.JOB_RUNNING, _jobs.request, unique=True)
_index("ix_jobs_due", tables.NOT_DONE, _jobs.not_before)
_index("ix_jobs_done", tables.DONE, _jobs.updated_at)

_index("uq_adapters_live", tables.LIVE, tables.adapters.c.state, unique=True)
_index("uq_adapters_canary", tables.ON_TRIAL, tables.adapters.c.state, unique=True)
_index("uq_training_runs_running", tables.RUNNING, tables.training_runs.c.outcome, unique=True)
_index("ix_cards_open", tables.OPEN_CARD, tables.cards.c.asked_at)

metadata = tables.metadata
"""With all indexes."""
