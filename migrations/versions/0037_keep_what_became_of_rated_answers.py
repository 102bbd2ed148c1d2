"""Keep what became of each rated answer in each night, and why."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "night_rows",
        sa.Column("run", TEXT, nullable=False),
        sa.Column("answer_id", TEXT, nullable=False),
        sa.Column("became", sa.Text(), nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("cause", sa.Text()),
        sa.PrimaryKeyConstraint("run", "answer_id", name="pk_night_rows"),
        sa.ForeignKeyConstraint(
            ["run"], ["training_runs.id"], name="fk_night_rows_run", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_night_rows_answer_id", "night_rows", ["answer_id"])


def downgrade() -> None:
    op.drop_table("night_rows")
