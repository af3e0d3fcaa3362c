"""The domain by itself: no Flask, and no change outside a write."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import peewee
import pytest

from leadbook.models import Client, Lead
from leadbook.people.conversion import convert
from leadbook.storage.clock import Clock
from leadbook.storage.database import current
from leadbook.storage.sqlite.opening import open_database
from leadbook.storage.sqlite.upgrade import USER_VERSION

ADA = {"name": "Ada", "email": "ada@engines.test"}


@pytest.fixture
def database(tmp_path):
    database = open_database(tmp_path / "leadbook.db", Clock())
    with database.use():
        yield database
    database.close()


def test_domain_needs_no_flask():
    script = (
        "import sys, leadbook.models, leadbook.storage.listing, leadbook.testing.demo;"
        "sys.exit(bool({'flask', 'werkzeug', 'flask_smorest'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_importing_the_package_imports_nothing_else():
    script = "import sys, leadbook; sys.exit('flask' in sys.modules or 'peewee' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


@pytest.mark.parametrize(
    ("module", "unneeded"),
    [
        ("leadbook.cli.main", ["flask", "peewee", "marshmallow", "httptools", "asyncio"]),
        (
            "leadbook.app",
            ["httptools", "asyncio", "flask_swagger_ui", "playhouse", "idna"],
        ),
    ],
)
def test_nothing_is_imported_before_it_is_needed(module, unneeded):
    script = f"import sys, {module}; print(set({unneeded}) & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"


def test_change_needs_an_open_write(database):
    with pytest.raises(RuntimeError):
        Lead.create_from(ADA)
    with database.write():
        lead = Lead.create_from(ADA)
    for change in (lambda: lead.change({"name": "B"}), lead.delete_for_good):
        with pytest.raises(RuntimeError):
            change()
    assert Lead.fetch(lead.id).name == "Ada"


def test_failed_write_is_undone(database):
    with pytest.raises(peewee.IntegrityError), database.write():
        Lead.create_from(ADA).save(force_insert=True)
    assert Lead.select().count() == 0
    with database.write():
        Lead.create_from(ADA)
    assert Lead.select().count() == 1


def test_everything_in_a_write_has_one_time(database):
    with database.write():
        lead = Lead.create_from(ADA)
        client, _ = convert(lead, Client, {}, "reject")
    assert lead.converted_at == client.created_at == lead.created_at


def test_sqlite_keeps_the_rule_about_addresses_too(database):
    with database.write():
        Client.create_from(ADA)
    with pytest.raises(peewee.IntegrityError), database.write():
        Client.insert_new(ADA)


def test_models_mean_no_database_outside_use(database):
    with database.use():
        assert current.obj is database
    assert current.obj is database  # by the fixture
    with pytest.raises(AttributeError), ThreadPoolExecutor(1) as pool:
        pool.submit(Lead.fetch, "x").result()


def test_file_is_in_wal_mode_and_syncs_fully(database):
    assert database.pragma("journal_mode") == "wal"
    assert database.pragma("synchronous") == 2
    assert database.pragma("application_id") == int.from_bytes(b"Lead")
    assert database.pragma("user_version") == USER_VERSION


def test_old_sqlite_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("leadbook.storage.sqlite.opening.OLDEST_SQLITE", (9, 0, 0))
    with pytest.raises(Exception, match=r"Leadbook needs SQLite 9\.0\.0"):
        open_database(tmp_path / "leadbook.db", Clock())
    assert not list(tmp_path.iterdir())


def test_lock_that_is_held_too_long_is_reported(database, monkeypatch):
    monkeypatch.setattr("leadbook.storage.sqlite.connected_file.LOCK_TIMEOUT_SECONDS", 0.01)
    with database.write(), pytest.raises(peewee.OperationalError), database.write():
        pass
