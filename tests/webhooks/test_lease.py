"""The lease: one process of all that serve a file delivers its webhooks."""

import shutil
from contextlib import ExitStack, closing

import pytest

from leadbook.storage.clock import Clock
from leadbook.storage.sqlite.opening import open_database
from leadbook.webhooks.lease import SECONDS, Lease


@pytest.fixture
def databases(path, new_file, time):
    """Two databases on one file, whose clock a test moves."""
    shutil.copy(new_file, path)
    with ExitStack() as stack:
        clock = Clock(lambda: time[0])
        yield [stack.enter_context(closing(open_database(path, clock))) for _ in range(2)]


@pytest.fixture
def leases(databases):
    return [Lease(each) for each in databases]


def writes(database):
    return database.pragma("data_version")


def test_one_has_it_until_its_time_is_over(leases, time):
    first, second = leases
    assert first.take()
    assert not second.take()
    time[0] += SECONDS * 1000 - 1
    assert not second.take()
    time[0] += 1
    assert second.take()
    assert not first.take()


def test_holder_extends_it_in_time_and_seldom(leases, databases, time):
    first, second = leases
    assert first.take()
    before = writes(databases[1])
    time[0] += SECONDS * 400
    assert first.take()
    assert writes(databases[1]) == before
    time[0] += SECONDS * 200
    assert first.take()
    assert writes(databases[1]) != before
    time[0] += SECONDS * 800
    assert not second.take()


def test_released_lease_is_free_at_once(leases):
    first, second = leases
    assert first.take()
    first.release()
    assert second.take()
    # It is not this one's any more.
    first.release()
    assert not first.take()


@pytest.mark.parametrize("back", [1_000, 3_000, 3_600_000])
def test_clock_that_was_set_back_keeps_nobody_out_for_long(leases, time, back):
    first, second = leases
    assert first.take()
    time[0] -= back
    time[0] += SECONDS * 2000
    assert second.take()
    assert not first.take()
