"""leadbook.pyz: what it does with its cache, and that it runs wherever there is nothing but Python."""

import fcntl
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from stat import S_IMODE
from zipfile import ZipFile

import pytest
from places import ROOT

from leadbook.cli.pyz.build import write
from leadbook.cli.pyz.start import KIND

# Says where it was unpacked, and what it was told.
SPEAKING = b"""
import sys
from pathlib import Path
def main():
    site = Path(__file__).parents[2]
    print(site, (site / "part.txt").read_text(), *sys.argv[1:])
"""


@pytest.fixture
def small(tmp_path):
    """Return an archive whose command only speaks."""
    common = {f"leadbook/{name}": b"" for name in ("__init__.py", "cli/__init__.py")}
    common["leadbook/cli/main.py"] = SPEAKING
    # So that one who looks too early finds less than all of it.
    common |= {f"leadbook/cli/more/{number}": b"" for number in range(500)}
    write(
        tmp_path / "small.pyz",
        {KIND: common | {"part.txt": b"ours"}, "another": common | {"part.txt": b"its"}},
    )
    return tmp_path / "small.pyz"


def run(archive, *arguments, python=sys.executable, cwd=None, **environment):
    command = [python, archive, *map(str, arguments)]
    return subprocess.run(
        command, env=environment, cwd=cwd, capture_output=True, text=True, timeout=120, check=False
    )


def test_it_unpacks_once_what_fits_into_a_private_folder(small, tmp_path):
    before = os.umask(0)
    try:
        first = run(small, "a", "b", HOME=str(tmp_path))
    finally:
        os.umask(before)
    site, *said = first.stdout.split()
    cache = tmp_path / ".cache" / "leadbook"
    assert (said, first.stderr) == (["ours", "a", "b"], "")
    assert [str(path) for path in cache.iterdir()] == [site]
    assert S_IMODE(cache.stat().st_mode) == 0o700
    Path(site, "part.txt").write_text("kept")
    cache.chmod(0o755)
    assert run(small, HOME=str(tmp_path)).stdout == f"{site} kept\n"
    assert S_IMODE(cache.stat().st_mode) == 0o700


