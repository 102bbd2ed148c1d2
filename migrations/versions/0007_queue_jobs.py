"""One queue for work that must survive a crash: questions to answer and sources to read.

Unfinished questions and requested sources become jobs. The questions' columns for holds and for the
end are removed.
"""

import json
from collections.abc import Iterable, Mapping

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TIME = sa.DateTime(timezone=True)
NOT_DONE = sa.text("state <> 'done'")
RUNNING = sa.text("state = 'running'")
UNFINISHED = sa.text("finished_at IS NULL AND thread <> ''")


def upgrade() -> None:
    jobs = op.create_table(
        "jobs",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("request", TEXT, nullable=False),
        sa.Column("team", TEXT, nullable=False),
        sa.Column("person", TEXT, nullable=False),
        sa.Column("report", TEXT, nullable=False),
        sa.Column("payload", TEXT, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("held_by", TEXT, nullable=False),
        sa.Column("held_until", TIME),
        sa.Column("not_before", TIME, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
    )
    op.create_index("ix_jobs_person", "jobs", ["person"])
    op.create_index("uq_jobs_request_key", "jobs", ["request", "key"], unique=True)
    for name, columns in (("key", ["kind", "key"]), ("request", ["request"])):
        op.create_index(
            f"uq_jobs_running_{name}",
            "jobs",
            columns,
            unique=True,
            sqlite_where=RUNNING,
            postgresql_where=RUNNING,
        )
    op.create_index(
        "ix_jobs_due", "jobs", ["not_before"], sqlite_where=NOT_DONE, postgresql_where=NOT_DONE
    )
    rows = [*_questions(), *_sources()]
    if rows:
        op.bulk_insert(jobs, rows)
    op.drop_index("ix_questions_unfinished", "questions")
    op.drop_column("questions", "finished_at")
    op.drop_column("questions", "held_until")


def _questions() -> Iterable[dict[str, object]]:
    columns = [sa.column(name, TEXT) for name in ("id", "thread", "asked_by")]
    query = sa.select(*columns, sa.column("asked_at", TIME)).select_from(sa.table("questions"))
    for row in op.get_bind().execute(query.where(UNFINISHED)):
        key, thread, person, at = tuple(row)
        if len(parts := key.split(":")) == 4:
            yield _job("question", key, thread, parts[1], person, thread, {}, at)


def _sources() -> Iterable[dict[str, object]]:
    """Only sources that were requested in Slack: commands report to their own terminal."""
    columns = [sa.column(name, TEXT) for name in ("uri", "reply_to", "requested_by")]
    query = (
        sa.select(*columns, sa.column("audience", sa.JSON), sa.column("updated_at", TIME))
        .select_from(sa.table("sources"))
        .where(sa.column("state", sa.Text).in_(["requested", "fetching"]))
    )
    for row in op.get_bind().execute(query):
        uri, report, person, audience, at = tuple(row)
        parts = report.split(":")
        if parts[0] == "slack" and len(parts) in (4, 5):
            labels = {_with_workspace(label, parts[1]) for label in audience["labels"]}
            payload = {"labels": sorted(labels)}
            yield _job("source", uri, report, parts[1], person, report, payload, at)


def _with_workspace(label: str, team: str) -> str:
    kind, *ids = label.split(":")
    return f"{kind}:{team}:{ids[0]}" if len(ids) == 1 else label


def _job(
    kind: str,
    key: str,
    request: str,
    team: str,
    person: str,
    report: str,
    payload: Mapping[str, object],
    at: object,
) -> dict[str, object]:
    return {
        "kind": kind,
        "key": key,
        "request": request,
        "team": team,
        "person": person,
        "report": report,
        "payload": json.dumps({"version": 1, **payload}),
        "state": "waiting",
        "attempts": 0,
        "held_by": "",
        "held_until": None,
        "not_before": at,
        # The bot first looks for messages that the earlier process may have posted.
        "reason": "It was begun by an earlier version.",
        "created_at": at,
        "updated_at": at,
    }


def downgrade() -> None:
    op.add_column("questions", sa.Column("finished_at", TIME))
    op.add_column("questions", sa.Column("held_until", TIME))
    op.execute(
        "UPDATE questions SET finished_at = asked_at WHERE id NOT IN "
        "(SELECT key FROM jobs WHERE kind = 'question' AND state <> 'done')"
    )
    op.create_index(
        "ix_questions_unfinished",
        "questions",
        ["asked_at"],
        sqlite_where=UNFINISHED,
        postgresql_where=UNFINISHED,
    )
    op.drop_table("jobs")
