"""What a restore, a backup and a check leave alone, and what they take over."""

import os
import shutil
from contextlib import closing

import pytest
from command import assert_refused, invoke
from places import DATABASES

from leadbook.access.keys import create_key, revoke_key
from leadbook.app import create_app
from leadbook.models import RECORDS
from leadbook.storage.clock import Clock
from leadbook.storage.sqlite.backup import back_up, restore
from leadbook.storage.sqlite.driver import sqlite3
from leadbook.storage.sqlite.file_checks import DatabaseFileError, check_header
from leadbook.storage.sqlite.upgrade import USER_VERSION


@pytest.fixture
def app(tmp_path):
    app = create_app({"DATABASE": tmp_path / "leadbook.db"})
    with closing(app.extensions["leadbook"]):
        yield app


def test_restore_does_not_revive_a_revoked_key(app, tmp_path):
    database = app.extensions["leadbook"]
    with database.use(), database.write():
        token = create_key("robot", "write", None)
    back_up(database.path, tmp_path / "saved.db", RECORDS, overwrite=False)
    with database.use(), database.write():
        revoke_key("robot")
    database.close()
    restore(tmp_path / "saved.db", database.path, Clock())
    again = create_app({"DATABASE": database.path})
    headers = {"Authorization": f"Bearer {token}"}
    assert again.test_client().get("/leads", headers=headers).status_code == 401
    again.extensions["leadbook"].close()


def test_restore_beside_the_log_of_a_lost_database_is_refused(app, tmp_path):
    database = app.extensions["leadbook"]
    back_up(database.path, tmp_path / "saved.db", RECORDS, overwrite=False)
    lost = tmp_path / "lost.db"
    (tmp_path / "lost.db-wal").write_bytes(b"pages of another database")
    with pytest.raises(DatabaseFileError, match=r"lost\.db-wal"):
        restore(tmp_path / "saved.db", lost, Clock())
    assert not lost.exists()


def test_restore_over_the_database_of_another_application_is_refused(app, tmp_path):
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as theirs:
        theirs.execute("CREATE TABLE t (id)")
    before = other.read_bytes()
    back_up(app.extensions["leadbook"].path, tmp_path / "saved.db", RECORDS, overwrite=False)
    with pytest.raises(DatabaseFileError, match="another application"):
        restore(tmp_path / "saved.db", other, Clock())
    assert other.read_bytes() == before


def test_database_is_no_place_for_its_backup(app):
    path = app.extensions["leadbook"].path
    for target in (path, path.with_name(f"{path.name}-wal")):
        with pytest.raises(DatabaseFileError, match="the database itself"):
            back_up(path, target, RECORDS, overwrite=True)
    assert app.test_client().get("/leads").status_code == 200


def test_copies_are_as_private_as_the_original(app, tmp_path):
    path, saved = app.extensions["leadbook"].path, tmp_path / "saved.db"
    path.chmod(0o600)
    back_up(path, saved, RECORDS, overwrite=False)
    app.extensions["leadbook"].close()
    restore(saved, path, Clock())
    assert [each.stat().st_mode & 0o777 for each in (saved, path)] == [0o600, 0o600]


def test_index_that_lacks_an_entry_is_rebuilt(app):
    path = app.extensions["leadbook"].path
    app.test_client().post("/leads", json={"name": "Ada", "email": "ada@engines.test", "score": 5})
    app.extensions["leadbook"].close()
    with closing(sqlite3.connect(path)) as damager:
        damager.execute("PRAGMA writable_schema = 1")
        damager.execute(
            "UPDATE sqlite_master SET sql = replace(sql, '(score', '(version') WHERE name = 'lead_score_id'"
        )
        damager.commit()
    assert invoke("check", "--database", path).returncode == 1
    assert invoke("check", "--repair", "--database", path).returncode == 0
    assert invoke("check", "--database", path).returncode == 0


def test_restored_older_backup_is_upgraded_without_another_copy(tmp_path, caplog):
    for version in range(1, USER_VERSION):
        saved = DATABASES / f"version-{version}.db"
        before = saved.read_bytes()
        path = tmp_path / f"{version}.db"
        restore(saved, path, Clock())
        # It would lie about a copy that has gone already.
        assert caplog.messages == []
        assert check_header(path) == USER_VERSION
        assert invoke("check", "--database", path).returncode == 0
        assert saved.read_bytes() == before
    assert len(os.listdir(tmp_path)) == USER_VERSION - 1


def test_looking_makes_no_database_and_upgrades_none(tmp_path):
    for command in (("check",), ("key", "list"), ("key", "revoke", "a")):
        assert_refused(invoke(*command, "--database", tmp_path / "typo.db"), "typo.db")
    assert os.listdir(tmp_path) == []
    old = tmp_path / "old.db"
    shutil.copy(DATABASES / "version-1.db", old)
    before = old.read_bytes()
    assert_refused(invoke("check", "--database", old), "older version")
    assert old.read_bytes() == before
