"""Keep who does not want what they ask and say to be trained on."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "kept_out_of_training",
        sa.Column("person", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("person", name="pk_kept_out_of_training"),
    )


def downgrade() -> None:
    op.drop_table("kept_out_of_training")
