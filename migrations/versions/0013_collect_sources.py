"""Keep collections: folders, sites, repositories and channels that are read again by themselves.

Sources get the document whose passages are theirs: equal sources share one. Until now each had its
own, under its address.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    for name in ("document", "version"):
        op.add_column("sources", sa.Column(name, TEXT, nullable=False, server_default=""))
    op.add_column("sources", sa.Column("modified", TIME))
    op.create_index("ix_sources_document", "sources", ["document"])
    op.execute("UPDATE sources SET document = uri WHERE chunks > 0")
    op.create_table(
        "collections",
        sa.Column("uri", TEXT, primary_key=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("requested_by", TEXT, nullable=False),
        sa.Column("added_at", TIME, nullable=False),
        sa.Column("every", sa.Integer),
        sa.Column("next_at", TIME),
        sa.Column("read_at", TIME),
        *(
            sa.Column(name, TEXT, nullable=False)
            for name in ("title", "options", "cursor", "reason", "report")
        ),
        sa.Column("failures", sa.Integer, nullable=False),
    )
    op.create_index("ix_collections_next_at", "collections", ["next_at"])
    op.create_table(
        "collection_grants",
        sa.Column("collection", TEXT, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.PrimaryKeyConstraint("collection", "label", name="pk_collection_grants"),
        sa.ForeignKeyConstraint(
            ["collection"],
            ["collections.uri"],
            name="fk_collection_grants_collection",
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "members",
        sa.Column("collection", TEXT, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("collection", "source", name="pk_members"),
        sa.ForeignKeyConstraint(
            ["collection"], ["collections.uri"], name="fk_members_collection", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["source"], ["sources.uri"], name="fk_members_source", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_members_source", "members", ["source"])


def downgrade() -> None:
    for table in ("members", "collection_grants", "collections"):
        op.drop_table(table)
    op.drop_index("ix_sources_document", "sources")
    for name in ("modified", "version", "document"):
        op.drop_column("sources", name)
