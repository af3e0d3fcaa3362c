"""Litestream copies a database in use; what comes back is whole, and keys stay revoked."""

import http.client
import os
import re
import shutil
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

import pytest
from command import assert_refused
from command import run as leadbook
from deployed import PAGE, program, replaced, run, shown_file
from places import DATABASES
from waiting import wait_until
from writers import kept_leads, post

from leadbook.storage.sqlite.driver import sqlite3
from leadbook.storage.sqlite.file_checks import check_header
from leadbook.storage.sqlite.upgrade import USER_VERSION

pytestmark = pytest.mark.long


class Litestream:
    """Litestream with the configuration of the page, for the database at `path`."""

    def __init__(self, path):
        self.path = path
        self.folder = path.parent
        self.program = program("litestream")
        (self.folder / "litestream.yml").write_text(
            replaced(
                shown_file("/etc/litestream.yml"),
                **{
                    # Relative, since the path of a socket must be short.
                    "/var/lib/leadbook/litestream.sock": "litestream.sock",
                    "/var/lib/leadbook/leadbook.db": path,
                    "/mnt/elsewhere/leadbook": self.folder / "copies",
                },
            )
        )

    @contextmanager
    def replicating(self):
        """Let it replicate, and stop it after the block."""
        command = [self.program, "replicate", "-config", "litestream.yml"]
        with (
            (self.folder / "litestream.log").open("w") as log,
            subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log) as process,
        ):
            wait_until((self.folder / "litestream.sock").exists)
            try:
                yield
            finally:
                process.terminate()
                assert process.wait(timeout=60) == 0

    def wait_until_copied(self):
        """Wait until the copy has everything that is in the database now."""
        done = self._run("sync", "-wait", "-socket", "litestream.sock", self.path)
        assert done.returncode == 0, done.stderr

    def copy_anew(self):
        """Copy the whole database, as the page says what to do after a crash."""
        (options,) = re.findall(r"^litestream replicate (-once.*)$", PAGE, re.MULTILINE)
        done = self._run("replicate", "-config", "litestream.yml", *options.split())
        assert done.returncode == 0, done.stderr

    def restore(self, target):
        """Restore the copy to `target`, as the page shows it."""
        done = self._run(
            "restore", "-config", "litestream.yml", "-o", target, self.path, umask=0o077
        )
        assert done.returncode == 0, done.stderr
        return target

    def _run(self, *arguments, **options):
        return run(self.program, *arguments, cwd=self.folder, **options)


@pytest.fixture
def litestream(path):
    return Litestream(path)


def write_until_it_is_gone(server, number, acknowledged):
    with closing(http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=30)) as connection:
        count = 0
        try:
            while True:
                count += 1
                name = f"writer {number} lead {count}"
                acknowledged[post(connection, name)] = name
        except (OSError, http.client.HTTPException):
            return


def ids(path):
    with closing(sqlite3.connect(path)) as reader:
        return reader.execute("SELECT id, version FROM leads ORDER BY id").fetchall()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_copy_has_all_that_was_acknowledged_when_the_server_was_killed(
    start_server, litestream, path, tmp_path, workers
):
    server = start_server("--database", str(path), "--workers", workers, start_new_session=True)
    acknowledged = {}
    with litestream.replicating(), ThreadPoolExecutor(3) as pool:
        writing = [pool.submit(write_until_it_is_gone, server, n, acknowledged) for n in range(3)]
        # Some before Litestream has looked at the file for the first time, most of them after.
        wait_until(lambda: len(acknowledged) > 300)
        # All processes, as if the power failed for them alone.
        os.killpg(server.process.pid, signal.SIGKILL)
        for each in writing:
            each.result()
        litestream.wait_until_copied()
    # A write that was not finished may be in the copy, but not in the database.
    litestream.copy_anew()
    copy = litestream.restore(tmp_path / "copy" / "leadbook.db")
    assert copy.stat().st_mode & 0o777 == 0o600
    # The id of the application is in the header, too.
    assert check_header(copy) == USER_VERSION
    checked = leadbook("check", "--database", copy)
    assert (checked.returncode, checked.stderr) == (0, ""), checked.stdout
    kept = kept_leads(copy)
    assert acknowledged.items() <= kept.items()
    # What nobody was told of may be there, in both.
    assert ids(copy) == ids(path)
    again = start_server("--database", str(copy))
    assert again.request("GET", "/leads?limit=1")[1]["pagination"]["total"] == len(kept)


def test_replaced_database_is_copied_anew(start_server, litestream, path, tmp_path):
    def create(name):
        server = start_server("--database", str(path))
        lead = {"name": name, "email": "ada@engines.test"}
        status, made = server.request("POST", "/leads", lead)
        assert status == 201
        return server, made["id"]

    server, _ = create("before the backup")
    with litestream.replicating():
        litestream.wait_until_copied()
        assert leadbook("backup", tmp_path / "saved.db", "--database", path).returncode == 0
        assert leadbook("check", "--database", path).returncode == 0
        assert server.request("POST", "/leads", {"name": "lost", "email": "a@b.test"})[0] == 201
        server.stop()
        for command in (("restore", tmp_path / "saved.db"), ("compact",)):
            assert_refused(leadbook(*command, "--database", path), "in use")
    assert leadbook("restore", tmp_path / "saved.db", "--database", path).returncode == 0
    assert leadbook("compact", "--database", path).returncode == 0
    with litestream.replicating():
        server, _ = create("after the restore")
        litestream.wait_until_copied()
        server.stop()
    copy = litestream.restore(tmp_path / "copy.db")
    assert set(kept_leads(copy).values()) == {"before the backup", "after the restore"}
    assert ids(copy) == ids(path)


def test_upgrade_while_it_runs_is_copied(litestream, start_server, path, tmp_path):
    shutil.copy(DATABASES / f"version-{USER_VERSION - 1}.db", path)
    with litestream.replicating():
        litestream.wait_until_copied()
        server = start_server("--database", str(path))
        lead = {"name": "after the upgrade", "email": "ada@engines.test"}
        assert server.request("POST", "/leads", lead)[0] == 201
        litestream.wait_until_copied()
        server.stop()
    copy = litestream.restore(tmp_path / "copy.db")
    assert check_header(copy) == USER_VERSION
    assert "after the upgrade" in kept_leads(copy).values()
    assert ids(copy) == ids(path)


def test_key_that_was_revoked_after_the_copy_stays_revoked(
    litestream, start_server, path, tmp_path
):
    made = leadbook("key", "create", "old", "--create", "--database", path)
    assert made.returncode == 0, made.stderr
    token = next(word for word in made.stdout.split() if word.startswith("leadbook_"))
    server = start_server("--database", str(path))
    with litestream.replicating():
        litestream.wait_until_copied()
    copy = litestream.restore(tmp_path / "copy.db")
    server.stop()
    assert leadbook("key", "revoke", "old", "--database", path).returncode == 0
    assert leadbook("restore", copy, "--database", path).returncode == 0
    server = start_server("--database", str(path))
    headers = {"Authorization": f"Bearer {token}"}
    assert server.request("GET", "/leads", headers=headers)[0] == 401


def test_program_is_one_of_the_versions_that_the_page_is_about():
    assert run(program("litestream"), "version").stdout.startswith("0.5.")
