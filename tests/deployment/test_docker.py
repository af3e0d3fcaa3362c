"""The Dockerfile of the page: no image can be pulled in a test, but its parts can be tried."""

import json
import re
import subprocess
import sys

from deployed import PAGE, program, run, shown_file

from leadbook.settings import ENVIRONMENT_PREFIX, SETTINGS
from server import free_port

FILE = shown_file("Dockerfile")


def instruction(name):
    (found,) = re.findall(rf"^{name} (.*)$", FILE, re.MULTILINE)
    return found


def test_linter_finds_nothing(tmp_path):
    file = tmp_path / "Dockerfile"
    file.write_text(FILE)
    done = run(program("hadolint"), "--no-color", file)
    assert (done.returncode, done.stdout) == (0, "")
    file.write_text(FILE.replace("--no-cache-dir ", ""))
    assert "DL3042" in run(program("hadolint"), file).stdout


def test_linter_does_not_know_what_we_require():
    # The exec form, or SIGTERM goes to a shell and not to Leadbook.
    assert json.loads(instruction("ENTRYPOINT")) == ["leadbook"]
    assert json.loads(instruction("CMD")) == ["serve"]
    assert f"install -d -o {instruction('USER')} " in FILE
    settings = dict(each.split("=") for each in instruction("ENV").split())
    assert set(settings) <= {ENVIRONMENT_PREFIX + setting.name for setting in SETTINGS}
    assert settings["LEADBOOK_DATABASE"].startswith(f"{instruction('VOLUME')}/")
    (port,) = (str(setting.default) for setting in SETTINGS if setting.name == "PORT")
    assert instruction("EXPOSE") == port
    assert len(FILE.splitlines()) <= 12


def test_health_check_tells_a_server_from_none(start_server, path):
    (hosts,) = re.findall(r"LEADBOOK_TRUSTED_HOSTS=(\S+) -e", PAGE)
    server = start_server("--database", str(path), "--trusted-hosts", hosts)
    _, *check = json.loads(instruction("HEALTHCHECK CMD"))
    assert "localhost:8000" in check[-1]
    for port, code in ((server.url.rpartition(":")[2], 0), (free_port(), 1)):
        ported = [part.replace("8000", str(port)) for part in check]
        done = subprocess.run(
            [sys.executable, *ported], capture_output=True, timeout=60, check=False
        )
        assert done.returncode == code, done.stderr


def test_service_without_a_key_does_not_start_and_one_with_a_key_does(path, start_server):
    serve = (sys.executable, "-m", "leadbook.cli", "serve", "--port", "0", "--host", "0.0.0.0")
    done = run(*serve, "--database", path)
    assert (done.returncode, "key" in done.stderr) == (1, True)
    path.unlink()
    (command,) = re.findall(r"leadbook (key create NAME --create)\n", PAGE)
    made = run(sys.executable, "-m", "leadbook.cli", *command.split(), "--database", path)
    assert made.returncode == 0, made.stderr
    server = start_server("--database", str(path), "--host", "0.0.0.0")
    assert server.request("GET", "/leads")[0] == 401
