"""Keep which index answers, by its embedding model, so that another one can be built beside it."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "live_index",
        sa.Column("model", TEXT, primary_key=True),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("live_index")
