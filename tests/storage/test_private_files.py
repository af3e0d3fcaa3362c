"""Files with records in them: private from their first byte, and complete or not there."""

import errno
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from command import LEADBOOK, assert_refused, invoke, run
from places import DATABASES, TESTS
from stuck import open_to_others, stuck_at

from leadbook.app import create_app
from leadbook.models import RECORDS
from leadbook.storage import locked_folders, private_files
from leadbook.storage.clock import Clock
from leadbook.storage.sqlite.backup import back_up, restore
from leadbook.storage.sqlite.file_checks import DatabaseFileError

OLD = DATABASES / "version-1.db"
LIST = "name,email\nAda,ada@a.test\nGrace,no\n"

# Looks at all files whenever Python or SQLite is about to touch one.
WATCHED = """
import os, sys
from stuck import open_to_others
from leadbook.cli.main import main

folder, seen, is_looking = sys.argv[1], set(), False

def look(event, _):
    global is_looking
    if not is_looking and event.startswith(("open", "os.", "shutil.", "sqlite3.", "fcntl.")):
        is_looking = True
        seen.update(open_to_others(folder))
        is_looking = False

os.umask(0)
sys.addaudithook(look)
try:
    main(sys.argv[2:])
finally:
    look("open", ())
    sys.stderr.write(f"seen: {sorted(seen)}")
"""

COMMANDS = {
    "key create": (0, "key", "create", "a", "--create", "--database", "new.db"),
    "import": (3, "import", "leads", "list.csv", "--database", "new.db"),
    "upgrade": (0, "key", "list", "--database", "old.db"),
    "backup": (0, "backup", "copy.db", "--database", "leadbook.db"),
    "export": (0, "export", "leads", "leads.csv", "--database", "leadbook.db"),
    "restore": (0, "restore", "saved.db", "--database", "leadbook.db"),
    "restore elsewhere": (0, "restore", "saved.db", "--database", "new.db"),
    "compact": (0, "compact", "--database", "leadbook.db"),
}


def some_quick(cases, *quick):
    """Mark all but the `quick` ones: each is a process of its own."""
    return [case if case in quick else mark_long(case) for case in cases]


def mark_long(case):
    return pytest.param(*([case] if isinstance(case, str) else case), marks=pytest.mark.long)


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "leadbook.db"
    app = create_app({"DATABASE": path})
    body = {"name": "Ada", "email": "ada@engines.test"}
    assert app.test_client().post("/leads", json=body).status_code == 201
    app.extensions["leadbook"].close()
    return path


@pytest.fixture
def folder(tmp_path, path):
    """A folder with everything that a command may want."""
    back_up(path, tmp_path / "saved.db", RECORDS, overwrite=False)
    for name, content in (("list.csv", LIST.encode()), ("old.db", OLD.read_bytes())):
        (tmp_path / name).write_bytes(content)
        (tmp_path / name).chmod(0o600)
    return tmp_path


