"""Add indexes that find what is too old, and the jobs of what must be forgotten."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

DONE = sa.text("state = 'done'")


def upgrade() -> None:
    op.create_index("ix_questions_asked_at", "questions", ["asked_at"])
    op.create_index("ix_jobs_key", "jobs", ["key"])
    op.create_index(
        "ix_jobs_done", "jobs", ["updated_at"], sqlite_where=DONE, postgresql_where=DONE
    )


def downgrade() -> None:
    op.drop_index("ix_jobs_done", "jobs")
    op.drop_index("ix_jobs_key", "jobs")
    op.drop_index("ix_questions_asked_at", "questions")
