"""Keep in the database where an adapter refuses, since its published files never change."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"


def upgrade() -> None:
    op.add_column("adapters", sa.Column("refuse_above", sa.Float()))


def downgrade() -> None:
    op.drop_column("adapters", "refuse_above")
