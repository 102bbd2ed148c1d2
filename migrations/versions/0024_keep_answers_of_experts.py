"""Keep what experts were asked, and what they confirmed as answers."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "cards",
        sa.Column("id", TEXT, nullable=False),
        *(
            sa.Column(name, TEXT, nullable=False)
            for name in ("source", "question_id", "thread", "expert", "asked_by")
        ),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        *(
            sa.Column(name, TEXT, nullable=False)
            for name in ("asking", "offer", "question", "answer", "link")
        ),
        sa.Column("audience", sa.JSON, nullable=False),
        *(sa.Column(name, TEXT, nullable=False) for name in ("lines", "confirmed_by", "name")),
        sa.Column("confirmed_at", sa.DateTime(timezone=True)),
        sa.Column("told_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_cards"),
        sa.UniqueConstraint("source", name="uq_cards_source"),
    )
    for column in ("question_id", "thread"):
        op.create_index(f"ix_cards_{column}", "cards", [column])


def downgrade() -> None:
    op.drop_table("cards")
