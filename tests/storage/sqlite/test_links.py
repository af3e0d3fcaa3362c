"""Links on the way to a database: followed, or refused where they lead nowhere."""

import os

import pytest
from command import assert_refused, run

from leadbook.app import create_app
from leadbook.models import RECORDS
from leadbook.storage.clock import Clock
from leadbook.storage.sqlite.backup import back_up, restore
from leadbook.storage.sqlite.opening import DatabaseFileError


def dead_links(folder):
    """Make links that lead nowhere; return paths that go through them, each with its name."""
    targets = {
        "circle": "circle",
        "there": "back",
        "back": "there",
        "blocked": "/proc/leadbook/missing/leadbook.db",
        "unmounted": folder / "not mounted" / "leadbook.db",
        "chain": "unmounted",
        # Not a dead end itself: it may lead to a file that is yet to be made.
        "folder": folder / "missing",
    }
    for name, target in targets.items():
        (folder / name).symlink_to(target)
    return [folder / name for name in list(targets)[:-1]] + [
        folder / "circle" / "leadbook.db",
        folder / "folder" / "leadbook.db",
        folder / "folder" / "deeper" / "leadbook.db",
    ]


def assert_untouched(folder, links):
    assert sorted(os.listdir(folder)) == sorted(
        {path.relative_to(folder).parts[0] for path in links}
    )
    assert all(each.is_symlink() for each in folder.iterdir())


def test_links_that_lead_nowhere_are_refused(tmp_path):
    links = dead_links(tmp_path)
    for path in links:
        with pytest.raises(DatabaseFileError, match="is a link that leads nowhere"):
            create_app({"DATABASE": path})
    for path in (tmp_path / "circle", tmp_path / "blocked", tmp_path / ("x" * 300)):
        assert_refused(run("serve", "--port", "0", "--database", path), str(path))
    assert_untouched(tmp_path, links)


def test_nothing_is_restored_over_links_that_lead_nowhere(tmp_path):
    source = tmp_path / "backup.db"
    create_app({"DATABASE": source})
    (tmp_path / "links").mkdir()
    links = dead_links(tmp_path / "links")
    for path in links:
        with pytest.raises(DatabaseFileError, match="is a link that leads nowhere"):
            restore(source, path, Clock())
        with pytest.raises((DatabaseFileError, OSError)):
            restore(path, source, Clock())
        with pytest.raises((DatabaseFileError, OSError)):
            back_up(path, tmp_path / "copy.db", RECORDS, overwrite=True)
        with pytest.raises(DatabaseFileError, match="is a link that leads nowhere"):
            back_up(source, path, RECORDS, overwrite=True)
    assert_untouched(tmp_path / "links", links)
    assert sorted(os.listdir(tmp_path)) == ["backup.db", "links"]


def test_links_are_followed_to_a_new_file_in_a_folder_that_is_there(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "mounted").symlink_to("disk")
    (tmp_path / "second").symlink_to("first")
    (tmp_path / "first").symlink_to("mounted/leadbook.db")
    for path, made in [
        (tmp_path / "second", "leadbook.db"),
        (tmp_path / "mounted" / "new" / "leadbook.db", "new/leadbook.db"),
        (tmp_path / "mounted" / ".." / "disk" / "other.db", "other.db"),
    ]:
        create_app({"DATABASE": path})
        assert (tmp_path / "disk" / made).is_file()
    assert sorted(each.name for each in tmp_path.iterdir() if each.is_symlink()) == [
        "first",
        "mounted",
        "second",
    ]
