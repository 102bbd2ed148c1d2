"""Store adapters, of which at most one is live, and which one each replaced."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "adapters",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("base_model", TEXT, nullable=False),
        sa.Column("path", TEXT, nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("run_id", TEXT, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("replaced", TEXT),
        sa.Column("promoted_at", TIME),
        sa.PrimaryKeyConstraint("name", name="pk_adapters"),
        sa.ForeignKeyConstraint(["replaced"], ["adapters.name"], name="fk_adapters_replaced"),
    )
    op.create_index("ix_adapters_replaced", "adapters", ["replaced"])
    live = sa.text("state = 'live'")
    op.create_index(
        "uq_adapters_live",
        "adapters",
        ["state"],
        unique=True,
        sqlite_where=live,
        postgresql_where=live,
    )


def downgrade() -> None:
    op.drop_table("adapters")
