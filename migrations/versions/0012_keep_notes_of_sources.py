"""Keep what could not be read of a source: notes for people, one a line."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("sources", sa.Column("notes", TEXT, nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("sources", "notes")
