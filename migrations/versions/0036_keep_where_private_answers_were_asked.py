"""Keep where a question was asked whose answer is shown to its person alone."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0034"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("questions", sa.Column("asked_in", TEXT, nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("questions", "asked_in")
