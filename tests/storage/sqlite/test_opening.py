"""Opening a file: refusing those that are no use, and making one only once."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from places import DATABASES

from leadbook.app import create_app
from leadbook.storage.sqlite.driver import sqlite3
from leadbook.storage.sqlite.file_checks import DatabaseFileError
from leadbook.storage.sqlite.upgrade import USER_VERSION

VERSION_1 = DATABASES / "version-1.db"
NOBODY = 65534

# Everything is imported first, since the source may lie where `nobody` cannot read it.
AS_NOBODY = f"""
import encodings.idna, os, sys
import leadbook.app, leadbook.web.logs, leadbook.server.front, playhouse.migrations
from leadbook.cli.main import main
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid({NOBODY})
    os.setuid({NOBODY})
main(sys.argv[1:])
"""

FIRST_POST = """
import sys
from leadbook.app import create_app
from leadbook.storage.sqlite.upgrade import USER_VERSION
print("ready", flush=True)
sys.stdin.readline()
app = create_app({"DATABASE": sys.argv[1]})
answer = app.test_client().post("/leads", json={"name": "Ada", "email": "ada@engines.test"})
app.extensions["leadbook"].close()
print(answer.status_code)
"""


def serve(path, *command):
    # Without the coverage of child processes, which `nobody` could not write.
    environment = {name: value for name, value in os.environ.items() if "COV" not in name}
    arguments = ["serve", "--port", "0", "--database", str(path)]
    return subprocess.run(
        [sys.executable, *(command or ("-m", "leadbook.cli")), *arguments],
        env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def assert_one_line(finished):
    assert re.fullmatch(r"leadbook: .+\n", finished.stderr)
    assert finished.returncode == 1
    assert finished.stdout == ""


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """The bytes of a database that is as it should be, with a lead in it."""
    path = tmp_path_factory.mktemp("good") / "leadbook.db"
    app = create_app({"DATABASE": path})
    body = {"name": "Ada", "email": "ada@engines.test"}
    assert app.test_client().post("/leads", json=body).status_code == 201
    app.extensions["leadbook"].close()
    return path.read_bytes()


def with_bytes(content, offset, new):
    return content[:offset] + new + content[offset + len(new) :]


BAD = {
    "one byte of it": lambda good: good[:1],
    "half of it": lambda good: good[: len(good) // 2],
    "all but its last byte": lambda good: good[:-1],
    "header alone": lambda good: good[:100],
    "almost a header": lambda good: good[:99],
    "first page alone": lambda good: good[:4096],
    "garbage behind the magic": lambda good: with_bytes(b"\xa5" * len(good), 0, good[:16]),
    "garbage behind the header": lambda good: with_bytes(b"\xa5" * len(good), 0, good[:100]),
    "garbage behind the first page": lambda good: with_bytes(b"\xa5" * len(good), 0, good[:4096]),
    "no application id": lambda good: with_bytes(good, 68, bytes(4)),
    "another application's id": lambda good: with_bytes(good, 68, b"GPKG"),
    "largest version": lambda good: with_bytes(good, 60, b"\xff" * 4),
    "lines turned round by FTP": lambda good: good.replace(b"\n", b"\r\n"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_file_is_refused_and_left_alone(tmp_path, good, kind):
    path = tmp_path / "leadbook.db"
    content = BAD[kind](good)
    path.write_bytes(content)
    with pytest.raises(DatabaseFileError, match=re.escape(str(path))):
        create_app({"DATABASE": path})
    assert path.read_bytes() == content
    assert os.listdir(tmp_path) == ["leadbook.db"]


def test_damaged_file_of_an_older_version_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "leadbook.db"
    content = VERSION_1.read_bytes()
    content = with_bytes(b"\xa5" * len(content), 0, content[:100])
    path.write_bytes(content)
    assert_one_line(serve(path))
    assert path.read_bytes() == content
    assert os.listdir(tmp_path) == ["leadbook.db"]


@pytest.fixture
def shared_folder():
    """A folder that `nobody` can reach, which those of pytest are not."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        folder.chmod(0o755)


