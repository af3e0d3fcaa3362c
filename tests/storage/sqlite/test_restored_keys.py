"""Which API keys count after a restore: nothing that was closed or revoked is open again."""

import os
import signal
from contextlib import closing

import pytest
from command import assert_refused, invoke
from places import DATABASES

from leadbook.app import create_app
from leadbook.storage.sqlite.driver import sqlite3

PAGE = 4096
OLD = DATABASES / "version-1.db"


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "leadbook.db"
    create_app({"DATABASE": path}).extensions["leadbook"].close()
    return path


@pytest.fixture
def saved(tmp_path):
    return tmp_path / "saved.db"


def add_key(path, name):
    done = invoke("key", "create", name, "--database", path)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def revoke(path, name):
    assert invoke("key", "revoke", name, "--database", path).returncode == 0


def back_up(path, saved):
    assert invoke("backup", saved, "--database", path).returncode == 0


def restore(saved, path, *flags):
    done = invoke("restore", saved, "--database", path, *flags)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def statuses(path, *tokens):
    """Return what a request gets without a key, and with each of `tokens`."""
    app = create_app({"DATABASE": path})
    with closing(app.extensions["leadbook"]):
        client = app.test_client()
        sent = [{}, *({"Authorization": f"Bearer {token}"} for token in tokens)]
        return [client.get("/leads", headers=headers).status_code for headers in sent]


def damage(path, table):
    """Overwrite the first page of a table, and return the bytes of the file."""
    with closing(sqlite3.connect(path)) as reader:
        where = "SELECT rootpage FROM sqlite_master WHERE name = ?"
        [(page,)] = reader.execute(where, (table,))
    content = bytearray(path.read_bytes())
    content[(page - 1) * PAGE : page * PAGE] = b"\xa5" * PAGE
    path.write_bytes(content)
    return bytes(content)


@pytest.mark.parametrize("is_damaged", [False, True])
def test_keys_of_what_is_replaced_stay(path, saved, is_damaged):
    back_up(path, saved)
    token = add_key(path, "robot")
    if is_damaged:
        damage(path, "leads")
    said = restore(saved, path)
    assert "It keeps the keys that it had. Every call needs a valid one: robot." in said
    assert statuses(path, token) == [401, 200]


def test_revoked_key_stays_revoked_whichever_file_says_so(path, saved, tmp_path):
    tokens = [add_key(path, name) for name in ("early", "late", "good")]
    older = tmp_path / "older.db"
    back_up(path, older)
    revoke(path, "early")
    back_up(path, saved)
    revoke(path, "late")
    assert restore(saved, path)[1].endswith("valid one: good.")
    assert statuses(path, *tokens) == [401, 401, 401, 200]
    # The file that is replaced knows less than the backup.
    elsewhere = tmp_path / "elsewhere.db"
    restore(older, elsewhere)
    assert statuses(elsewhere, *tokens) == [401, 200, 200, 200]
    restore(saved, elsewhere)
    assert statuses(elsewhere, *tokens) == [401, 401, 200, 200]


def test_key_that_only_the_backup_has_does_not_come_back(path, saved, tmp_path):
    mine = add_key(path, "mine")
    other = tmp_path / "other.db"
    assert invoke("key", "create", "theirs", "--create", "--database", other).returncode == 0
    theirs = add_key(other, "again")
    back_up(other, saved)
    restore(saved, path)
    assert statuses(path, mine, theirs) == [401, 200, 401]


def test_key_of_the_same_name_is_that_of_the_replaced_file(path, saved, tmp_path):
    mine = add_key(path, "robot")
    other = tmp_path / "other.db"
    theirs = invoke("key", "create", "robot", "--create", "--database", other).stdout.strip()
    revoke(other, "robot")
    back_up(other, saved)
    restore(saved, path)
    # What was revoked there is another secret.
    assert statuses(path, mine, theirs) == [401, 200, 401]


def test_service_that_knew_no_keys_gets_those_of_the_backup(path, saved, tmp_path):
    token = add_key(path, "robot")
    back_up(path, saved)
    empty = tmp_path / "empty.db"
    create_app({"DATABASE": empty}).extensions["leadbook"].close()
    assert "robot" in restore(saved, empty)[1]
    assert statuses(empty, token) == [401, 200]


