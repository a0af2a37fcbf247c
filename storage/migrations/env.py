"""What Alembic runs to reach the database: on the connection, and in the transaction, of `storage.migrations`."""

from alembic import context

from storage.tables import metadata

# The tables are told for the sake of their naming convention: constraints that a step leaves unnamed follow it.
context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
