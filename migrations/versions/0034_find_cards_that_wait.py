"""Find the cards that wait for an expert or a confirmation, which admins see."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0032"

OPEN = sa.text("state in ('asked', 'draft')")


def upgrade() -> None:
    op.create_index(
        "ix_cards_open", "cards", ["asked_at"], sqlite_where=OPEN, postgresql_where=OPEN
    )


def downgrade() -> None:
    op.drop_index("ix_cards_open", "cards")
