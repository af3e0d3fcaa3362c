"""Servers in tests that freeze or move the time: freezegun, time-machine, `unittest.mock`."""

import http.client
import re
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime, timedelta
from unittest import mock
from urllib.parse import urlsplit

import pytest
from places import ROOT
from waiting import PATIENCE_SECONDS, wait_until

from leadbook.storage.times import milliseconds_of
from leadbook.testing import running_server

LEAD = {"name": "Ada Byron", "email": "ada@engines.test"}
HOUR = 3_600_000
# Other processes than that of a test, and commands that end.
NEVER_IN_A_TEST = ("server/workers.py", "server/turns.py", "storage/sqlite/compact.py")


@contextmanager
def freezegun(at):
    library = pytest.importorskip("freezegun", reason="needs freezegun")
    with library.freeze_time(at):
        yield


@contextmanager
def time_machine(at):
    library = pytest.importorskip("time_machine", reason="needs time-machine")
    with library.travel(at, tick=False):
        yield


@contextmanager
def mocked(at):
    seconds = datetime.fromisoformat(at).timestamp()
    with ExitStack() as stack:
        for name in ("time", "monotonic", "perf_counter", "time_ns"):
            stack.enter_context(mock.patch(f"time.{name}", return_value=int(seconds)))
        yield


@pytest.fixture(params=[freezegun, time_machine, mocked])
def freeze(request):
    return request.param


@pytest.fixture(params=["1991-03-01T00:00:00+00:00", "2090-03-01T00:00:00+00:00"])
def at(request):
    return request.param


def goes_on(clock):
    """Assert that the clock runs, and that it never jumps."""
    began = milliseconds_of(clock.now())
    wait_until(lambda: milliseconds_of(clock.now()) > began)
    assert 0 < milliseconds_of(clock.now()) - began < HOUR
    assert clock.is_running


def ask(connection, method="GET", path="/leads", body=None):
    connection.request(method, path, body, {"Content-Type": "application/json"})
    with connection.getresponse() as answer:
        return answer.status, answer.headers, answer.read()


def connect(leadbook):
    address = urlsplit(leadbook.url).netloc
    return closing(http.client.HTTPConnection(address, timeout=PATIENCE_SECONDS))


def test_clock_that_was_started_in_frozen_time_goes_on(leadbook, freeze, at):
    with freeze(at):
        leadbook.clock.run()
        goes_on(leadbook.clock)
    goes_on(leadbook.clock)
    assert leadbook.clock.now() < "2026-01-01T01:00"
    with freeze(at):
        goes_on(leadbook.clock)
    assert leadbook.clock.now() < "2026-01-01T01:00"


def test_clock_that_was_started_before_goes_on_in_frozen_time(leadbook, freeze, at):
    leadbook.clock.run()
    with freeze(at):
        goes_on(leadbook.clock)
        leadbook.snapshot()
        leadbook.clock.stop()
        stopped = leadbook.clock.now()
    assert leadbook.clock.now() == stopped < "2026-01-01T01:00"
    leadbook.restore()
    goes_on(leadbook.clock)


def test_clock_takes_the_time_of_a_frozen_test(leadbook, freeze, at):
    with freeze(at):
        leadbook.clock.set(datetime.now(UTC))
        leadbook.clock.advance(timedelta(hours=1))
        assert leadbook.add_lead()["createdAt"] == leadbook.clock.now()


def test_server_starts_within_and_ends_after(freeze, at):
    with ExitStack() as server:
        with freeze(at):
            leadbook = server.enter_context(running_server(RATE_LIMIT="100/minute"))
            leadbook.clock.run()
            with connect(leadbook) as connection:
                assert ask(connection)[0] == 200
        with connect(leadbook) as connection:
            status, headers, _ = ask(connection, "POST", body='{"name":"A","email":"a@b.test"}')
        assert (status, headers["X-RateLimit-Remaining"]) == (201, "98")
        goes_on(leadbook.clock)


def test_server_starts_before_and_ends_within(freeze, at):
    with ExitStack() as server:
        leadbook = server.enter_context(running_server(RATE_LIMIT="100/minute"))
        with freeze(at):
            with connect(leadbook) as connection:
                status, headers, _ = ask(connection)
            assert (status, headers["Date"]) == (200, "Thu, 01 Jan 2026 00:00:00 GMT")
            assert headers["X-RateLimit-Reset"] == str(milliseconds_of("2026-01-01T00:01Z") // 1000)
            server.close()


def test_open_connection_outlives_the_freeze_and_the_thaw(leadbook, freeze, at):
    with connect(leadbook) as connection, connect(leadbook) as other:
        assert ask(connection)[0] == 200
        with freeze(at):
            # The loop looks at its timers with each request.
            for _ in range(5):
                assert ask(other)[0] == 200
            assert ask(connection, "POST", body='{"name":"A","email":"a@b.test"}')[0] == 201
        assert [ask(each)[0] for each in (other, connection)] == [200, 200]


def test_delay_of_a_fault_ends_in_frozen_time(leadbook, freeze, at):
    with freeze(at), connect(leadbook) as connection:
        leadbook.fail("GET", "/leads", delay_ms=30, status=503, times=2)
        assert ask(connection)[0] == 503
        assert leadbook.client.get("/leads").status_code == 503


def test_request_that_sees_time_jump_is_not_cut_off(leadbook, freeze, at):
    """A search, an import and a write, each on both sides of a jump."""
    with ExitStack() as frozen:

        def jump():
            frozen.enter_context(freeze(at)) if not done else frozen.close()
            done.append(True)

        done = []
        leadbook.app.before_request_funcs[None].append(jump)
        try:
            statuses = [leadbook.client.post("/leads", json=LEAD).status_code for _ in range(2)]
        finally:
            leadbook.app.before_request_funcs[None].remove(jump)
    assert statuses == [201, 201]
    assert len(leadbook.leads(search="ada")) == 2


def test_time_that_passes_is_read_in_one_place():
    wings = ("access", "routes", "server", "storage", "testing", "transfer", "web", "webhooks")
    found = {
        str(path.relative_to(ROOT))
        for wing in wings
        for path in (ROOT / wing).rglob("*.py")
        if re.search(r"\btime\.(monotonic|perf_counter|sleep)", path.read_text(encoding="utf-8"))
    }
    assert found - set(NEVER_IN_A_TEST) == {"storage/system.py"}
