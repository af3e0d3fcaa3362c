"""Test mode beside the other tools of a test suite."""

import json
import subprocess
from urllib.parse import urlsplit

import pytest
from command import LEADBOOK

from leadbook.testing import running_server

FROZEN = "2020-02-02T02:02:02Z"


@pytest.fixture
def fakes(request):
    """Return a context manager of the tool that the parameter names."""
    name, make = request.param
    return make(pytest.importorskip(name, reason=f"{name} is not installed"))


def fake_files(module):
    return module.Patcher()


def frozen_time(module):
    return module.freeze_time(FROZEN)


def travelled_time(module):
    return module.travel(FROZEN, tick=False)


TOOLS = [
    pytest.param(("pyfakefs.fake_filesystem_unittest", fake_files), id="pytest-dev/pyfakefs#850"),
    pytest.param(("freezegun", frozen_time), id="spulec/freezegun#437"),
    pytest.param(("time_machine", travelled_time), id="adamchainz/time-machine#387"),
]


@pytest.mark.parametrize("fakes", TOOLS, indirect=True)
def test_server_answers_while_another_tool_replaces_files_or_time(ask, post, leadbook, fakes):
    """pytest-dev/pyfakefs#1317: threads of the same process see the replaced modules."""
    lead = post()
    with fakes:
        assert ask("PUT", f"/leads/{lead['id']}", {"score": 5}).json["version"] == 2
        assert ask("GET", "/leads/export").status == 200
        assert ask("POST", "/leads/import", data="x", Content_Type="text/csv").status == 400
        leadbook.reset()
        assert ask("GET", "/docs").status == 200
    assert ask("GET", "/leads").json["data"] == []


@pytest.mark.parametrize("fakes", TOOLS, indirect=True)
def test_clock_that_runs_survives_a_tool_that_replaces_time(ask, post, leadbook, fakes):
    """spulec/freezegun#384: clocks that must never stand still stood still."""
    leadbook.clock.set("2026-03-01T09:00:00Z")
    with fakes:
        leadbook.clock.run()
        inside = post()["createdAt"]
    after = post()["createdAt"]
    leadbook.clock.stop()
    assert "2026-03-01T09:00" <= inside <= after < "2026-03-01T09:05"


@pytest.mark.parametrize("fakes", TOOLS, indirect=True)
def test_server_starts_and_ends_while_another_tool_replaces_files_or_time(send, fakes):
    """tschaub/mock-fs#315: no database could be opened under a fake file system."""
    with fakes, running_server() as leadbook:
        leadbook.add_lead(name="Ada")
        assert send(leadbook.url, "GET", "/leads").names == ["Ada"]


def test_same_requests_have_the_same_ids(ask, post, leadbook):
    """getmoto/moto#8089, getmoto/moto#6592: ids changed from run to run, and after a reset."""
    first = [post(), post(), ask("GET", "/leads").headers["X-Request-Id"]]
    leadbook.reset()
    assert [post(), post(), ask("GET", "/leads").headers["X-Request-Id"]] == first


def test_reset_needs_no_restart(ask, post, leadbook):
    """mockoon/mockoon#1339: a suite stopped and started the server for each test."""
    leadbook.snapshot("empty")
    post("clients")
    leadbook.fail("GET", "/leads", status=503, times=5)
    leadbook.clock.advance("1d")
    assert ask("POST", "/_test/reset").status in (200, 204)
    assert ask("GET", "/leads").status == 200
    assert ask("GET", "/clients?status=all").json["data"] == []
    assert leadbook.clock.now().startswith("2026-01-01T00:00:00")
    assert "empty" in leadbook.snapshots


def test_servers_side_by_side_share_nothing(ask, post, send):
    """owenlamont/aiomoto#100: workers of one run had to take turns at one server."""
    post()
    with running_server() as other:
        assert send(other.url, "GET", "/leads").json["data"] == []
        other.fail("GET", "/leads", status=500)
        assert ask("GET", "/leads").names == ["Ada"]
        assert send(other.url, "GET", "/leads").status == 500


def test_fault_of_a_query_spares_others(ask, leadbook):
    """wiremock/wiremock#134: a stub for a path did not know its query."""
    leadbook.fail("GET", "/leads", status=503, query={"status": "won"})
    assert ask("GET", "/leads?status=lost").status == 200
    assert ask("GET", "/leads?limit=1&status=won").status == 503
    assert ask("GET", "/leads?status=won").status == 200


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        pytest.param(
            {"status": 502, "body": "<h1>Bad</h1>"}, b"<h1>Bad</h1>", id="wiremock/wiremock#148"
        ),
        pytest.param(
            {"status": 200, "body": {"a": [1]}}, b'{"a":[1]}', id="wiremock/wiremock#1428"
        ),
        pytest.param({"status": 418, "body": ""}, b"", id="wiremock/WireMock.Net#103"),
    ],
)
def test_fault_may_have_any_status_and_body(ask, leadbook, fault, text):
    leadbook.fail("GET", "/leads", **fault)
    answer = ask("GET", "/leads")
    assert answer.status == fault["status"]
    assert answer.body.replace(b" ", b"").strip() == text
    assert ask("GET", "/leads").status == 200


def test_fault_of_an_unknown_kind_is_refused(ask):
    """wiremock/WireMock.Net#985: a stub that could not work was found out by its first caller."""
    for fault in ({"status": 99}, {"status": "x"}, {"stats": 503}, {"status": 503, "times": 0}):
        refused = ask("POST", "/_test/faults", {"method": "GET", "path": "/leads"} | fault)
        assert (refused.status, refused.error["code"]) == (400, "VALIDATION_ERROR")
    assert ask("GET", "/leads").status == 200


def test_other_containers_reach_test_mode_if_they_are_meant_to(send):
    """localstack/localstack#3634: the service listened to its own machine only."""
    command = [*LEADBOOK, "serve", "--test-mode", "--host", "0.0.0.0", "--port", "0"]
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert refused.returncode != 0
    assert "--expose" in refused.stderr
    with subprocess.Popen(
        [*command, "--expose"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        line = process.stdout.readline()
        try:
            port = urlsplit(json.loads(line or '{"url": ""}')["url"]).port
            assert port, process.stderr.read()
            answer = send(f"http://127.0.0.1:{port}", "GET", "/leads", Host="crm:8000")
            assert answer.status == 200
        finally:
            process.terminate()
        assert "expose" in process.stderr.read().lower()
