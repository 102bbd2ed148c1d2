"""Keep each input of a person by itself, and what they wrote apart from it."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TIME = sa.DateTime(timezone=True)

answers = sa.table("answers", sa.column("id", TEXT), sa.column("question_id", TEXT))
ratings = sa.table(
    "ratings",
    *(sa.column(name, TEXT) for name in ("answer_id", "by", "verdict", "reason", "correction")),
    sa.column("rated_at", TIME),
)
withdrawals = sa.table(
    "withdrawals",
    *(sa.column(name, TEXT) for name in ("answer_id", "by", "verdict")),
    sa.column("withdrawn_at", TIME),
)
inputs = sa.table(
    "rating_inputs",
    *(sa.column(name, TEXT) for name in ("answer_id", "by", "kind", "verdict")),
    sa.column("at", TIME),
    sa.column("stands", sa.Boolean),
    sa.column("waiting", sa.Boolean),
)
corrections = sa.table(
    "corrections",
    *(sa.column(name, TEXT) for name in ("answer_id", "by", "text", "reason", "source", "fault")),
    sa.column("at", TIME),
    sa.column("stands", sa.Boolean),
)


def upgrade() -> None:
    _create_inputs()
    written = (ratings.c.reason != "") | (ratings.c.correction != "")
    in_slack = answers.c.question_id.like("slack:%")
    down = ratings.c.verdict == "down"
    # Whether a thumb was a button or a reaction was not stored. It becomes a reaction, so that
    # removing the reaction still takes it back.
    kind = sa.case(
        (~in_slack, "terminal"), (written & down, "form"), (down, "thumb_down"), else_="thumb_up"
    )
    _copy(
        inputs,
        sa.select(ratings.c.answer_id, ratings.c.by, kind, ratings.c.verdict)
        .add_columns(ratings.c.rated_at, sa.true(), sa.false())
        .join(answers, answers.c.id == ratings.c.answer_id),
        "answer_id by kind verdict at stands waiting",
    )
    thumb = sa.literal("thumb_", sa.Text) + withdrawals.c.verdict
    given = (inputs.c.answer_id == withdrawals.c.answer_id) & (inputs.c.by == withdrawals.c.by)
    # A rating that is stored is later than a withdrawal of the same verdict.
    later = sa.select(inputs.c.kind).where(given, inputs.c.kind == thumb)
    _copy(
        inputs,
        sa.select(withdrawals.c.answer_id, withdrawals.c.by, thumb, withdrawals.c.verdict)
        .add_columns(withdrawals.c.withdrawn_at, sa.false(), sa.false())
        .where(~sa.exists(later)),
        "answer_id by kind verdict at stands waiting",
    )
    _copy(
        corrections,
        sa.select(ratings.c.answer_id, ratings.c.by, ratings.c.rated_at, ratings.c.correction)
        .add_columns(ratings.c.reason, sa.literal("", sa.Text), sa.true())
        .where(written),
        "answer_id by at text reason source stands",
    )
    op.drop_table("withdrawals")
    op.drop_table("ratings")


def downgrade() -> None:
    _create_ratings()
    counts = inputs.c.stands & ~inputs.c.waiting
    newest = sa.func.row_number().over(
        partition_by=(inputs.c.answer_id, inputs.c.by),
        order_by=(inputs.c.at.desc(), inputs.c.verdict),
    )
    given = sa.select(inputs, newest.label("n")).where(counts).subquery()
    wrote = (corrections.c.answer_id == given.c.answer_id) & (corrections.c.by == given.c.by)
    _copy(
        ratings,
        sa.select(given.c.answer_id, given.c.by, given.c.verdict, given.c.at)
        .add_columns(
            sa.func.coalesce(corrections.c.reason, ""), sa.func.coalesce(corrections.c.text, "")
        )
        .join_from(given, corrections, wrote, isouter=True)
        .where(given.c.n == 1),
        "answer_id by verdict rated_at reason correction",
    )
    thumbs = inputs.c.kind.in_(["thumb_up", "thumb_down"])
    _copy(
        withdrawals,
        sa.select(inputs.c.answer_id, inputs.c.by, inputs.c.verdict, inputs.c.at).where(
            thumbs, ~inputs.c.stands
        ),
        "answer_id by verdict withdrawn_at",
    )
    op.drop_table("corrections")
    op.drop_table("rating_inputs")


def _copy(table: sa.TableClause, rows: "sa.Select[tuple[object, ...]]", columns: str) -> None:
    op.execute(table.insert().from_select(columns.split(), rows))


def _create_inputs() -> None:
    op.create_table(
        "rating_inputs",
        sa.Column("answer_id", TEXT, nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("stands", sa.Boolean, nullable=False),
        sa.Column("waiting", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("answer_id", "by", "kind", name="pk_rating_inputs"),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["answers.id"], name="fk_rating_inputs_answer_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_rating_inputs_by", "rating_inputs", ["by"])
    op.create_index("ix_rating_inputs_at", "rating_inputs", ["at"])
    waiting = sa.text("waiting")
    op.create_index(
        "ix_rating_inputs_waiting",
        "rating_inputs",
        ["at"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_table(
        "corrections",
        sa.Column("answer_id", TEXT, nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("fault", sa.Text),
        sa.Column("stands", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("answer_id", "by", name="pk_corrections"),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["answers.id"], name="fk_corrections_answer_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_corrections_by", "corrections", ["by"])


def _create_ratings() -> None:
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
    op.create_table(
        "withdrawals",
        sa.Column("answer_id", TEXT, nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("withdrawn_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("answer_id", "by", "verdict", name="pk_withdrawals"),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["answers.id"], name="fk_withdrawals_answer_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_withdrawals_by", "withdrawals", ["by"])
