"""Keep what channels choose for their answers, and with each question what held for its answer."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0030"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    for name, kind, default in (
        ("wishes", TEXT, ""),
        ("sources", sa.Text(), "all"),
        ("chosen", sa.JSON(), "[]"),
        ("language", TEXT, ""),
        ("adders", sa.JSON(), "[]"),
    ):
        op.add_column(
            "channel_settings", sa.Column(name, kind, nullable=False, server_default=default)
        )
    op.add_column("questions", sa.Column("rules", sa.JSON, nullable=False, server_default="{}"))


def downgrade() -> None:
    op.drop_column("questions", "rules")
    for name in ("adders", "language", "chosen", "sources", "wishes"):
        op.drop_column("channel_settings", name)
