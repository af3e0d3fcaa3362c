"""The units of the page are what systemd understands."""

import re
import sys
from pathlib import Path

import pytest
from command import invoke
from deployed import PAGE, program, run, shown_file

from leadbook.cli.main import commands
from leadbook.server.front import LONGEST_FAREWELL_SECONDS
from leadbook.settings import ENVIRONMENT_PREFIX, SETTINGS, resolve

UNITS = ("leadbook.service", "leadbook-backup.service", "leadbook-backup.timer")
SERVICES = UNITS[:2]


def unit(name):
    return shown_file(f"/etc/systemd/system/{name}")


def values(name, key):
    return re.findall(rf"^{key}=(.*)$", unit(name), re.MULTILINE)


@pytest.fixture
def folder(tmp_path):
    """The units, with a program and a user that are there."""
    for name in UNITS:
        text = unit(name).replace("/opt/leadbook/bin/leadbook", sys.executable)
        (tmp_path / name).write_text(text.replace("User=leadbook", "User=root"))
    return tmp_path


@pytest.mark.parametrize("name", UNITS)
def test_unit_has_no_fault(folder, name):
    done = run(program("systemd-analyze"), "verify", "--man=no", folder / name)
    # It also looks at other units of the machine.
    ours = [line for line in done.stderr.splitlines() if "leadbook" in line]
    assert (done.returncode, ours) == (0, []), done.stderr


def test_fault_in_a_unit_is_found(folder):
    file = folder / "leadbook.service"
    file.write_text(file.read_text() + "\n[Service]\nProtectSistem=strict\n")
    done = run(program("systemd-analyze"), "verify", "--man=no", file)
    assert "ProtectSistem" in done.stderr


def test_service_is_shut_in(folder):
    # 10 is a service that may do all; most services of a system are over 9.
    options = ("--offline=true", "--threshold=25", "--no-pager")
    done = run(program("systemd-analyze"), "security", *options, folder / "leadbook.service")
    if "unrecognized option" in done.stderr:
        pytest.skip("systemd before 250 cannot judge a file")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", SERVICES)
def test_settings_and_command_of_a_service_are_ours(name, monkeypatch):
    known = {ENVIRONMENT_PREFIX + setting.name for setting in SETTINGS}
    lines = values(name, "Environment")
    assert lines
    for line in lines:
        variable, _, value = line.partition("=")
        assert variable in known
        monkeypatch.setenv(variable, value)
    assert resolve({})["DATABASE"] == Path("/var/lib/leadbook/leadbook.db")
    (line,) = values(name, "ExecStart")
    command, *arguments = line.removeprefix("/opt/leadbook/bin/leadbook ").split()
    with commands.commands[command].make_context(command, arguments) as context:
        assert context.params.get("keep") == (7 if command == "backup" else None)


def test_key_is_created_before_the_service_starts(path):
    (script,) = re.findall(r"## systemd\n\n```sh\n(.*?)```", PAGE, re.DOTALL)
    create, start = script.index("key create NAME --create"), script.index("systemctl enable")
    assert create < start
    line = script[create:start].strip().replace("/var/lib/leadbook/leadbook.db", str(path))
    assert invoke(*line.split()).returncode == 0


def test_there_is_time_to_finish_requests():
    (seconds,) = values("leadbook.service", "TimeoutStopSec")
    assert int(seconds) > LONGEST_FAREWELL_SECONDS
