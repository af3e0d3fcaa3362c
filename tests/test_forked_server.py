"""Servers that tests fork are as those that they start."""

import resource
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from command import run

from server import PATIENT, ForkedServer

HOW = pytest.mark.parametrize("is_new", [False, True])


@HOW
def test_server_has_the_folder_the_environment_and_the_limits_of_the_test(
    start_server, tmp_path, monkeypatch, is_new
):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    monkeypatch.setenv("LEADBOOK_DATABASE", "named.db")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft - 1, hard))
    try:
        server = start_server(is_new=is_new)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert isinstance(server.process, ForkedServer) == (not is_new)
    assert Path("named.db").exists()
    limits = Path(f"/proc/{server.process.pid}/limits")
    if limits.exists():
        assert f"Max open files            {soft - 1} " in limits.read_text()


@HOW
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 0), (signal.SIGKILL, -9)]
)
def test_it_ends_as_one_is_told_to(start_server, tmp_path, is_new, number, code):
    server = start_server("--database", str(tmp_path / "leadbook.db"), is_new=is_new)
    with pytest.raises(subprocess.TimeoutExpired):
        server.process.wait(timeout=0)
    assert server.process.poll() is None
    assert server.stop(number) == code
    assert server.process.poll() == server.process.returncode == code


@HOW
def test_temporary_files_are_gone_in_the_end(start_server, tmp_path, monkeypatch, is_new):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    server = start_server("--demo", is_new=is_new)
    assert list(tmp_path.iterdir()) != []
    assert server.stop() == 0
    assert list(tmp_path.iterdir()) == []


@HOW
def test_its_log_goes_where_the_test_says(start_server, tmp_path, is_new):
    with (tmp_path / "log").open("w+") as log:
        server = start_server("--database", str(tmp_path / "l.db"), stderr=log, is_new=is_new)
        assert server.request("GET", "/health")[0] == 200
        assert server.stop() == 0
        log.seek(0)
        assert "/health" in log.read()


def test_threads_start_commands_at_once():
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda number: run("key", "list", "--database", number), range(40)))
    assert [f"/{number}." in each.stderr for number, each in enumerate(done)] == [True] * 40


def test_what_python_or_the_loader_reads_first_needs_a_new_process(
    start_server, tmp_path, monkeypatch
):
    path = str(tmp_path / "leadbook.db")
    assert isinstance(start_server("--database", path, command=PATIENT).process, subprocess.Popen)
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    assert isinstance(start_server("--database", path).process, subprocess.Popen)
