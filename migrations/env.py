"""Alembic runs this for every command: it migrates on the connection that is passed in."""

from alembic import context

from records.partial_indexes import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite can, once its driver is set up for it (records/database.py).
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