def test_archive_without_libraries_for_this_machine_says_so(tmp_path):
    write(tmp_path / "small.pyz", {"another-kind": {"part.txt": b""}, "third-kind": {}})
    done = subprocess.run(
        [sys.executable, tmp_path / "small.pyz"],
        env={"HOME": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == (
        f"leadbook.pyz has no libraries for {KIND}, only for another-kind, third-kind.\n"
    )
    assert not list((tmp_path / ".cache" / "leadbook").iterdir())


def test_another_archive_has_another_folder(small, tmp_path):
    first = run(small, XDG_CACHE_HOME=str(tmp_path / "cache")).stdout
    with ZipFile(small) as archive, archive.open("common.zip") as common:
        files = {name: ZipFile(common).read(name) for name in ZipFile(common).namelist()}
    write(small, {KIND: files | {"part.txt": b"newer"}})
    second = run(small, XDG_CACHE_HOME=str(tmp_path / "cache")).stdout
    assert (first.split()[1], second.split()[1]) == ("ours", "newer")
    assert len([*(tmp_path / "cache" / "leadbook").iterdir()]) == 2


def test_many_at_once_leave_one_folder(small, tmp_path):
    started = [
        subprocess.Popen(
            [sys.executable, small], env={"HOME": str(tmp_path)}, stdout=subprocess.PIPE
        )
        for _ in range(6)
    ]
    said = {process.communicate(timeout=60)[0] for process in started}
    assert len(said) == 1
    assert said.pop().split()[1] == b"ours"
    assert len([*(tmp_path / ".cache" / "leadbook").iterdir()]) == 1


def assert_unpacked_for_one_run(small, tmp_path, reason, **environment):
    (tmp_path / "short").mkdir()
    done = run(small, TMPDIR=str(tmp_path / "short"), **environment)
    assert done.stdout.startswith(f"{tmp_path / 'short'}/leadbook-"), done.stderr
    assert done.stdout.endswith(" ours\n")
    assert re.fullmatch(
        f"leadbook.pyz unpacks itself for this run only, .*{reason}.*\n", done.stderr
    )
    assert [*(tmp_path / "short").iterdir()] == []


def test_where_no_cache_can_be_kept_it_unpacks_for_one_run(small, tmp_path):
    (tmp_path / "file").touch()
    assert_unpacked_for_one_run(
        small, tmp_path, "Not a directory", XDG_CACHE_HOME=str(tmp_path / "file")
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_another_user_is_not_trusted(small, tmp_path):
    run(small, HOME=str(tmp_path))
    os.chown(tmp_path / ".cache" / "leadbook", 12345, -1)
    assert_unpacked_for_one_run(small, tmp_path, "belongs to another user", HOME=str(tmp_path))


# From here on the real one.


def pythons():
    """Return an interpreter of each version that is here, on PATH or in pyenv, by its version."""
    found = {}
    for minor in range(11, 15):
        name = f"python3.{minor}"
        kept = Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/{name}")
        for candidate in [shutil.which(name), *map(str, kept)]:
            asked = candidate and subprocess.run(
                [candidate, "-c", "import sqlite3, sys, zlib; print(sys.executable)"],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            if asked and asked.returncode == 0:
                found[f"3.{minor}"] = asked.stdout.strip()
    return found


PYTHONS = pythons()


@pytest.fixture(scope="module")
def pyz(tmp_path_factory):
    """Return the archive as `make pyz` builds it, alone in a folder, once for all processes."""
    folder = tmp_path_factory.getbasetemp()
    folder = (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "alone"
    folder.mkdir(exist_ok=True)
    with folder.with_name("alone.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not [*folder.iterdir()]:
            command = ["make", "pyz", f"VENV={sys.prefix}", f"DIST={folder}"]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
    return folder / "leadbook.pyz"


@contextmanager
def serving(pyz, python, home, *arguments):
    """Serve, and yield the URL; end it by SIGTERM, and see that it ends well."""
    process = subprocess.Popen(
        [python, pyz, "serve", "--port", "0", *arguments],
        cwd=home, env={"HOME": str(home)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        line = process.stdout.readline()
        assert line, process.stderr.read()
        yield re.search(r"http://[^\s\"]+", line)[0]
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        process.communicate()


def get(url):
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read()


def add_lead(url):
    lead = json.dumps({"name": "Ada Byron", "email": "ada@engines.test"}).encode()
    request = urllib.request.Request(f"{url}/leads", lead, {"Content-Type": "application/json"})
    return json.loads(get(request))


def use_all_of_it(pyz, python, home):
    """Import, serve, back up and test with what is in the file alone."""
    home.mkdir()

    def succeed(*arguments):
        done = run(pyz, *arguments, python=python, cwd=home, HOME=str(home))
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert succeed("--version").startswith("leadbook ")
    (home / "leads.csv").write_text("name,email\nGrace Hopper,grace@cobol.test\n")
    succeed("import", "leads", "leads.csv", "--database", "leadbook.db")
    options = ("--workers", "2", "--metrics", "on", "--database", "leadbook.db")
    with serving(pyz, python, home, *options) as url:
        add_lead(url)
        assert json.loads(get(f"{url}/leads?search=ada"))["pagination"]["total"] == 1
        assert b"docs/docs." in get(f"{url}/docs")
        assert get(f"{url}/docs/docs.js")
        assert json.loads(get(f"{url}/openapi.json"))["openapi"].startswith("3.1")
        assert b"leadbook_records" in get(f"{url}/metrics")
    succeed("backup", "copy.db", "--database", "leadbook.db")
    assert len(succeed("export", "leads", "--database", "copy.db").splitlines()) == 3
    with serving(pyz, python, home, "--test-mode") as url:
        assert add_lead(url)["version"] == 1


@pytest.mark.long
@pytest.mark.parametrize("version", PYTHONS)
def test_it_runs_with_nothing_but_python(pyz, tmp_path, version):
    home = tmp_path / "home"
    use_all_of_it(pyz, PYTHONS[version], home)
    [site] = (home / ".cache" / "leadbook").iterdir()
    compiled = {path.relative_to(site).parts[0] for path in site.rglob("*.so")}
    assert "httptools" in compiled


@pytest.mark.long
def test_its_size_is_that_of_the_readme(pyz):
    told = re.search(r"one file\]\(\S+\) of (\d+) MB", (ROOT / "README.md").read_text())
    assert abs(pyz.stat().st_size / 1e6 - int(told[1])) <= 2


@pytest.mark.long
@pytest.mark.parametrize("version", PYTHONS)
def test_it_needs_no_environment_at_all(pyz, version):
    with ZipFile(pyz) as archive:
        content = archive.read("content").decode()
    done = run(pyz, "--version", python=PYTHONS[version])
    for path in (Path.home() / ".cache" / "leadbook").glob(f"{content}-*"):
        shutil.rmtree(path)
    assert done.stdout.startswith("leadbook ")


# https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html; mach/machine.h of macOS
MACHINES = {
    "x86_64-linux-gnu-x86_64": (b"\x7fELF", 18, "<H", 62),
    "aarch64-linux-gnu-aarch64": (b"\x7fELF", 18, "<H", 183),
    "darwin-arm64": (b"\xcf\xfa\xed\xfe", 4, "<I", 0x0100000C),
    "darwin-x86_64": (b"\xcf\xfa\xed\xfe", 4, "<I", 0x01000007),
}
UNIVERSAL = b"\xca\xfe\xba\xbe"


@pytest.mark.long
@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("python", ["cpython-311", "cpython-312", "cpython-313", "cpython-314"])
def test_it_has_compiled_parts_for(pyz, python, machine):
    magic, place, form, number = MACHINES[machine]
    with ZipFile(pyz) as archive:
        part = ZipFile(BytesIO(archive.read(f"{python}-{machine}.zip")))
    compiled = [name for name in part.namelist() if name.endswith(".so")]
    assert "httptools" in {name.split("/")[0] for name in compiled}
    for name in compiled:
        file = part.read(name)
        if file.startswith(UNIVERSAL):
            # One for both kinds of Mac: a list of parts, each 20 bytes.
            (count,) = struct.unpack_from(">I", file, 4)
            kinds = {struct.unpack_from(">I", file, 8 + 20 * each)[0] for each in range(count)}
            assert number in kinds, name
        else:
            assert file.startswith(magic), name
            assert struct.unpack_from(form, file, place) == (number,), name
        # As this Python looks for it, and no other.
        assert f".{python}-{machine.rsplit('-', 1)[0]}" in name
