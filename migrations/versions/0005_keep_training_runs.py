"""Store training runs, of which at most one is running."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "training_runs",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("heartbeat_at", TIME, nullable=False),
        sa.Column("finished_at", TIME),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("adapter", TEXT),
        sa.Column("examples", sa.Integer, nullable=False),
        sa.Column("report", TEXT, nullable=False),
        sa.Column("evaluation", sa.JSON),
        sa.PrimaryKeyConstraint("id", name="pk_training_runs"),
    )
    op.create_index("ix_training_runs_started_at", "training_runs", ["started_at"])
    running = sa.text("outcome = 'running'")
    op.create_index(
        "uq_training_runs_running",
        "training_runs",
        ["outcome"],
        unique=True,
        sqlite_where=running,
        postgresql_where=running,
    )


def downgrade() -> None:
    op.drop_table("training_runs")
