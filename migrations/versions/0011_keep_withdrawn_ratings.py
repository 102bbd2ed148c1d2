"""Store when a rating was withdrawn, so that an older event that comes late cannot restore it."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "withdrawals",
        sa.Column("answer_id", TEXT, nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("answer_id", "by", "verdict", name="pk_withdrawals"),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["answers.id"], name="fk_withdrawals_answer_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_withdrawals_by", "withdrawals", ["by"])


def downgrade() -> None:
    op.drop_table("withdrawals")
