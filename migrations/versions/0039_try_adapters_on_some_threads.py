"""Keep the trials of adapters, and which answers an adapter on trial gave."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0037"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "trials",
        sa.Column("adapter", TEXT, nullable=False),
        sa.Column("against", TEXT),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("began_at", TIME, nullable=False),
        sa.Column("first_at", TIME, nullable=False),
        sa.Column("ended_at", TIME),
        sa.Column("ending", sa.Text()),
        sa.Column("reason", TEXT, nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("trial_up", "trial_down", "others_up", "others_down")
        ),
        sa.PrimaryKeyConstraint("adapter", name="pk_trials"),
        sa.ForeignKeyConstraint(["adapter"], ["adapters.name"], name="fk_trials_adapter"),
    )
    op.create_index("ix_trials_ended_at", "trials", ["ended_at"])
    on_trial = sa.text("state = 'canary'")
    op.create_index(
        "uq_adapters_canary",
        "adapters",
        ["state"],
        unique=True,
        sqlite_where=on_trial,
        postgresql_where=on_trial,
    )
    op.add_column(
        "answers", sa.Column("on_trial", sa.Boolean(), nullable=False, server_default=sa.false())
    )


def downgrade() -> None:
    op.drop_column("answers", "on_trial")
    # An older version knows no adapter on trial: what was live before goes on.
    op.execute("UPDATE adapters SET state = 'retired' WHERE state = 'canary'")
    op.execute("DELETE FROM adapter_changes WHERE kind = 'try'")
    op.drop_index("uq_adapters_canary", "adapters")
    op.drop_table("trials")
