"""Give no job the number of a deleted one: a process may still hold the deleted one by it.

SQLite used the highest number again; PostgreSQL never does that.
"""

from alembic import op

revision = "0050"
down_revision = "0049"

NAMES = {"pk": "pk_%(table_name)s"}


def upgrade() -> None:
    _make_again(sqlite_autoincrement=True)


def downgrade() -> None:
    _make_again(sqlite_autoincrement=False)


def _make_again(**options: bool) -> None:
    """Copies the jobs into a table with these options, and with the same indexes."""
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table(
            "jobs", recreate="always", table_kwargs=options, naming_convention=NAMES
        ):
            pass
