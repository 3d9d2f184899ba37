"""The history of the journal's schema, one Alembic revision a file."""
