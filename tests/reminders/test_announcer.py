"""The thread that announces: it costs nothing while nothing is due, and no fault ends it."""

import threading

from waiting import wait_until

from leadbook.reminders import announcer
from leadbook.reminders.announcer import announcing
from leadbook.storage.database import Database


def announce(app, monkeypatch):
    """Announce in a thread that looks often."""
    monkeypatch.setattr(announcer, "_LOOK_SECONDS", 0.01)
    return announcing(app.extensions["leadbook"])


def fail(monkeypatch, error):
    """Let each look fail until the returned event is set; return the looks, too."""
    look, looks, is_mended = announcer.next_time, [], threading.Event()

    def fail(model):
        looks.append(model)
        if is_mended.is_set():
            return look(model)
        raise error

    monkeypatch.setattr(announcer, "next_time", fail)
    return is_mended, looks


def test_thread_announces_when_the_time_comes(app, plan, time, at, announced, monkeypatch):
    first, second = plan(10), plan(20)
    before = {*threading.enumerate()}
    with announce(app, monkeypatch):
        time[0] += 10 * 60_000
        wait_until(announced)
        assert announced() == [first["id"]]
        time[0] += 10 * 60_000
        wait_until(lambda: len(announced()) == 2)
        third = plan(20)
        wait_until(lambda: len(announced()) == 3)
    assert announced() == [each["id"] for each in (first, second, third)]
    wait_until(lambda: before.issuperset(threading.enumerate()))


def test_nothing_is_written_while_nothing_is_due(app, plan, monkeypatch):
    plan(10)
    looks, writes = [], []
    look, write = announcer.next_time, Database.write

    def count_looks(model):
        looks.append(model)
        return look(model)

    def count_writes(*arguments):
        writes.append(arguments)
        return write(*arguments)

    monkeypatch.setattr(announcer, "next_time", count_looks)
    monkeypatch.setattr(Database, "write", count_writes)
    with announce(app, monkeypatch):
        wait_until(lambda: len(looks) > 20)
    assert writes == []


def test_error_of_a_look_does_not_end_it(app, plan, announced, monkeypatch, caplog):
    plan(-10)
    is_mended, looks = fail(monkeypatch, ZeroDivisionError("Not for ever."))
    with announce(app, monkeypatch):
        wait_until(lambda: len(looks) > 2)
        is_mended.set()
        wait_until(announced)
    assert caplog.messages[0].startswith("Reminders could not be announced")


def test_locked_database_is_told_once_and_waited_for(app, plan, announced, monkeypatch, caplog):
    plan(-10)
    is_mended, looks = fail(monkeypatch, announcer.peewee.OperationalError("database is locked"))
    with announce(app, monkeypatch):
        wait_until(lambda: len(looks) > 5)
        is_mended.set()
        wait_until(announced)
    assert caplog.messages == ["Reminders wait for the database: database is locked"]


def test_file_that_was_away_is_waited_for(app, path, plan, announced, monkeypatch, caplog):
    with announce(app, monkeypatch):
        plan(10)
        path.rename(away := path.with_name("away.db"))
        wait_until(lambda: caplog.messages)
        away.rename(path)
        plan(-10)
        wait_until(announced)
    assert caplog.messages[0].startswith("Reminders wait for the database: ")
