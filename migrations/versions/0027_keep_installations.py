"""Keep the workspaces that installed the app, and the installations that people began."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "installations",
        sa.Column("team", TEXT, nullable=False),
        *(sa.Column(name, TEXT, nullable=False) for name in ("name", "user", "bot", "app", "url")),
        sa.Column("installed_at", TIME, nullable=False),
        sa.Column("tokens", TEXT, nullable=False),
        sa.Column("expires_at", TIME),
        sa.Column("renewed_until", TIME),
        sa.PrimaryKeyConstraint("team", name="pk_installations"),
    )
    op.create_table(
        "install_states",
        sa.Column("state", TEXT, nullable=False),
        sa.Column("until", TIME, nullable=False),
        sa.PrimaryKeyConstraint("state", name="pk_install_states"),
    )
    op.create_index("ix_install_states_until", "install_states", ["until"])


def downgrade() -> None:
    op.drop_table("install_states")
    op.drop_table("installations")
