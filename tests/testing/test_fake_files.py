"""Servers in tests that use pyfakefs, or that put functions of their own in the place of Python's."""

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from unittest import mock
from urllib.request import Request, urlopen

import pytest

from leadbook.storage import system
from leadbook.testing import running_server
from leadbook.transfer.columns import kinds
from server import call

pyfakefs = pytest.importorskip("pyfakefs.fake_filesystem_unittest", reason="needs pyfakefs")

LEAD = {"name": "Ada Byron", "email": "ada@engines.test"}
READS = (
    *("/leads", "/clients?limit=1", "/leads?search=ada", "/health", "/health/ready"),
    *("/docs", "/docs/docs.js", "/docs/swagger-ui.css", "/openapi.json", "/leads/export"),
)
# Larger than what a body, or an export, may take of the memory.
ROWS = "name,email,notes\n" + "".join(f"Ada,ada{n}@b.test,{'x' * 9000}\n" for n in range(150))

# As a program that does not use pytest: no module of Leadbook was imported before. The package was,
# since the finder of editable installs looks for it among the fake files.
FIRST_IMPORT = """
import urllib.request

import leadbook
from pyfakefs.fake_filesystem_unittest import Patcher

with Patcher():
    from leadbook.testing import running_server

    with running_server(RATE_LIMIT="100/minute") as leadbook:
        leadbook.add_lead()
        with urllib.request.urlopen(leadbook.url + "/leads/export") as answer:
            assert answer.read().startswith(b"id,")
with running_server() as leadbook, Patcher():
    assert leadbook.client.get("/docs").status_code == 200
"""


def is_there(path):
    """Return whether there is such a file, whatever the test has in the place of the files."""
    try:
        system.stat(str(path))
    except FileNotFoundError:
        return False
    return True


def use(leadbook):
    """Send every kind of request that uses files, and control the server."""
    for path in READS:
        assert (path, call(leadbook.url, path)[0]) == (path, 200)
        assert leadbook.client.get(path).status_code == 200
    client = leadbook.client
    lead = client.post("/leads", json=LEAD).json
    assert client.put(f"/leads/{lead['id']}", json={"score": 1}).json["version"] == 2
    assert client.delete(f"/leads/{lead['id']}").status_code == 204
    report = client.post("/leads/import", data=ROWS, content_type="text/csv").json
    assert report["created"] == 150
    assert len(call(leadbook.url, "/leads/export")[1]) > 1_000_000
    leadbook.snapshot()
    leadbook.restore()
    leadbook.forget("snapshot")
    leadbook.reset()
    assert leadbook.leads() == []


def upload(leadbook):
    """Import a file over the network; return how many records it has made."""
    request = Request(f"{leadbook.url}/leads/import", ROWS.encode(), {"Content-Type": "text/csv"})
    with urlopen(request) as answer:
        return json.load(answer)["created"]


def test_server_that_ran_before_answers(leadbook, fs):
    use(leadbook)
    assert upload(leadbook) == 150
    assert not Path(leadbook.app.config["DATABASE"]).exists()


def test_server_starts_and_ends_within(fs):
    fs.create_file("/etc/mine", contents="mine")
    before = set(os.listdir("/tmp"))
    with running_server(RATE_LIMIT="1000/minute", CORS_ORIGINS="https://app.test") as leadbook:
        use(leadbook)
        path = leadbook.app.config["DATABASE"]
        assert is_there(path)
        assert Path("/etc/mine").read_text() == "mine"
        assert not Path("/etc/passwd").exists()
    assert not is_there(path)
    # Nothing of it was written to the files of the test.
    assert set(os.listdir("/tmp")) == before


def test_file_that_is_given_is_a_real_one(tmp_path, fs):
    for total in range(2):
        with running_server(Path(tmp_path) / "kept.db") as leadbook:
            assert len(leadbook.leads()) == total
            leadbook.add_lead()
    assert is_there(tmp_path / "kept.db")
    assert not (Path(tmp_path) / "kept.db").exists()


@pytest.mark.parametrize("is_server_first", [True, False])
def test_one_ends_before_the_other(is_server_first):
    with ExitStack() as server, ExitStack() as files:
        if is_server_first:
            leadbook = server.enter_context(running_server())
            files.enter_context(pyfakefs.Patcher())
            use(leadbook)
            server.close()
            assert not Path("/etc").exists()
        else:
            files.enter_context(pyfakefs.Patcher())
            leadbook = server.enter_context(running_server())
            files.close()
            use(leadbook)
            server.close()
        assert not is_there(leadbook.app.config["DATABASE"])


def test_answers_load_no_module_that_would_get_the_fakes(leadbook, fs):
    known = set(sys.modules)
    use(leadbook)
    assert {name for name in set(sys.modules) - known if name.startswith("leadbook")} == set()
    assert sys.modules[kinds.__name__] is kinds


def test_error_of_the_test_comes_through(fs):
    with pytest.raises(ZeroDivisionError), running_server() as leadbook:
        raise ZeroDivisionError
    assert not is_there(leadbook.app.config["DATABASE"])
    # Its files are fake again.
    assert not Path("/etc/passwd").exists()


class InAUnittestClass(pyfakefs.TestCase):
    def setUp(self):
        self.setUpPyfakefs()
        self.leadbook = self.enterContext(running_server())

    def test_lead(self):
        use(self.leadbook)
        assert not Path("/etc/passwd").exists()


def test_first_import_may_be_within():
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", FIRST_IMPORT],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "name",
    [
        *(
            "os.stat",
            "os.statvfs",
            "os.open",
            "os.unlink",
            "builtins.open",
            "io.open",
            "pathlib.Path.stat",
        ),
        *(
            "pathlib.Path.open",
            "tempfile.TemporaryFile",
            "tempfile.gettempdir",
            "time.sleep",
            "time.monotonic",
        ),
    ],
)
def test_functions_that_a_test_replaces_are_not_called(leadbook, name):
    calls = []

    def fail(*arguments, **_):
        calls.append(arguments)
        raise PermissionError(name)

    with mock.patch(name, fail):
        status = leadbook.client.post("/leads", json=LEAD).status_code
        answers = [leadbook.client.get(path).status_code for path in READS]
        leadbook.reset()
    assert (status, answers, calls) == (201, [200] * len(READS), [])
