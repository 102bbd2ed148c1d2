"""Keep which sentences of an answer a passage supports; those of older answers are not known."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.add_column("answers", sa.Column("sentences", sa.JSON, nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("answers", "sentences")