def test_keys_in_the_log_of_a_killed_server_count(path, saved, start_server):
    back_up(path, saved)
    server = start_server("--database", str(path))
    tokens = [add_key(path, name) for name in ("robot", "revoked")]
    revoke(path, "revoked")
    server.stop(signal.SIGKILL)
    assert path.with_name("leadbook.db-wal").stat().st_size
    damage(path, "leads")
    restore(saved, path)
    assert statuses(path, *tokens) == [401, 200, 401]


def test_unreadable_keys_are_not_replaced_unasked(path, saved, tmp_path):
    token = add_key(path, "robot")
    back_up(path, saved)
    revoke(path, "robot")
    broken = damage(path, "api_keys")
    refused = invoke("restore", saved, "--database", path)
    assert_refused(refused, "--keys-from-backup")
    assert "revoked after that backup would work again" in refused.stderr
    assert_refused(invoke("restore", saved, "--database", path, "--open"), "--keys-from-backup")
    # But for the mode of the log in its header.
    assert path.read_bytes()[PAGE:] == broken[PAGE:]
    assert sorted(os.listdir(tmp_path)) == ["leadbook.db", "saved.db"]
    said = restore(saved, path, "--keys-from-backup")
    assert "works again" in said[1]
    assert statuses(path, token) == [401, 200]


@pytest.mark.parametrize("harm", ["key table", "all behind the header", "empty"])
def test_damaged_service_is_not_opened_unasked(path, saved, harm):
    back_up(path, saved)
    add_key(path, "robot")
    if harm == "key table":
        damage(path, "api_keys")
    else:
        path.write_bytes(path.read_bytes()[:100] + b"garbage" * 999 if "all" in harm else b"")
    refused = invoke("restore", saved, "--database", path)
    assert_refused(refused, "--open restores without keys")
    assert "read and write all records" in refused.stderr
    assert_refused(invoke("restore", saved, "--database", path, "--keys-from-backup"), "--open")
    assert "It has no keys: everybody" in restore(saved, path, "--open")[1]
    assert statuses(path) == [200]


def test_keys_are_unreadable_where_one_is_lost(path, saved):
    add_key(path, "robot")
    back_up(path, saved)
    # The index still has the key that the table has lost.
    index = "name = 'apikey_hash'"
    with closing(sqlite3.connect(path)) as other:
        [row] = other.execute(f"SELECT * FROM sqlite_master WHERE {index}")
        other.execute("PRAGMA writable_schema = 1")
        other.execute(f"DELETE FROM sqlite_master WHERE {index}")
        other.commit()
    with closing(sqlite3.connect(path)) as other:
        other.execute("DELETE FROM api_keys")
        other.execute("PRAGMA writable_schema = 1")
        other.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", row)
        other.commit()
    assert_refused(invoke("restore", saved, "--database", path), "--keys-from-backup")


def test_flags_that_are_not_needed_change_nothing(path, saved):
    back_up(path, saved)
    token = add_key(path, "robot")
    for flag in ("--open", "--keys-from-backup"):
        assert "It keeps the keys" in restore(saved, path, flag)[1]
        assert statuses(path, token) == [401, 200]
    both = invoke("restore", saved, "--database", path, "--open", "--keys-from-backup")
    assert_refused(both, "--keys-from-backup and --open cannot be combined")


def test_restore_to_an_empty_place_tells_who_gets_in(path, saved, tmp_path):
    back_up(path, saved)
    assert "It has no keys: everybody" in restore(saved, tmp_path / "open.db")[1]
    add_key(path, "robot")
    closed = tmp_path / "closed.db"
    back_up(path, closed)
    assert "the keys of the backup" in restore(closed, tmp_path / "new.db")[1]
    revoke(path, "robot")
    assert restore(closed, path)[1].endswith("create one with `leadbook key create NAME`.")


def test_file_of_a_version_without_keys_is_replaced(path, saved, tmp_path):
    token = add_key(path, "robot")
    back_up(path, saved)
    old = tmp_path / "old.db"
    old.write_bytes(OLD.read_bytes())
    restore(saved, old)
    assert statuses(old, token) == [401, 200]