@pytest.mark.parametrize("command", some_quick(COMMANDS, "import", "upgrade", "backup", "restore"))
def test_nobody_else_can_read_a_file_at_any_moment(folder, command):
    code, *arguments = COMMANDS[command]
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, str(folder), *arguments],
        cwd=folder, env=os.environ | {"PYTHONPATH": str(TESTS)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    assert done.stderr.endswith("seen: []"), done.stderr


def test_logs_are_as_private_as_the_database(start_server, tmp_path):
    mask = os.umask(0)
    try:
        server = start_server("--database", str(tmp_path / "leadbook.db"), is_new=True)
    finally:
        os.umask(mask)
    assert server.request("POST", "/leads", {"name": "A", "email": "a@b.test"})[0] == 201
    assert sorted(os.listdir(tmp_path)) == ["leadbook.db", "leadbook.db-shm", "leadbook.db-wal"]
    assert open_to_others(tmp_path) == set()


@pytest.mark.parametrize("mask", [0o000, 0o077])
def test_group_may_read_where_the_setting_says_so(folder, monkeypatch, mask):
    monkeypatch.setenv("LEADBOOK_FILE_MODE", "640")
    monkeypatch.chdir(folder)
    before = os.umask(mask)
    try:
        for code, *arguments in COMMANDS.values():
            assert invoke(*arguments).returncode == code, arguments
        assert invoke("backup", "new.bak", "--database", "new.db").returncode == 0
    finally:
        os.umask(before)
    modes = {each.name: mode_of(each) for each in folder.iterdir() if "replaced" not in each.name}
    # Never wider than what they were made from.
    narrow = ("leadbook.db", "saved.db", "copy.db", "leads.csv", "list.csv", "old.db")
    narrow += ("list.csv.rejected.csv", "old.db.version-1")
    assert modes == dict.fromkeys(narrow, 0o600) | {"new.db": 0o640, "new.bak": 0o640}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give any group to a folder")
@pytest.mark.parametrize("mask", [0o022, 0o777])
def test_folder_hands_its_group_on(tmp_path, monkeypatch, mask):
    monkeypatch.setenv("LEADBOOK_FILE_MODE", "640")
    os.chown(tmp_path, -1, 4711)
    tmp_path.chmod(0o2770)
    path = tmp_path / "leadbook.db"
    before = os.umask(mask)
    try:
        assert invoke("key", "create", "a", "--create", "--database", path).returncode == 0
        assert invoke("backup", tmp_path / "saved.db", "--database", path).returncode == 0
    finally:
        os.umask(before)
    for file in (path, tmp_path / "saved.db"):
        assert (file.stat().st_gid, mode_of(file)) == (4711, 0o640)


def test_mode_of_an_existing_database_is_left_and_told(start_server, path):
    path.chmod(0o644)
    finished = invoke("check", "--database", path)
    assert finished.returncode == 0
    assert f"{path} is open to everybody on this machine; `chmod 600` closes it." in finished.stderr
    assert mode_of(path) == 0o644
    copy = path.with_name("copy.db")
    assert invoke("backup", copy, "--database", path).returncode == 0
    assert mode_of(copy) == 0o600
    path.chmod(0o600)
    assert invoke("check", "--database", path).stderr == ""


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644])
def test_restored_database_keeps_owner_group_and_mode(path, mode):
    saved = path.with_name("saved.db")
    back_up(path, saved, RECORDS, overwrite=False)
    if os.geteuid() == 0:
        os.chown(path, 12345, 54321)
    path.chmod(mode)
    before = path.stat()
    kept = restore(saved, path, Clock()).kept
    after = path.stat()
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)
    assert mode_of(path) == mode
    assert mode_of(kept) == 0o600
    assert after.st_ino != before.st_ino


def test_restore_is_refused_where_the_owner_would_change(path, monkeypatch):
    saved = path.with_name("saved.db")
    back_up(path, saved, RECORDS, overwrite=False)
    there = path.stat()
    monkeypatch.setattr(
        private_files.Permissions,
        "of",
        classmethod(lambda cls, of: cls(0o600, there.st_uid + (of == path), there.st_gid)),
    )
    monkeypatch.setattr(os, "fchown", refuse)
    with pytest.raises(DatabaseFileError, match="Only root or the owner"):
        restore(saved, path, Clock())
    assert path.stat().st_ino == there.st_ino
    assert sorted(os.listdir(path.parent)) == ["leadbook.db", "saved.db"]


def refuse(*_):
    raise PermissionError


def test_copy_that_cannot_have_its_group_is_closed_to_all_groups(path, tmp_path, monkeypatch):
    permissions = private_files.Permissions(0o640, group=path.stat().st_gid + 1)
    monkeypatch.setattr(os, "fchown", refuse)
    with private_files.new_file(tmp_path / "copy", permissions, overwrite=False):
        pass
    assert mode_of(tmp_path / "copy") == 0o600


# Where each command is in the middle of its work, and what is there already.
# A dry run publishes nothing.
REHEARSED = "leadbook.transfer.importing.put"
STUCK = {
    "backup": "leadbook.storage.sqlite.backup.fault_of",
    "restore": "leadbook.storage.sqlite.backup.give_those_of",
    "restore elsewhere": "leadbook.storage.sqlite.backup.read_keys",
    "export": "leadbook.storage.private_files.publish",
    "import": "leadbook.transfer.rejects.publish",
    "upgrade": "leadbook.storage.private_files.publish",
    "key create": "os.replace",
    "compact": "leadbook.storage.sqlite.compact.fault_of",
}


def names_in(folder):
    return {name for name in os.listdir(folder) if not name.endswith(("-wal", "-shm", "-journal"))}


