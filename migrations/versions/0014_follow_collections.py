"""Keep how far the reading of a collection is, what was told of it, and who gets only new ones."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("collections", sa.Column("told", sa.Text, nullable=False, server_default=""))
    op.add_column(
        "collection_grants",
        sa.Column("only_new", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "collection_progress",
        sa.Column("collection", TEXT, nullable=False),
        sa.Column("began_at", TIME, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("collection", name="pk_collection_progress"),
        sa.ForeignKeyConstraint(
            ["collection"],
            ["collections.uri"],
            name="fk_collection_progress_collection",
            ondelete="CASCADE",
        ),
    )


def downgrade() -> None:
    op.drop_table("collection_progress")
    op.drop_column("collection_grants", "only_new")
    op.drop_column("collections", "told")
