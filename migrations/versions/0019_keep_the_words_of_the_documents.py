"""Keep the words of the documents, by which misspelt questions are corrected."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "words",
        sa.Column("word", TEXT, primary_key=True),
        sa.Column("first", TEXT, nullable=False),
        sa.Column("length", sa.Integer, nullable=False),
        sa.Column("passages", sa.Integer, nullable=False),
    )
    op.create_index("ix_words_first_length", "words", ["first", "length"])


def downgrade() -> None:
    op.drop_table("words")
