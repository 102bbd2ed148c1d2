"""Keep the console's links and sessions, and who changed what in it."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0046"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "console_links",
        sa.Column("hash", TEXT, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("until", TIME, nullable=False),
        sa.Column("used_at", TIME),
        sa.PrimaryKeyConstraint("hash", name="pk_console_links"),
    )
    op.create_index("ix_console_links_until", "console_links", ["until"])
    op.create_table(
        "console_sessions",
        sa.Column("hash", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("team", TEXT, nullable=False),
        sa.Column("person", TEXT, nullable=False),
        sa.Column("began_at", TIME, nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.Column("reads_all", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_console_sessions"),
        sa.UniqueConstraint("id", name="uq_console_sessions_id"),
    )
    op.create_index("ix_console_sessions_person", "console_sessions", ["person"])
    op.create_index("ix_console_sessions_began_at", "console_sessions", ["began_at"])
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.Column("did", TEXT, nullable=False),
        sa.Column("to", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_index("ix_audit_by", "audit", ["by"])


def downgrade() -> None:
    for table in ("audit", "console_sessions", "console_links"):
        op.drop_table(table)
