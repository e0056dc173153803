"""What Alembic loads to migrate: it uses the connection of the caller, in the transaction of the caller."""

from __future__ import annotations

from alembic import context

from cds.records.migrations import VERSION_TABLE

context.configure(connection=context.config.attributes["connection"], version_table=VERSION_TABLE)
context.run_migrations()
