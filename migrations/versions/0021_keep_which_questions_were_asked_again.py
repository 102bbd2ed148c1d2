"""Keep when a corrected question was asked again, and when the person was told that it is right."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    for name in ("asked_again_at", "told_at"):
        op.add_column("corrections", sa.Column(name, sa.DateTime(timezone=True)))
    op.create_index("ix_corrections_asked_again_at", "corrections", ["asked_again_at"])


def downgrade() -> None:
    op.drop_index("ix_corrections_asked_again_at", "corrections")
    for name in ("asked_again_at", "told_at"):
        op.drop_column("corrections", name)
