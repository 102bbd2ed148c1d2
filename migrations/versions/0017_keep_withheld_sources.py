"""Keep from whom a person took a source, so that no collection gives it to them again."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "withheld",
        sa.Column(
            "source", TEXT, sa.ForeignKey("sources.uri", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("label", TEXT, primary_key=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("withheld")
