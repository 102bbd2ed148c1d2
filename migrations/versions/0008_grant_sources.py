"""Say who may read a source in rows of their own, so that asking for it twice only adds."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "grants",
        sa.Column("source", TEXT, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "label", name="pk_grants"),
        sa.ForeignKeyConstraint(
            ["source"], ["sources.uri"], name="fk_grants_source", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_grants_label", "grants", ["label"])


def downgrade() -> None:
    op.drop_table("grants")