@pytest.mark.parametrize("command", some_quick(STUCK, "backup", "import"))
def test_killed_command_leaves_what_the_next_one_removes(folder, monkeypatch, command):
    monkeypatch.chdir(folder)
    before = names_in(folder)
    _, *arguments = COMMANDS[command]
    process = stuck_at(STUCK[command], *arguments)
    [unfinished] = folder.glob(".leadbook-*.unfinished")
    assert sum(each.stat().st_size for each in unfinished.rglob("*") if each.is_file()) > 40
    # It is not taken away from a process that works on it.
    assert invoke("backup", "other.db", "--database", "saved.db").returncode == 0
    assert unfinished.exists()
    process.kill()
    process.communicate()
    assert open_to_others(folder) == set()
    made = {"new.db"} if command == "import" else set()
    assert names_in(folder) - before - {"other.db"} == {unfinished.name} | made
    assert invoke("backup", "another.db", "--database", "saved.db").returncode == 0
    assert names_in(folder) - before == {"other.db", "another.db"} | made


STOPPED = [
    (command, number)
    for command in ("backup", "restore", "export", "upgrade", "compact")
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
]


@pytest.mark.parametrize(
    ("command", "number"),
    some_quick(
        STOPPED,
        ("backup", signal.SIGTERM),
        ("export", signal.SIGINT),
        ("upgrade", signal.SIGHUP),
    ),
)
def test_signal_leaves_nothing_unfinished(folder, monkeypatch, command, number):
    monkeypatch.chdir(folder)
    before = names_in(folder)
    process = stuck_at(STUCK[command], *COMMANDS[command][1:])
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 128 + number
    last = said.splitlines()[-1]
    assert last == f"leadbook: Stopped by {number.name}; unfinished files were removed."
    assert names_in(folder) == before


# Sends a signal behind each line of a command that deals with unfinished files, one by one: once
# for each chain of calls that leads there, since loops repeat a line hundreds of times.
INTERRUPTED = """
import contextlib, os, signal, sys
from traceback import walk_stack
from leadbook.cli import main
from leadbook.storage.sqlite import backup
from leadbook.storage import locked_folders, private_files

files = (private_files.__file__, locked_folders.__file__, contextlib.__file__)
step, last, seen = 0, -1, set()

def count(frame, event, _):
    global step
    if frame.f_code.co_filename not in files:
        return None
    place = (event, *((id(each.f_code), line) for each, line in walk_stack(frame)))
    if event not in ("line", "return") or place in seen:
        return count
    seen.add(place)
    step += 1
    if step == last:
        os.kill(os.getpid(), signal.SIGTERM)
    return count

def run():
    sys.settrace(count)
    try:
        main.main(sys.argv[1:])
    finally:
        sys.settrace(None)

reader, writer = os.pipe()
if not os.fork():
    with contextlib.suppress(SystemExit):
        run()
    os.write(writer, str(step).encode())
    os._exit(0)
os.wait()
steps = int(os.read(reader, 20))
for last in range(1, steps, STRIDE):
    if os.path.exists("copy.db"):
        os.unlink("copy.db")
    if not os.fork():
        run()
    os.wait()
    if left := [each for each in os.listdir() if "unfinished" in each]:
        sys.exit(f"step {last} of {steps}: {left}")
"""


@pytest.mark.parametrize("stride", [47, pytest.param(1, marks=pytest.mark.long)])
def test_signal_behind_any_line_leaves_nothing_unfinished(folder, stride):
    code, *arguments = COMMANDS["backup"]
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED.replace("STRIDE", str(stride)), *arguments],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stderr[-500:]


def test_ignored_signal_stays_ignored(folder, monkeypatch):
    monkeypatch.chdir(folder)
    monkeypatch.setattr(signal, "SIGHUP", signal.SIGHUP)
    former = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        process = stuck_at(STUCK["backup"], *COMMANDS["backup"][1:])
    finally:
        signal.signal(signal.SIGHUP, former)
    process.send_signal(signal.SIGHUP)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == 128 + signal.SIGTERM


def test_upgrade_that_fails_leaves_no_copy(tmp_path, monkeypatch):
    old = tmp_path / "old.db"
    shutil.copy(OLD, old)
    for _ in range(2):
        process = stuck_at(
            "leadbook.storage.sqlite.upgrade._run_scripts", "key", "list", "--database", old
        )
        assert (tmp_path / "old.db.version-1").exists()
        process.terminate()
        process.communicate(timeout=30)
        assert names_in(tmp_path) == {"old.db"}


