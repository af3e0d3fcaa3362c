"""Files of an older version: brought up to date with nothing lost, or left as they are."""

import os
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from leadbook.clock import Clock
from leadbook.database_file import DatabaseFileError, open_database

VERSION_1 = Path(__file__).parent / "databases" / "version-1.db"


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "leadbook.db"
    shutil.copy(VERSION_1, path)
    return path


def rows_of(path):
    """Return all columns of all rows of what version 1 held."""
    tables = ("leads", "clients")
    with closing(sqlite3.connect(path)) as reader:
        reader.row_factory = sqlite3.Row
        found = {table: reader.execute(f"SELECT * FROM {table} ORDER BY id") for table in tables}
        rows = {table: [dict(row) for row in cursor] for table, cursor in found.items()}
    # Else nothing is compared with nothing.
    assert all(rows.values())
    return rows


def version_of(path):
    with closing(sqlite3.connect(path)) as reader:
        return reader.execute("PRAGMA user_version").fetchone()[0]


def schema_of(path):
    with closing(sqlite3.connect(path)) as reader:
        return sorted(
            reader.execute(
                "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_autoindex%'"
            )
        )


def test_upgraded_file_is_as_a_new_one_with_the_old_rows(path, tmp_path):
    before = rows_of(path)
    open_database(path, Clock()).close()
    assert version_of(path) == 2
    assert rows_of(path) == before
    open_database(tmp_path / "new.db", Clock()).close()
    assert schema_of(path) == schema_of(tmp_path / "new.db")
    with closing(sqlite3.connect(path)) as reader:
        assert reader.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_file_as_it_was_is_kept_beside_it(path, tmp_path):
    open_database(path, Clock()).close()
    backup = tmp_path / "leadbook.db.version-1"
    assert version_of(backup) == 1
    assert rows_of(backup) == rows_of(VERSION_1)
    assert schema_of(backup) == schema_of(VERSION_1)
    assert sorted(os.listdir(tmp_path)) == ["leadbook.db", "leadbook.db.version-1"]


def test_what_is_still_in_the_log_is_upgraded_and_kept_too(path, tmp_path):
    with closing(sqlite3.connect(path)) as writer:
        with writer:
            writer.execute("UPDATE leads SET score = 77")
        # While it is open its write is in the log only.
        assert (tmp_path / "leadbook.db-wal").stat().st_size
        open_database(path, Clock()).close()
    for each in (path, tmp_path / "leadbook.db.version-1"):
        assert {lead["score"] for lead in rows_of(each)["leads"]} == {77}


@pytest.mark.parametrize(
    "fault", ["database.execute_sql('SELECT * FROM nowhere')", "raise ValueError('bad script')"]
)
def test_upgrade_that_fails_changes_nothing(path, tmp_path, monkeypatch, fault):
    before, schema = rows_of(path), schema_of(path)
    scripts = tmp_path / "scripts"
    scripts.mkdir()
    (scripts / "0002_half.py").write_text(
        "def up(migrator, database):\n"
        "    database.execute_sql('DELETE FROM leads')\n"
        "    database.execute_sql('CREATE TABLE half (id)')\n"
        f"    {fault}\n"
    )
    monkeypatch.setattr("leadbook.upgrade._SCRIPTS", scripts)
    with pytest.raises((DatabaseFileError, ValueError), match=re.compile("nowhere|bad script")):
        open_database(path, Clock())
    assert version_of(path) == 1
    assert rows_of(path) == before
    assert schema_of(path) == schema
    monkeypatch.undo()
    # Nor does what is left of the attempt stand in the way of the next.
    open_database(path, Clock()).close()
    assert version_of(path) == 2
    assert rows_of(path) == before


def test_upgrade_that_is_still_in_the_log_is_not_run_again(tmp_path):
    path = tmp_path / "leadbook.db"
    shutil.copy(VERSION_1, path)
    with closing(sqlite3.connect(path)) as reader:
        reader.execute("SELECT * FROM leads").fetchone()
        for _ in range(2):
            open_database(path, Clock()).close()
        assert reader.execute("PRAGMA user_version").fetchone() == (2,)
    with closing(sqlite3.connect(tmp_path / "leadbook.db.version-1")) as backup:
        assert backup.execute("PRAGMA user_version").fetchone() == (1,)
    assert not (tmp_path / "leadbook.db.version-1.2").exists()


def test_earlier_backup_is_not_overwritten(tmp_path):
    path, earlier = tmp_path / "leadbook.db", tmp_path / "leadbook.db.version-1"
    earlier.write_text("dear")
    shutil.copy(VERSION_1, path)
    open_database(path, Clock()).close()
    assert earlier.read_text() == "dear"
    assert (tmp_path / "leadbook.db.version-1.2").exists()
