"""Keep what each night saw of its candidate, for the decisions of later nights."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "compared_nights",
        sa.Column("run", TEXT, nullable=False),
        sa.Column("live", TEXT),
        sa.Column("candidate", TEXT, nullable=False),
        sa.Column("differences", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("run", name="pk_compared_nights"),
        sa.ForeignKeyConstraint(
            ["run"], ["training_runs.id"], name="fk_compared_nights_run", ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    op.drop_table("compared_nights")
