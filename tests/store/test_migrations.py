"""Schemas come and go: new files, old ones with a backup, newer ones refused."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory

from hedged.core.events import Intended
from hedged.ports import Selection, StoreError
from hedged.store import entries_in
from hedged.store.migrate import SCRIPTS, prepare
from hedged.store.schema import REVISIONS, metadata
from hedged.store.sqlite import BACKUPS_KEPT, back_up, engine_at
from hedged.store.writer import Writer
from tests.core.any_event import START, terms

NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"


def upgrade():
    op.add_column("events", sa.Column("c{revision}", sa.String(8)))
    {then}
"""


@pytest.fixture
def old(path: Path) -> Path:
    """A journal of today's schema, which the tests' later revisions make old."""
    writer = Writer(path)
    writer.open(START)
    writer.write([Intended(terms())], START)
    writer.close()
    return path


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SCRIPTS, tmp_path / "scripts"))


def add_revision(scripts: Path, revision: str, before: str, then: str = "") -> None:
    text = NEXT.format(revision=revision, before=before, then=then)
    (scripts / "versions" / f"v{revision}.py").write_text(text)


def columns(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as db:
        return {row[1] for row in db.execute("PRAGMA table_info(events)")}


def version(path: Path) -> str:
    with closing(sqlite3.connect(path)) as db:
        return str(db.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def migrate(path: Path, scripts: Path, *revisions: str) -> None:
    prepare(engine_at(path), path, scripts=scripts, revisions=(*REVISIONS, *revisions))


def test_the_revisions_make_the_tables_that_a_new_file_gets(tmp_path: Path) -> None:
    script = ScriptDirectory(str(SCRIPTS))
    listed = [revision.revision for revision in script.walk_revisions()]
    assert tuple(reversed(listed)) == REVISIONS
    with engine_at(tmp_path / "x.db").begin() as connection:
        context = MigrationContext.configure(connection)
        with Operations.context(context):
            for name in REVISIONS:
                script.get_revision(name).module.upgrade()
                context.stamp(script, name)
        assert compare_metadata(context, metadata) == []


def test_fault_32_an_older_journal_is_backed_up_and_migrated(old: Path, scripts: Path) -> None:
    add_revision(scripts, "9001", REVISIONS[-1])
    add_revision(scripts, "9002", "9001")
    migrate(old, scripts, "9001", "9002")
    assert version(old) == "9002"
    assert {"c9001", "c9002"} <= columns(old)
    first, second = (old.with_name(f"{old.name}.before-{name}") for name in ("9001", "9002"))
    assert (version(first), version(second)) == (REVISIONS[-1], "9001")
    assert "c9001" not in columns(first)
    kept = [entry.event for entry in entries_in(first, Selection())]
    assert kept[1:] == [Intended(terms())]
    migrate(old, scripts, "9001", "9002")
    assert version(old) == "9002", "there is nothing left to do"


def test_fault_32_a_migration_that_fails_changes_nothing(old: Path, scripts: Path) -> None:
    add_revision(scripts, "9001", REVISIONS[-1], then='op.execute("SELECT * FROM nowhere")')
    with pytest.raises(StoreError, match="nowhere"):
        migrate(old, scripts, "9001")
    assert version(old) == REVISIONS[-1]
    assert "c9001" not in columns(old)
    assert len(list(entries_in(old, Selection()))) == 2


def test_fault_32_a_newer_journal_is_refused_in_one_line(old: Path) -> None:
    with closing(sqlite3.connect(old)) as db, db:
        db.execute("UPDATE alembic_version SET version_num = '9001'")
    with pytest.raises(StoreError, match=r"newer hedged .*9001.*upgrade hedged") as refused:
        Writer(old).open(START)
    assert "\n" not in str(refused.value)
    with pytest.raises(StoreError, match="schema 9001"):
        list(entries_in(old, Selection()))
    assert version(old) == "9001"


def test_backups_do_not_pile_up(old: Path) -> None:
    for number in range(9001, 9001 + BACKUPS_KEPT + 2):
        back_up(old, str(number))
    names = sorted(copy.name for copy in old.parent.glob("*.before-*"))
    assert names == [f"{old.name}.before-{n}" for n in range(9003, 9003 + BACKUPS_KEPT)]
