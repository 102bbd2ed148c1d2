"""What Alembic runs for every command: the migrations, on the connection that it is handed."""

from alembic import context

from records.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite can, once its driver is told not to interfere (records/database.py).
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
