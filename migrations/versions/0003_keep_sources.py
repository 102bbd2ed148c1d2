"""Store sources and their states, so that no request to read one is lost in a crash."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "sources",
        sa.Column("uri", TEXT, nullable=False),
        sa.Column("audience", sa.JSON, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("requested_by", TEXT, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("checksum", TEXT, nullable=False),
        sa.Column("chunks", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("reply_to", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("uri", name="pk_sources"),
    )
    op.create_index("ix_sources_state", "sources", ["state"])


def downgrade() -> None:
    op.drop_table("sources")
