"""Keep the message that reports a night, so that it is posted once and shows what was decided."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "night_reports",
        sa.Column("run", TEXT, nullable=False),
        sa.Column("message", TEXT, nullable=False),
        sa.Column("picture", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("run", name="pk_night_reports"),
        sa.ForeignKeyConstraint(
            ["run"], ["training_runs.id"], name="fk_night_reports_run", ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    op.drop_table("night_reports")