@pytest.mark.parametrize(
    ("file_mode", "folder_mode", "is_older"),
    [
        (0o444, 0o777, False),
        pytest.param(0o000, 0o777, False, marks=pytest.mark.long),
        pytest.param(0o666, 0o555, False, marks=pytest.mark.long),
        pytest.param(0o666, 0o000, False, marks=pytest.mark.long),
        pytest.param(0o444, 0o777, True, marks=pytest.mark.long),
        (0o666, 0o555, True),
    ],
)
def test_file_that_may_not_be_written_is_refused(
    shared_folder, good, file_mode, folder_mode, is_older
):
    content = VERSION_1.read_bytes() if is_older else good
    folder = shared_folder / "folder"
    folder.mkdir()
    path = folder / "leadbook.db"
    path.write_bytes(content)
    path.chmod(file_mode)
    folder.chmod(folder_mode)
    finished = serve(path, "-c", AS_NOBODY)
    folder.chmod(0o777)
    path.chmod(0o666)
    assert_one_line(finished)
    assert path.read_bytes() == content
    assert os.listdir(folder) == ["leadbook.db"]
    # Else it was refused for another reason than the modes.
    assert "No such file" not in finished.stderr


def test_new_file_in_a_folder_that_may_not_be_written_is_refused(shared_folder):
    assert_one_line(serve(shared_folder / "leadbook.db", "-c", AS_NOBODY))
    assert_one_line(serve(shared_folder / "new" / "leadbook.db", "-c", AS_NOBODY))
    assert os.listdir(shared_folder) == []


def open_at_once(path, count):
    """Return the status that each of so many new processes got for its first POST."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", FIRST_POST, str(path)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(count)
    ]  # fmt: skip
    # Only when all are there: their start takes much longer than what they race for.
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    return [process.communicate(timeout=60)[0].strip() for process in processes]


@pytest.mark.long
def test_new_files_have_the_same_bytes(tmp_path, new_file):
    path = tmp_path / "leadbook.db"
    create_app({"DATABASE": path}).extensions["leadbook"].close()
    assert path.read_bytes() == new_file.read_bytes()


@pytest.mark.parametrize("rounds", [1, pytest.param(5, marks=pytest.mark.long)])
def test_new_file_is_made_once_by_all_that_start_at_once(tmp_path, rounds):
    for number in range(rounds):
        path = tmp_path / f"round {number}" / "leadbook.db"
        assert open_at_once(path, 4) == ["201"] * 4
        with closing(sqlite3.connect(path)) as reader:
            assert reader.execute("SELECT COUNT(*) FROM leads").fetchone() == (4,)
            assert reader.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert os.listdir(path.parent) == ["leadbook.db"]


def test_older_file_is_upgraded_once_by_all_that_start_at_once(tmp_path):
    path = tmp_path / "leadbook.db"
    shutil.copy(VERSION_1, path)
    with closing(sqlite3.connect(path)) as reader:
        before = reader.execute("SELECT COUNT(*) FROM leads").fetchone()[0]
    assert open_at_once(path, 4) == ["201"] * 4
    with closing(sqlite3.connect(path)) as reader:
        assert reader.execute("PRAGMA user_version").fetchone() == (USER_VERSION,)
        assert reader.execute("SELECT COUNT(*) FROM leads").fetchone() == (before + 4,)
    assert sorted(os.listdir(tmp_path)) == ["leadbook.db", "leadbook.db.version-1"]


def test_second_app_of_a_process_does_not_let_go_of_the_file(make_lead, tmp_path):
    make_lead()
    second = create_app({"DATABASE": tmp_path / "leadbook.db"})
    count = (
        "import sqlite3, sys; other = sqlite3.connect(sys.argv[1]);"
        "print(other.execute('SELECT COUNT(*) FROM leads').fetchone()[0]); other.close()"
    )
    command = [sys.executable, "-c", count, str(tmp_path / "leadbook.db")]
    # A process that believes to be the last one takes the log away with it.
    for expected in ("1", "2", "3"):
        looked = subprocess.run(command, capture_output=True, text=True, check=True)
        assert looked.stdout.strip() == expected
        make_lead()
    second.extensions["leadbook"].close()
