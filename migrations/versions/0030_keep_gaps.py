"""Keep gaps: questions of about the same meaning that the documents do not answer."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "gaps",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("team", TEXT, nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("closing", sa.Text()),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.Column("closed_by", TEXT, nullable=False),
        sa.Column("closed_with", TEXT, nullable=False),
        sa.Column("reopened_at", sa.DateTime(timezone=True)),
        sa.Column("asked_before", sa.Integer(), nullable=False),
        sa.Column("awaited", TEXT, nullable=False),
        sa.Column("awaited_at", sa.DateTime(timezone=True)),
        sa.Column("awaited_by", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_gaps"),
    )
    op.create_index("ix_gaps_awaited", "gaps", ["awaited"])
    op.create_table(
        "gap_questions",
        sa.Column("question_id", TEXT, nullable=False),
        sa.Column("gap", TEXT, nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_refused", sa.Boolean(), nullable=False),
        sa.Column("cause", sa.Text()),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("model", TEXT, nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("telling", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("told_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("question_id", name="pk_gap_questions"),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["questions.id"],
            name="fk_gap_questions_question_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["gap"], ["gaps.id"], name="fk_gap_questions_gap", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_gap_questions_gap", "gap_questions", ["gap"])


def downgrade() -> None:
    op.drop_table("gap_questions")
    op.drop_table("gaps")
