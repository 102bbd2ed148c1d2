"""Keep what admins do with adapters, and for each night how many answers it left out and why."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "adapter_changes",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("adapter", TEXT),
        sa.Column("by", TEXT, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_adapter_changes"),
        sa.UniqueConstraint("request", name="uq_adapter_changes_request"),
    )
    op.create_index("ix_adapter_changes_by", "adapter_changes", ["by"])
    op.create_index("ix_adapter_changes_kind_id", "adapter_changes", ["kind", "id"])
    op.add_column(
        "training_runs", sa.Column("left_out", sa.JSON, nullable=False, server_default="{}")
    )


def downgrade() -> None:
    op.drop_column("training_runs", "left_out")
    op.drop_table("adapter_changes")
