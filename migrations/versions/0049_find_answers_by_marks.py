"""Keep what answers are found by, in order of time."""

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TIME = sa.DateTime(timezone=True)
BATCH = 1_000

answers = sa.table(
    "answers",
    *(sa.column(name, TEXT) for name in ("id", "question_id", "kind", "adapter")),
    sa.column("created_at", TIME),
    sa.column("passages", sa.JSON),
    sa.column("sentences", sa.JSON),
)
inputs = sa.table(
    "rating_inputs",
    *(sa.column(name, TEXT) for name in ("answer_id", "by", "verdict")),
    sa.column("at", TIME),
    sa.column("stands", sa.Boolean),
    sa.column("waiting", sa.Boolean),
)
marks = sa.table(
    "answer_marks",
    sa.column("mark", TEXT),
    sa.column("at", TIME),
    sa.column("answer_id", TEXT),
)


def upgrade() -> None:
    op.create_table(
        "answer_marks",
        sa.Column("mark", TEXT, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("answer_id", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("mark", "at", "answer_id", name="pk_answer_marks"),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["answers.id"], name="fk_answer_marks_answer_id", ondelete="CASCADE"
        ),
        sqlite_with_rowid=False,
    )
    after = ""
    while rows := _answers_after(after):
        op.get_bind().execute(
            marks.insert(),
            [
                {"mark": mark, "at": row.created_at, "answer_id": row.id}
                for row in rows
                for mark in sorted(set(_marks(row)))
            ],
        )
        after = rows[-1].id
    _mark_ratings()
    op.create_index("ix_answer_marks_answer_id", "answer_marks", ["answer_id"])


def downgrade() -> None:
    op.drop_table("answer_marks")


def _answers_after(after: str) -> list[Any]:
    query = sa.select(answers).where(answers.c.id > after).order_by(answers.c.id).limit(BATCH)
    return list(op.get_bind().execute(query).all())


def _marks(row: Any) -> Iterator[str]:
    begins, *place = row.question_id.split(":")
    yield f"kind:{row.kind}"
    yield f"place:{'/'.join(place[:2]) if begins == 'slack' else begins}"
    if row.adapter:
        yield f"adapter:{row.adapter}"
    for passage in _items(row.passages):
        for uri in (passage.get("source", ""), *passage.get("also", ())):
            yield f"source:{sha256(uri.encode(errors='surrogatepass')).hexdigest()[:32]}"
    if any(not one.get("supported", True) for one in _items(row.sentences)):
        yield "unsupported"


def _items(stored: Any) -> list[dict[str, Any]]:
    stored = json.loads(stored) if isinstance(stored, str) else stored
    return list(stored.get("items", ()) if isinstance(stored, dict) else stored or ())


def _mark_ratings() -> None:
    """What each person says is the latest input that stands; of two at once, the bad one."""
    counts = inputs.c.stands & ~inputs.c.waiting
    newest = sa.func.row_number().over(
        partition_by=(inputs.c.answer_id, inputs.c.by),
        order_by=(inputs.c.at.desc(), inputs.c.verdict),
    )
    said = sa.select(inputs.c.answer_id, inputs.c.verdict, newest.label("n")).where(counts)
    given = said.subquery()
    rows = (
        sa.select(sa.literal("rated:", sa.Text) + given.c.verdict, answers.c.created_at)
        .add_columns(answers.c.id)
        .join_from(given, answers, answers.c.id == given.c.answer_id)
        .where(given.c.n == 1)
        .distinct()
    )
    op.execute(marks.insert().from_select(["mark", "at", "answer_id"], rows))
