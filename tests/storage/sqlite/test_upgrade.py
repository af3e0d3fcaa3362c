"""Files of an older version: brought up to date with nothing lost, or left as they are."""

import os
import re
import shutil
from contextlib import closing

import pytest
from places import DATABASES

from leadbook.app import create_app
from leadbook.models import RECORDS, Client, Lead
from leadbook.storage.clock import Clock
from leadbook.storage.columns import Packed
from leadbook.storage.sqlite.check import check
from leadbook.storage.sqlite.driver import sqlite3
from leadbook.storage.sqlite.opening import DatabaseFileError, open_database
from leadbook.storage.sqlite.upgrade import USER_VERSION

# Those of the records of version 1.
FIRST_COLUMNS = set(
    "id name email phone company source notes status score client_id converted_at lead_id archived_at "
    "version created_at updated_at".split()
)


@pytest.fixture(params=range(1, USER_VERSION))
def version(request):
    return request.param


@pytest.fixture
def path(tmp_path, version):
    path = tmp_path / "leadbook.db"
    shutil.copy(DATABASES / f"version-{version}.db", path)
    return path


def rows_of(path):
    """Return all records of a file of any version: of what the API shows, what it has.

    What a later version has added is left out.
    """
    rows = {}
    with closing(sqlite3.connect(path)) as reader:
        for model in (Lead, Client):
            table = model._meta.table_name
            has = {name for _, name, *_ in reader.execute(f"PRAGMA table_info({table})")}
            shown = {
                field.data_key: model._meta.fields[name]
                for name, field in model.schema().fields.items()
                if name in has & FIRST_COLUMNS
            }
            names = ", ".join(field.name for field in shown.values())
            rows[table] = [
                dict(zip(shown, map(text_of, shown.values(), row), strict=True))
                for row in reader.execute(f"SELECT {names} FROM {table} ORDER BY id")
            ]
    # Else nothing is compared with nothing.
    assert all(rows.values())
    return rows


def text_of(field, value):
    # Until version 3, ids and times were texts.
    is_packed = isinstance(field, Packed) and not isinstance(value, str)
    return field.python_value(value) if is_packed else value


def version_of(path):
    with closing(sqlite3.connect(path)) as reader:
        return reader.execute("PRAGMA user_version").fetchone()[0]


def schema_of(path):
    """Return the tables, however their SQL is laid out."""
    names = "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_autoindex%'"
    with closing(sqlite3.connect(path)) as reader:
        return sorted(
            (kind, name, re.sub(r"\s*([(),])\s*|\s+", r" \1 ", re.sub("[\"']", "", sql)))
            for kind, name, sql in reader.execute(names)
        )


def test_upgraded_file_is_as_a_new_one_with_the_old_rows(path, tmp_path):
    before = rows_of(path)
    open_database(path, Clock()).close()
    assert version_of(path) == USER_VERSION
    assert rows_of(path) == before
    open_database(tmp_path / "new.db", Clock()).close()
    assert schema_of(path) == schema_of(tmp_path / "new.db")
    with closing(sqlite3.connect(path)) as reader:
        assert reader.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_file_of_the_version_of_today_is_read_as_it_is(tmp_path):
    path = tmp_path / "leadbook.db"
    # The newest sample, at the version of today.
    shutil.copy(max(DATABASES.glob("version-?.db")), path)
    open_database(path, Clock()).close()
    for kept in tmp_path.glob("leadbook.db.version-*"):
        kept.unlink()
    before, schema = rows_of(path), schema_of(path)
    open_database(path, Clock()).close()
    assert (version_of(path), rows_of(path), schema_of(path)) == (USER_VERSION, before, schema)
    assert os.listdir(tmp_path) == ["leadbook.db"]
    open_database(tmp_path / "new.db", Clock()).close()
    # It changes with the version, or the version has to.
    assert schema == schema_of(tmp_path / "new.db")
    assert not any(dict(check(path, Clock(), RECORDS, repair=False)).values())


