"""Find what was asked in a conversation and answered to one person, to empty its histories."""

from alembic import op

revision = "0051"
down_revision = "0050"


def upgrade() -> None:
    op.create_index("ix_questions_asked_in", "questions", ["asked_in"])


def downgrade() -> None:
    op.drop_index("ix_questions_asked_in", "questions")
