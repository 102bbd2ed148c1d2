"""Keep which documents are versions of one text, and what tells that."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "versions",
        sa.Column("document", TEXT, primary_key=True),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("family", TEXT, nullable=False),
        sa.Column("sketch", sa.LargeBinary, nullable=False),
        sa.Column("codes", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_versions_subject", "versions", ["subject"])
    op.create_index("ix_versions_family", "versions", ["family"])


def downgrade() -> None:
    op.drop_table("versions")
