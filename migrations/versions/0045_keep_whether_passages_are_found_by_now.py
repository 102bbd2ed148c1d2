"""Keep of bad answers whether the passage that was not found is found by now."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0041"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "retrieval_cases",
        sa.Column("answer_id", TEXT, nullable=False),
        sa.Column("found", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["answer_id"],
            ["answers.id"],
            name="fk_retrieval_cases_answer_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("answer_id", name="pk_retrieval_cases"),
    )


def downgrade() -> None:
    op.drop_table("retrieval_cases")
