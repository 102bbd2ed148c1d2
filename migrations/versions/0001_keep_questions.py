"""Store questions, so that each is answered once and none is lost in a crash."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "questions",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("asked_by", TEXT, nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("audience", sa.JSON, nullable=False),
        sa.Column("history", sa.JSON, nullable=False),
        sa.Column("thread", TEXT, nullable=False),
        sa.Column("reply", TEXT, nullable=False, server_default=""),
        sa.Column("finished_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_questions"),
    )
    op.create_index("ix_questions_asked_by", "questions", ["asked_by"])
    op.create_index("ix_questions_reply", "questions", ["reply"])
    op.create_index("ix_questions_thread_asked_at", "questions", ["thread", "asked_at"])
    unfinished = sa.text("finished_at IS NULL AND thread <> ''")
    op.create_index(
        "ix_questions_unfinished",
        "questions",
        ["asked_at"],
        sqlite_where=unfinished,
        postgresql_where=unfinished,
    )


def downgrade() -> None:
    op.drop_table("questions")
