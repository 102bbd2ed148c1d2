"""Keep when the bot answers in a channel, the emoji that asks it to, and the channel's expert."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "channel_settings",
        sa.Column("team", TEXT, nullable=False),
        sa.Column("channel", TEXT, nullable=False),
        sa.Column("when", sa.Text, nullable=False),
        sa.Column("emoji", TEXT, nullable=False),
        sa.Column("expert", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("team", "channel", name="pk_channel_settings"),
    )


def downgrade() -> None:
    op.drop_table("channel_settings")
