"""The wheel: what is in it, and how it lives in somebody else's application."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
import venv
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from places import ROOT
from waiting import PATIENCE_SECONDS

from leadbook.models import RECORDS
from leadbook.storage.clock import Clock
from leadbook.storage.sqlite.check import check
from server import free_port

README = ROOT / "README.md"
EMBEDDING = ROOT / "docs" / "embedding.md"
NOT_COPIED = (
    ".git",
    ".venv*",
    "build",
    "dist",
    "*.egg-info",
    "__pycache__",
    ".*_cache",
    ".coverage*",
)
HOST = """
import models  # the host's own, beside a package that has one too
from flask import Flask
from leadbook.app import create_app
from werkzeug.middleware.dispatcher import DispatcherMiddleware

app = Flask(__name__)


@app.get("/")
def index():
    return models.GREETING


@app.errorhandler(404)
def not_found(_):
    return "the host's own", 404


app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/crm": create_app({"DATABASE": "crm.db"})})
"""
JOB = """
from app import app

client = app.test_client()
assert client.get("/").text == "hello"
assert client.get("/nope").text == "the host's own"
for prefix in ("/crm", "/crm/v1"):
    made = client.post(prefix + "/leads", json={"name": "Ada", "email": "ada@engines.test"})
    assert made.headers["Location"] == f"{prefix}/leads/{made.json['id']}", made.headers
    assert client.get(made.headers["Location"]).json == made.json
    assert client.get(prefix + "/nope").json["error"]["code"] == "NOT_FOUND"
    assert client.get(prefix + "/docs", buffered=True).status_code == 200
    assert client.get(prefix + "/docs/docs.js", buffered=True).status_code == 200
    servers = client.get(prefix + "/openapi.json").json["servers"]
    assert servers == [{"url": "/crm"}, {"url": "/crm/v1"}], servers
assert client.get("/crm/leads").json["pagination"]["total"] == 2
"""


TYPED = """
from leadbook.testing import Leadbook


def test_typed(leadbook: Leadbook) -> None:
    leadbook.clock.advance("36h")
    status: int | None = leadbook.client.get("/leads").status_code
    assert (status, leadbook.requests[0].path) == (200, "/leads")
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkout")
    checkout = folder / "leadbook-checkout"
    shutil.copytree(ROOT, checkout, ignore=shutil.ignore_patterns(*NOT_COPIED))
    live = checkout / "data" / "leadbook.db"
    live.write_bytes(b"customers")
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(checkout)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    [built] = folder.glob("*.whl")
    return built


@pytest.mark.long
def test_wheel_holds_the_package_only(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    top = {name.split("/")[0] for name in names}
    assert {name for name in top if not name.endswith(".dist-info")} == {"leadbook"}
    inside = {name.removeprefix("leadbook/") for name in names if name.startswith("leadbook/")}
    modules = {path.name for path in ROOT.glob("*.py")}
    wings = [
        "access",
        "cli",
        "fields",
        "people",
        "reminders",
        "routes",
        "server",
        "storage",
        "testing",
        "transfer",
        "web",
        "webhooks",
    ]
    for wing in wings:
        modules |= {str(path.relative_to(ROOT)) for path in (ROOT / wing).rglob("*.py")}
    # What builds leadbook.pyz is of use in a checkout only.
    modules = {name for name in modules if not name.startswith("cli/pyz/")}
    assert inside == modules | {
        "py.typed",
        "routes/static/docs.html",
        "routes/static/docs.js",
        "storage/sqlite/schema.sql",
    }


@pytest.mark.long
def test_wheel_runs_the_fixture_of_the_readme(wheel, tmp_path):
    venv.create(tmp_path / "venv", with_pip=True)
    python = str(tmp_path / "venv" / "bin" / "python")
    install = [python, "-m", "pip", "install", "--quiet", str(wheel), "pytest"]
    subprocess.run(install, check=True, capture_output=True)
    project = tmp_path / "project"
    project.mkdir()
    snippets = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    [example] = [each for each in snippets if "def test_" in each]
    (project / "test_signup.py").write_text(example)
    (project / "test_typed.py").write_text(TYPED)
    run = [python, "-W", "error", "-m", "pytest"]
    done = subprocess.run(run, cwd=project, capture_output=True, text=True, check=False)
    assert "2 passed" in done.stdout, done.stdout + done.stderr
    mypy = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--python-executable",
        python,
        "test_typed.py",
    ]
    done = subprocess.run(mypy, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    (project / "test_typed.py").write_text(TYPED.replace('"36h"', "36"))
    done = subprocess.run(mypy, cwd=project, capture_output=True, text=True, check=False)
    assert 'incompatible type "int"; expected "str | timedelta"' in done.stdout


@pytest.mark.long
def test_wheel_lives_in_a_host_application(wheel, tmp_path):
    venv.create(tmp_path / "venv", with_pip=True)
    python = str(tmp_path / "venv" / "bin" / "python")
    install = [python, "-m", "pip", "install", "--quiet", str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    host = tmp_path / "host"
    host.mkdir()
    (host / "models.py").write_text('GREETING = "hello"\n')
    (host / "app.py").write_text(HOST)
    done = subprocess.run(
        [python, "-c", JOB], cwd=host, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    shown = subprocess.run(
        [tmp_path / "venv" / "bin" / "leadbook", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.startswith("leadbook ")


def command_of_the_docs(server, port):
    """Return the command for `server` as docs/embedding.md has it, on a port of ours."""
    rows = dict(re.findall(r"^\| (\w+) \| `(.*)` \|$", EMBEDDING.read_text(), re.MULTILINE))
    program, *arguments = shlex.split(rows[server])
    place = {
        "gunicorn": ["--bind", f"127.0.0.1:{port}"],
        "waitress": ["--host", "127.0.0.1", "--port", port],
    }
    return [Path(sys.executable).with_name(program), *place[server], *arguments]


@pytest.mark.long
@pytest.mark.parametrize("server", ["gunicorn", "waitress"])
def test_any_wsgi_server_serves_it(tmp_path, server):
    port = str(free_port())
    process = subprocess.Popen(
        command_of_the_docs(server, port),
        env=os.environ | {"LEADBOOK_DATABASE": str(tmp_path / "leadbook.db")},
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # A group of its own, for its workers.
        start_new_session=True,
    )

    def call(path, body=None):
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body)
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def write(number):
        body = {"name": f"Ada {number}", "email": "ada@engines.test", "status": "won"}
        return call("/leads", json.dumps(body).encode())["id"]

    try:
        wait_until_answered(process, lambda: call("/health"))
        with ThreadPoolExecutor(4) as pool:
            made = list(pool.map(write, range(80)))
        page = call("/leads?limit=100&search=ada&status=won")
        assert page["pagination"]["total"] == 80
        assert {lead["id"] for lead in page["data"]} == set(made)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)
    assert [
        found
        for found in check(tmp_path / "leadbook.db", Clock(), RECORDS, repair=False)
        if found[1]
    ] == []


def wait_until_answered(process, ask):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return ask()
        except OSError:
            assert process.poll() is None
            assert time.monotonic() < deadline
            # Neither of them says when it listens in a way they share: ask, until the deadline.
            time.sleep(0.05)
