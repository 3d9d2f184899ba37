"""Brings a journal to the schema of this version: a backup, then one revision at a time.

A new file is made at once with today's tables. Alembic is imported only when there is
something to migrate, because it costs as much time as the rest of a start.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import Engine, inspect, select

from hedged.ports import StoreError
from hedged.store.schema import REVISIONS, metadata, version
from hedged.store.sqlite import back_up, store_errors

SCRIPTS: Final = Path(__file__).parent / "migrations"

log = structlog.get_logger("hedged.store")


def prepare(
    engine: Engine,
    path: Path,
    *,
    scripts: Path = SCRIPTS,
    revisions: Sequence[str] = REVISIONS,
) -> None:
    """Make the tables, or migrate them; nothing to do is the normal case.

    Raises:
        StoreError: written by a newer version, not a journal at all, or not to be migrated.
    """
    with store_errors(path):
        found = _revision(engine, path)
        if found is None:
            with engine.begin() as connection:
                metadata.create_all(connection)
                connection.execute(version.insert().values(version_num=revisions[-1]))
        elif found not in revisions:
            raise StoreError(
                f"the journal {path} was written by a newer hedged (schema {found}, this one "
                f"knows {revisions[-1]}): upgrade hedged, or restore the backup beside it"
            )
        else:
            for revision in revisions[list(revisions).index(found) + 1 :]:
                _migrate(engine, path, scripts, revision)


def _revision(engine: Engine, path: Path) -> str | None:
    """The schema of the file; None for an empty one."""
    with engine.connect() as connection:
        tables = inspect(connection).get_table_names()
        if not tables:
            return None
        if version.name not in tables:
            raise StoreError(f"{path} is a database, and not a journal of hedged")
        found: str = connection.execute(select(version.c.version_num)).scalar_one()
    return found


def _migrate(engine: Engine, path: Path, scripts: Path, revision: str) -> None:
    """One revision, in one transaction, with a copy of the file as it was before."""
    from alembic.operations import Operations  # noqa: PLC0415 - see the module's docstring
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415 - as above
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - as above

    backup = back_up(path, revision)
    script = ScriptDirectory(str(scripts))
    with engine.begin() as connection:
        context = MigrationContext.configure(connection)
        with Operations.context(context):
            step = script.get_revision(revision)
            step.module.upgrade()
            context.stamp(script, revision)
    log.info("journal.migrated", path=str(path), schema=revision, backup=str(backup))
