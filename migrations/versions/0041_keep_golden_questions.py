"""Keep the questions whose right answers no night may unlearn."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "golden",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("question", TEXT, nullable=False),
        sa.Column("answer", TEXT, nullable=False),
        sa.Column("must_not", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("history", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_golden"),
    )


def downgrade() -> None:
    op.drop_table("golden")
