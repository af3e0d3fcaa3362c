"""`leadbook.testing`: a server in a thread, for whatever is not pytest."""

import http.client
import os
import unittest
import urllib.request

import pytest
from left_open import nothing_left_open
from marshmallow import ValidationError

from leadbook.people.contacts import DuplicateEmailError
from leadbook.server.listener import CannotServeError
from leadbook.storage.refusals import NotFoundError
from leadbook.testing import running_server
from leadbook.testing.clock import AdjustableClock
from server import free_port


@pytest.mark.parametrize("count", [20, pytest.param(200, marks=pytest.mark.long)])
def test_many_servers_leave_nothing_behind(tmp_path, monkeypatch, count):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)

    def serve_one_request():
        with running_server() as leadbook:
            assert leadbook.client.get("/leads").status_code == 200
            with urllib.request.urlopen(f"{leadbook.url}/leads") as answer:
                assert answer.status == 200
            return leadbook.url

    serve_one_request()
    before = os.listdir(tmp_path)
    with nothing_left_open():
        urls = {serve_one_request() for _ in range(count)}
    assert os.listdir(tmp_path) == before
    assert len(urls) > 1


def test_server_ends_with_an_open_connection_and_an_error():
    def fail_with_a_connection():
        with running_server() as leadbook:
            connection = http.client.HTTPConnection(leadbook.url.removeprefix("http://"))
            connections.append(connection)
            connection.request("GET", "/leads")
            assert connection.getresponse().read()
            raise ZeroDivisionError

    connections = []
    with nothing_left_open():
        with pytest.raises(ZeroDivisionError):
            fail_with_a_connection()
        [connection] = connections
        # Nobody is at the other end any more.
        assert connection.sock.recv(1) == b""
        connection.close()


def test_nothing_is_read_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("LEADBOOK_DATABASE", str(tmp_path / "mine.db"))
    monkeypatch.setenv("LEADBOOK_RATE_LIMIT", "1/day")
    with running_server() as leadbook:
        assert "X-RateLimit-Limit" not in leadbook.client.get("/leads").headers
    assert not (tmp_path / "mine.db").exists()


def test_settings_can_be_given():
    with running_server(RATE_LIMIT="1/day", api_key="leadbook_k") as leadbook:
        assert leadbook.app.test_client().get("/leads").status_code == 401
        assert leadbook.headers == {"Authorization": "Bearer leadbook_k"}
        statuses = [leadbook.client.get("/leads").status_code for _ in range(2)]
        leadbook.clock.advance("1d")
        assert [*statuses, leadbook.client.get("/leads").status_code] == [200, 429, 200]
        leadbook.reset()
        assert leadbook.client.get("/leads").status_code == 200


def test_database_can_be_given(tmp_path):
    for total in range(2):
        with running_server(tmp_path / "kept.db") as leadbook:
            assert len(leadbook.leads()) == total
            leadbook.add_lead()


def test_records_are_added_as_the_api_has_them(leadbook):
    lead = leadbook.add_lead(name=" Ada ", status="qualified", score=80)
    client = leadbook.add_client(email="C@engines.test", company="")
    assert leadbook.client.get(f"/leads/{lead['id']}").json == lead
    assert leadbook.client.get(f"/clients/{client['id']}").json == client
    assert (lead["name"], lead["status"], client["company"]) == ("Ada", "qualified", None)
    assert len({leadbook.add_lead()["email"] for _ in range(3)}) == 3


def test_what_the_api_refuses_is_refused(leadbook):
    leadbook.add_client(email="c@engines.test")
    with pytest.raises(DuplicateEmailError):
        leadbook.add_client(email="C@engines.test")
    for fields in ({"score": 101}, {"nmae": "Ada"}, {"email": None}):
        with pytest.raises(ValidationError):
            leadbook.add_lead(**fields)
    assert leadbook.leads() == []
    with pytest.raises(ValidationError):
        leadbook.leads(stauts="new")
    with pytest.raises(NotFoundError):
        leadbook.restore("never taken")


def test_records_are_listed_with_the_filters_of_the_api(leadbook):
    made = [leadbook.add_lead(score=number // 2) for number in range(150)]
    assert leadbook.leads() == made
    assert leadbook.leads(sort="score", order="desc") == made[::-1]
    assert leadbook.leads(email=made[7]["email"]) == [made[7]]
    archived = leadbook.add_client()
    leadbook.client.delete(f"/clients/{archived['id']}")
    assert leadbook.clients() == []
    assert [each["id"] for each in leadbook.clients(status="all")] == [archived["id"]]


def test_what_is_done_behind_its_back_is_no_request(leadbook):
    leadbook.fail(status=503)
    leadbook.add_lead()
    leadbook.leads()
    leadbook.snapshot()
    assert leadbook.requests == []
    assert leadbook.client.get("/leads").status_code == 503


def test_snapshot_and_restore(leadbook):
    lead = leadbook.add_lead()
    leadbook.snapshot()
    leadbook.client.delete(f"/leads/{lead['id']}")
    leadbook.restore()
    assert leadbook.leads() == [lead]


@pytest.mark.parametrize("seed", [0, 1, 2**32 - 1])
def test_clock_of_a_seed_makes_the_same_ids(seed):
    first, second = AdjustableClock(seed), AdjustableClock(seed)
    ids = [first.new_id() for _ in range(5000)]
    assert [second.new_id() for _ in range(5000)] == ids == sorted(set(ids))
    first.resume(AdjustableClock(seed).state())
    assert first.new_id() == ids[0]


class InAUnittestClass(unittest.TestCase):
    """As the documentation shows it, for suites that do not use pytest at all."""

    def setUp(self):
        self.leadbook = self.enterContext(running_server())

    def test_lead(self):
        self.leadbook.add_lead()
        assert len(self.leadbook.leads()) == 1


def test_unittest_without_pytest():
    result = InAUnittestClass("test_lead").run()
    assert (result.testsRun, result.failures, result.errors) == (1, [], [])


def test_made_up_addresses_never_meet(leadbook):
    def convert(lead):
        return leadbook.client.post(f"/leads/{lead['id']}/convert").status_code

    first = leadbook.add_lead()
    leadbook.add_client()
    second = leadbook.add_lead()
    assert [convert(first), convert(second)] == [201, 201]
    erased = leadbook.add_client()
    leadbook.client.delete(f"/clients/{erased['id']}?permanent=true")
    assert leadbook.add_client()["email"] != leadbook.add_client()["email"]
    leadbook.reset()
    assert leadbook.add_lead()["email"] == first["email"]


def test_port_can_be_given_and_other_hosts_are_refused():
    port = free_port()
    with running_server(PORT=port) as leadbook:
        assert leadbook.url == f"http://127.0.0.1:{port}"
    with pytest.raises(CannotServeError, match="loopback"), running_server(HOST="0.0.0.0"):
        pass


def test_key_of_an_earlier_start_is_forgotten(tmp_path):
    with running_server(tmp_path / "kept.db", api_key="leadbook_k") as leadbook:
        assert leadbook.client.get("/leads").status_code == 200
    with running_server(tmp_path / "kept.db") as leadbook:
        assert leadbook.client.get("/leads").status_code == 200
        assert leadbook.headers == {}


def test_server_that_cannot_serve_says_why_and_leaves_nothing(monkeypatch):
    def fail(*_):
        raise OSError("no more descriptors")

    monkeypatch.setattr("leadbook.server.front.Acceptor", fail)
    with (
        nothing_left_open(),
        pytest.raises(OSError, match="no more descriptors"),
        running_server(),
    ):
        raise AssertionError("it has begun")
