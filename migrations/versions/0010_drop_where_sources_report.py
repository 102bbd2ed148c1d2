"""Drop the Slack message at which a source was reported: its jobs name that message now."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

sources = sa.table(
    "sources",
    sa.column("uri", TEXT),
    sa.column("state", sa.Text),
    sa.column("requested_by", TEXT),
    sa.column("updated_at", sa.DateTime(timezone=True)),
    sa.column("title", TEXT),
    sa.column("checksum", TEXT),
    sa.column("chunks", sa.Integer),
    sa.column("attempts", sa.Integer),
    sa.column("reason", TEXT),
)
grants = sa.table(
    "grants",
    sa.column("source", TEXT),
    sa.column("label", TEXT),
    sa.column("by", TEXT),
    sa.column("since", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    op.drop_column("sources", "reply_to")


def downgrade() -> None:
    connection = op.get_bind()
    read = [dict(row) for row in connection.execute(sa.select(sources)).mappings()]
    given = [dict(row) for row in connection.execute(sa.select(grants)).mappings()]
    # Created again, since SQLite cannot add a NOT NULL column without a default. The grants
    # refer to the sources, so SQLite would delete them together with the old table.
    op.drop_table("grants")
    op.drop_table("sources")
    made = op.create_table(
        "sources",
        sa.Column("uri", TEXT, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("requested_by", TEXT, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("checksum", TEXT, nullable=False),
        sa.Column("chunks", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("reply_to", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("uri", name="pk_sources"),
    )
    op.create_index("ix_sources_state", "sources", ["state"])
    op.create_table(
        "grants",
        sa.Column("source", TEXT, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "label", name="pk_grants"),
        sa.ForeignKeyConstraint(
            ["source"], ["sources.uri"], name="fk_grants_source", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_grants_label", "grants", ["label"])
    op.bulk_insert(made, [{**row, "reply_to": ""} for row in read])
    op.bulk_insert(grants, given)
