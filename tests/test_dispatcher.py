"""Requests are worked on one after the other, and beside one that waits."""

import threading

import pytest

from leadbook.dispatcher import Dispatcher


class Task:
    """Something to do, that ends when it is told to."""

    def __init__(self, log, name):
        self.log, self.name = log, name
        self.has_begun, self.may_end, self.is_done = (threading.Event() for _ in range(3))

    def service(self):
        self.log.append(self.name)
        self.has_begun.set()
        assert self.may_end.wait(10)
        self.is_done.set()

    def cancel(self):
        self.log.append(f"{self.name} cancelled")


@pytest.fixture
def dispatcher():
    dispatcher = Dispatcher(3)
    yield dispatcher
    dispatcher.shutdown(timeout=10)


@pytest.fixture
def make(dispatcher):
    log, made = [], []

    def task(name):
        made.append(Task(log, name))
        dispatcher.add_task(made[-1])
        return made[-1]

    yield task
    for each in made:
        each.may_end.set()


def test_next_request_begins_when_the_one_before_is_done(dispatcher, make, monkeypatch):
    monkeypatch.setattr("leadbook.dispatcher.PATIENCE_SECONDS", 1000)
    first, second = make("first"), make("second")
    assert first.has_begun.wait(10)
    dispatcher.begin_overdue()
    # Two threads are free, and neither takes it.
    assert not second.has_begun.wait(0.05)
    first.may_end.set()
    assert second.has_begun.wait(10)


def test_requests_go_on_beside_those_that_wait(dispatcher, make, monkeypatch):
    monkeypatch.setattr("leadbook.dispatcher.PATIENCE_SECONDS", 0)
    waiting = [make("first"), make("second")]
    for each in waiting:
        while not each.has_begun.wait(0.001):
            dispatcher.begin_overdue()
    # The thread that is left does all the others, without a word from the loop.
    others = [make(f"other {number}") for number in range(20)]
    for each in others:
        each.may_end.set()
    dispatcher.begin_overdue()
    assert all(each.is_done.wait(10) for each in others)
    assert not any(each.is_done.is_set() for each in waiting)


def test_failure_of_one_request_ends_no_thread(dispatcher, make, caplog):
    class Failing:
        def service(self):
            raise RuntimeError("on purpose")

    for _ in range(5):
        dispatcher.add_task(Failing())
    last = make("last")
    last.may_end.set()
    assert last.is_done.wait(10)
    assert len(caplog.records) == 5


def test_requests_that_wait_at_the_end_are_cancelled(make, dispatcher, monkeypatch):
    monkeypatch.setattr("leadbook.dispatcher.PATIENCE_SECONDS", 1000)
    first = make("first")
    assert first.has_begun.wait(10)
    make("second")
    assert dispatcher.shutdown(timeout=0.1)
    first.may_end.set()
    assert first.is_done.wait(10)
    assert first.log == ["first", "second cancelled"]
