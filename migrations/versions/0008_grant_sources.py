"""Store who may read a source in its own table, so that requesting it twice only adds readers.

Labels of earlier versions name no workspace. A channel or person gets the workspace of the Slack
message at which the source was reported. Without such a message the label does not change, and
matches no later question. ``everyone`` does not change. Nobody may read removed sources.
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
KEPT = "title", "checksum", "chunks", "attempts", "reason", "reply_to"

grants = sa.table(
    "grants",
    sa.column("source", TEXT),
    sa.column("label", TEXT),
    sa.column("by", TEXT),
    sa.column("since", sa.DateTime(timezone=True)),
)
sources = sa.table(
    "sources",
    sa.column("uri", TEXT),
    sa.column("audience", sa.JSON),
    sa.column("state", sa.Text),
    sa.column("requested_by", TEXT),
    sa.column("updated_at", sa.DateTime(timezone=True)),
    *(sa.column(name) for name in KEPT),
)


def upgrade() -> None:
    op.create_table(
        "grants",
        sa.Column("source", TEXT, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "label", name="pk_grants"),
        sa.ForeignKeyConstraint(
            ["source"], ["sources.uri"], name="fk_grants_source", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_grants_label", "grants", ["label"])
    _copy_audiences()
    op.drop_column("sources", "audience")


def downgrade() -> None:
    connection = op.get_bind()
    labels: dict[str, list[str]] = {}
    for source, label in connection.execute(sa.select(grants.c.source, grants.c.label)):
        labels.setdefault(source, []).append(_without_workspace(label))
    kept = [column for column in sources.c if column.name != "audience"]
    rows = [dict(row) for row in connection.execute(sa.select(*kept)).mappings()]
    op.drop_table("grants")
    # The table is created again, since an added column would be last and could not be NOT NULL.
    op.drop_table("sources")
    op.create_table(
        "sources",
        sa.Column("uri", TEXT, nullable=False),
        sa.Column("audience", sa.JSON, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("requested_by", TEXT, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("checksum", TEXT, nullable=False),
        sa.Column("chunks", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("reply_to", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("uri", name="pk_sources"),
    )
    op.create_index("ix_sources_state", "sources", ["state"])
    for row in rows:
        audience = {"labels": sorted(set(labels.get(row["uri"], ())))}
        connection.execute(sources.insert().values(**row, audience=audience))


def _copy_audiences() -> None:
    connection = op.get_bind()
    found = connection.execute(sa.select(sources).where(sources.c.state != "removed")).all()
    for row in found:
        audience = json.loads(row.audience) if isinstance(row.audience, str) else row.audience
        for label in sorted({_with_workspace(one, row.reply_to) for one in audience["labels"]}):
            values = (row.uri, label, row.requested_by, row.updated_at)
            connection.execute(grants.insert().values(values))


def _with_workspace(label: str, reply_to: str) -> str:
    kind, *ids = label.split(":")
    origin = reply_to.split(":")
    if kind in ("channel", "person") and len(ids) == 1 and origin[0] == "slack" and origin[1:2]:
        return f"{kind}:{origin[1]}:{ids[0]}"
    return label


def _without_workspace(label: str) -> str:
    """The label as version 0007 wrote it; one of a workspace matches nothing there."""
    kind, *ids = label.split(":")
    return f"{kind}:{ids[1]}" if kind in ("channel", "person") and len(ids) == 2 else label