def test_nothing_is_written_through_a_link(folder, monkeypatch):
    monkeypatch.chdir(folder)
    dear = folder / "dear"
    dear.write_text("dear")
    links = ("copy.db", "leads.csv", ".list.csv.rejected.csv.unfinished", "list.csv.rejected.csv")
    for name in links:
        (folder / name).symlink_to(dear)
    assert_refused(invoke(*COMMANDS["backup"][1:]), "--force")
    assert_refused(invoke(*COMMANDS["export"][1:]), "--force")
    # A link occupies the name of the rejected rows.
    assert invoke(*COMMANDS["import"][1:]).returncode == 3
    assert "Grace,no" in (folder / "list.csv.rejected-2.csv").read_text()
    assert invoke(*COMMANDS["backup"][1:], "--force").returncode == 0
    assert invoke(*COMMANDS["export"][1:], "--force").returncode == 0
    assert dear.read_text() == "dear"
    assert not (folder / "copy.db").is_symlink()
    # A link that leads nowhere is no free place either.
    (folder / "nowhere").symlink_to(folder / "missing")
    assert_refused(invoke("backup", "nowhere", "--database", "leadbook.db"), "--force")
    assert_refused(invoke("export", "leads", "nowhere", "--database", "leadbook.db"), "--force")


@pytest.mark.parametrize("log", ["-wal", "-journal"])
def test_link_in_the_place_of_a_log_is_refused(path, log):
    dear = path.with_name("dear")
    dear.write_text("")
    path.with_name(path.name + log).symlink_to(dear)
    # In this process it has been opened and checked before.
    assert_refused(run("key", "list", "--database", path), "is a link")
    assert dear.read_text() == ""


def test_link_in_the_place_of_an_upgrades_copy_is_passed_over(folder, monkeypatch):
    monkeypatch.chdir(folder)
    Path("old.db.version-1").symlink_to("missing")
    assert invoke(*COMMANDS["upgrade"][1:]).returncode == 0
    assert Path("old.db.version-1").is_symlink()
    assert Path("old.db.version-1.2").stat().st_size >= OLD.stat().st_size
    assert not Path("missing").exists()


@pytest.mark.parametrize("flags", [(), ("--force",)])
def test_backup_does_not_take_the_place_of_a_database_with_a_log(folder, monkeypatch, flags):
    monkeypatch.chdir(folder)
    # SQLite would play it into the backup.
    Path("copy.db-wal").write_bytes(b"log")
    assert_refused(invoke(*COMMANDS["backup"][1:], *flags), "copy.db-wal exists")
    assert not Path("copy.db").exists()


def test_missing_folder_is_named(folder, monkeypatch):
    monkeypatch.chdir(folder)
    for command in (("backup",), ("export", "leads")):
        done = invoke(*command, "nowhere/file", "--database", "leadbook.db")
        assert_refused(done, "nowhere: No such file or directory.")


@pytest.mark.parametrize("arguments", [(), ("--dry-run",)])
def test_killed_import_leaves_what_the_next_one_removes(folder, monkeypatch, arguments):
    monkeypatch.chdir(folder)
    temporary = folder / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    place = REHEARSED if arguments else STUCK["import"]
    process = stuck_at(place, *COMMANDS["import"][1:], *arguments)
    process.kill()
    process.communicate()
    assert os.listdir(temporary) or not arguments
    assert invoke(*COMMANDS["import"][1:], *arguments).returncode == 3
    assert os.listdir(temporary) == []
    assert list(folder.glob(".leadbook-*")) == []


def test_next_start_removes_what_a_killed_dry_run_left(folder, monkeypatch):
    monkeypatch.chdir(folder)
    temporary = folder / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    process = stuck_at(REHEARSED, *COMMANDS["import"][1:], "--dry-run")
    process.kill()
    process.communicate()
    # The rows of people are in it.
    assert os.listdir(temporary)
    create_app({"DATABASE": folder / "other.db"})
    assert os.listdir(temporary) == []


def test_what_is_no_file_is_not_replaced(folder, monkeypatch):
    monkeypatch.chdir(folder)
    os.mkfifo("pipe")
    for name in ("pipe", "leadbook.db", "leadbook.db-wal"):
        for command in (("export", "leads"), ("backup",)):
            done = invoke(*command, name, "--force", "--database", "leadbook.db")
            assert_refused(done, "is not a file" if name == "pipe" else "the database itself")
    assert stat.S_ISFIFO((folder / "pipe").stat().st_mode)


