"""Store answers with what they were made from, and one rating for each answer and person."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "answers",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("question_id", TEXT, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("citations", sa.JSON, nullable=False),
        sa.Column("passages", sa.JSON, nullable=False),
        sa.Column("model", TEXT, nullable=False),
        sa.Column("adapter", TEXT),
        sa.Column("prompt_version", TEXT, nullable=False),
        sa.Column("timings", sa.JSON, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_answers"),
        sa.UniqueConstraint("question_id", name="uq_answers_question_id"),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["questions.id"],
            name="fk_answers_question_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_answers_created_at", "answers", ["created_at"])
    op.create_table(
        "ratings",
        sa.Column("answer_id", TEXT, nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("rated_at", TIME, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("correction", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("answer_id", "by", name="pk_ratings"),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["answers.id"], name="fk_ratings_answer_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_ratings_by", "ratings", ["by"])
    op.create_index("ix_ratings_rated_at", "ratings", ["rated_at"])


def downgrade() -> None:
    op.drop_table("ratings")
    op.drop_table("answers")