def test_upgraded_rows_are_numbered_in_the_order_of_their_changes(path):
    open_database(path, Clock()).close()
    app = create_app({"DATABASE": path})
    client = app.test_client()
    for kind in ("leads", "clients?status=all"):
        page = client.get(
            f"/{kind}{'&' if '?' in kind else '?'}updatedSince=1970-01-01T00:00:00Z&limit=100"
        )
        times = [record["updatedAt"] for record in page.json["data"]]
        assert times == sorted(times)
        assert len(times) == page.json["pagination"]["total"] > 1
    newest = client.post("/leads", json={"name": "New", "email": "new@a.test"}).json
    page = client.get("/leads?updatedSince=1970-01-01T00:00:00Z&limit=100").json
    assert page["data"][-1] == newest
    app.extensions["leadbook"].close()


def test_file_as_it_was_is_kept_beside_it(path, tmp_path, version):
    original = DATABASES / f"version-{version}.db"
    open_database(path, Clock()).close()
    backup = tmp_path / f"leadbook.db.version-{version}"
    assert version_of(backup) == version
    assert rows_of(backup) == rows_of(original)
    assert schema_of(backup) == schema_of(original)
    assert sorted(os.listdir(tmp_path)) == ["leadbook.db", backup.name]


def test_upgraded_file_is_searched_and_counted_as_a_new_one(path):
    open_database(path, Clock()).close()
    assert {
        found: faults for found, faults in check(path, Clock(), RECORDS, repair=False) if faults
    } == {}
    app = create_app({"DATABASE": path})
    client = app.test_client()
    for lead in rows_of(path)["leads"]:
        for search in (lead["name"].upper(), lead["email"][:2]):
            page = client.get("/leads", query_string={"search": search}).json
            # What a later version has added is in the answer alone.
            assert lead in [{name: each[name] for name in lead} for each in page["data"]]
            assert page["pagination"]["total"] == len(page["data"])
        assert client.get("/leads", query_string={"email": lead["email"].upper()}).json["data"]
    app.extensions["leadbook"].close()


def test_what_is_still_in_the_log_is_upgraded_and_kept_too(path, tmp_path, version):
    with closing(sqlite3.connect(path)) as writer:
        with writer:
            writer.execute("UPDATE leads SET score = 77")
        # While it is open its write is in the log only.
        assert (tmp_path / "leadbook.db-wal").stat().st_size
        open_database(path, Clock()).close()
    for each in (path, tmp_path / f"leadbook.db.version-{version}"):
        assert {lead["score"] for lead in rows_of(each)["leads"]} == {77}


@pytest.mark.parametrize(
    "fault", ["database.execute_sql('SELECT * FROM nowhere')", "raise ValueError('bad script')"]
)
def test_upgrade_that_fails_changes_nothing(path, tmp_path, monkeypatch, fault, version):
    before, schema = rows_of(path), schema_of(path)
    scripts = tmp_path / "scripts"
    scripts.mkdir()
    (scripts / f"{version + 1:04}_half.py").write_text(
        "def up(migrator, database):\n"
        "    database.execute_sql('DELETE FROM leads')\n"
        "    database.execute_sql('CREATE TABLE half (id)')\n"
        f"    {fault}\n"
    )
    monkeypatch.setattr("leadbook.storage.sqlite.upgrade._SCRIPTS", scripts)
    with pytest.raises((DatabaseFileError, ValueError), match=re.compile("nowhere|bad script")):
        open_database(path, Clock())
    assert version_of(path) == version
    assert rows_of(path) == before
    assert schema_of(path) == schema
    monkeypatch.undo()
    # Nor does what is left of the attempt stand in the way of the next.
    open_database(path, Clock()).close()
    assert version_of(path) == USER_VERSION
    assert rows_of(path) == before


def test_upgrade_that_is_still_in_the_log_is_not_run_again(path, tmp_path, version):
    with closing(sqlite3.connect(path)) as reader:
        reader.execute("SELECT * FROM leads").fetchone()
        for _ in range(2):
            open_database(path, Clock()).close()
        assert reader.execute("PRAGMA user_version").fetchone() == (USER_VERSION,)
    backup = tmp_path / f"leadbook.db.version-{version}"
    assert version_of(backup) == version
    assert not (tmp_path / f"{backup.name}.2").exists()


def test_earlier_backup_is_not_overwritten(path, tmp_path, version):
    earlier = tmp_path / f"leadbook.db.version-{version}"
    earlier.write_text("dear")
    open_database(path, Clock()).close()
    assert earlier.read_text() == "dear"
    assert (tmp_path / f"{earlier.name}.2").exists()