@pytest.mark.parametrize("aim", ["/proc/self/fd/1", "pipe", "."])
def test_link_of_the_system_is_not_replaced(folder, monkeypatch, aim):
    monkeypatch.chdir(folder)
    os.mkfifo("pipe")
    # Such as /dev/stdout.
    Path("output").symlink_to(aim)
    for command in (("export", "leads"), ("backup",)):
        done = invoke(*command, "output", "--force", "--database", "leadbook.db")
        is_place = aim == "." and command == ("backup",)
        assert_refused(done, "is a folder" if is_place else "output exists, and is not a file")
    assert Path("output").is_symlink()


def test_place_without_hard_links_gets_a_backup_too(path, tmp_path, monkeypatch):
    def no_links(*_):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    back_up(path, tmp_path / "saved.db", RECORDS, overwrite=False)
    assert (tmp_path / "saved.db").read_bytes()[:6] == b"SQLite"
    with pytest.raises(private_files.TargetError):
        back_up(path, tmp_path / "saved.db", RECORDS, overwrite=False)
    assert names_in(tmp_path) == {"leadbook.db", "saved.db"}


def test_umask_that_takes_away_too_much_does_no_harm(tmp_path):
    before = os.umask(0o777)
    try:
        with private_files.unfinished(tmp_path) as path:
            assert [mode_of(each) for each in (path, *path.parents[:2])] == [0o600, 0o700, 0o700]
    finally:
        os.umask(before)


def test_server_that_is_stopped_while_it_upgrades_leaves_nothing(folder):
    before = names_in(folder)
    for number in (signal.SIGTERM, signal.SIGHUP):
        process = stuck_at(
            STUCK["upgrade"], "serve", "--port", "0", "--database", folder / "old.db"
        )
        process.send_signal(number)
        process.communicate(timeout=30)
        assert names_in(folder) == before


def test_only_what_is_surely_abandoned_is_removed(tmp_path):
    names = (".leadbook-abcdefgh.unfinished", "leadbook-abcdefgh.temporary")
    others = (".leadbook-abc.unfinished", "leadbook-abcdefgh", "x.unfinished")
    for name in (*names, *others):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").touch()
    (tmp_path / ".leadbook-linklink.unfinished").symlink_to(tmp_path / "x.unfinished")
    (tmp_path / ".leadbook-filefile.unfinished").touch()
    with private_files.unfinished(tmp_path) as held:
        locked_folders.remove_abandoned(tmp_path)
        assert held.exists()
    kept = {*others, ".leadbook-linklink.unfinished", ".leadbook-filefile.unfinished"}
    assert set(os.listdir(tmp_path)) == kept
    assert (tmp_path / "x.unfinished" / "file").exists()


def test_folder_of_another_user_is_left(tmp_path, monkeypatch):
    folder = tmp_path / ".leadbook-abcdefgh.unfinished"
    folder.mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: folder.stat().st_uid + 1)
    locked_folders.remove_abandoned(tmp_path)
    assert folder.exists()


@pytest.mark.skipif(
    not Path("/proc").is_dir(), reason="only Linux has /proc, which takes no folders"
)
def test_place_that_takes_no_folder_is_named(folder, monkeypatch):
    monkeypatch.chdir(folder)
    for command in (("backup",), ("export", "leads")):
        refused = invoke(*command, "/proc/new", "--database", "leadbook.db")
        assert_refused(refused, "/proc: No such file")
    assert_refused(invoke("backup", "/proc", "--keep", "1", "--database", "leadbook.db"), "/proc: ")


@pytest.mark.skipif(
    not Path("/proc").is_dir(), reason="only Linux has /proc, which takes no folders"
)
@pytest.mark.parametrize("place", ["/proc/new.db", "/proc/a/b/new.db"])
@pytest.mark.parametrize(
    "command",
    [
        ("serve", "--port", "0"),
        ("import", "leads", "list.csv"),
        ("key", "create", "a", "--create"),
        ("restore", "saved.db"),
        ("backup", "copy.db"),
        ("export", "leads", "leads.csv"),
    ],
    ids=lambda each: each[0],
)
def test_database_in_a_place_that_takes_no_folder_is_refused(folder, monkeypatch, command, place):
    monkeypatch.chdir(folder)
    before = names_in(folder)
    # A server of its own process, since this one would keep its socket.
    refused = (run if command[0] == "serve" else invoke)(*command, "--database", place)
    assert_refused(refused, "No such file or directory.")
    assert names_in(folder) == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is full")
@pytest.mark.parametrize("command", [("export", "leads"), ("check",)])
def test_output_that_is_full_is_named(path, command):
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*LEADBOOK, *command, "--database", str(path)],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert_refused(done, "leadbook: The standard output: No space left on device.")
