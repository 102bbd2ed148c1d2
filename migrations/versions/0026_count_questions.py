"""Count the questions of people and channels."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0024"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "counted_questions",
        sa.Column("question", TEXT, nullable=False),
        sa.Column("team", TEXT, nullable=False),
        sa.Column("person", TEXT, nullable=False),
        sa.Column("channel", TEXT, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("question", name="pk_counted_questions"),
    )
    op.create_index("ix_counted_questions_at", "counted_questions", ["at"])
    op.create_index("ix_counted_questions_person_at", "counted_questions", ["person", "at"])
    op.create_index("ix_counted_questions_channel_at", "counted_questions", ["channel", "at"])


def downgrade() -> None:
    op.drop_table("counted_questions")
