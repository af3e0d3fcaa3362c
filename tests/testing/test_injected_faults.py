"""Faults that a test asks for, over the network and in Flask's test client."""

import http.client
import json
import threading
import time
from urllib.parse import urlsplit

import pytest
from waiting import PATIENCE_SECONDS, wait_until

from leadbook.testing import wire

LEAD = {"name": "Ada Byron", "email": "ada@engines.test"}
BODY = json.dumps(LEAD)


def send(leadbook, method="POST", path="/leads", body=BODY, **headers):
    connection = http.client.HTTPConnection(urlsplit(leadbook.url).netloc, timeout=30)
    try:
        connection.request(method, path, body, {"Content-Type": "application/json"} | headers)
        with connection.getresponse() as answer:
            return answer.status, answer.headers, json.loads(answer.read())
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "VALIDATION_ERROR"), (401, "UNAUTHORIZED"), (404, "NOT_FOUND"), (409, "DUPLICATE_EMAIL"), (412, "VERSION_MISMATCH"),
        (413, "BODY_TOO_LARGE"), (418, "VALIDATION_ERROR"), (429, "RATE_LIMITED"), (500, "INTERNAL_ERROR"), (502, "INTERNAL_ERROR"),
        (503, "DATABASE_UNAVAILABLE"),
    ],
)  # fmt: skip
def test_status_comes_in_the_envelope_and_without_effect(leadbook, status, code):
    leadbook.fail("POST", "/leads", status=status)
    got, headers, answer = send(leadbook)
    assert (got, answer["error"]["code"]) == (status, code)
    assert answer["error"]["requestId"] == headers["X-Request-Id"]
    assert answer["error"]["message"]
    assert leadbook.leads() == []
    assert send(leadbook)[0] == 201


def test_rate_limit_comes_with_its_headers(leadbook):
    leadbook.fail(status=429)
    _, headers, _ = send(leadbook)
    assert (headers["Retry-After"], headers["X-RateLimit-Remaining"]) == ("1", "0")
    assert headers["X-RateLimit-Reset"] == "1767225601"


def test_code_and_headers_can_be_chosen(leadbook):
    leadbook.fail(status=503, code="QUERY_TIMEOUT", headers={"Retry-After": "7"})
    _, headers, answer = send(leadbook)
    assert (headers["Retry-After"], answer["error"]["code"]) == ("7", "QUERY_TIMEOUT")


@pytest.mark.parametrize(("drop", "made"), [("before", 0), ("after", 1)])
def test_connection_is_dropped_before_or_after_the_write(leadbook, drop, made):
    leadbook.fail("POST", "/leads", drop=drop)
    with pytest.raises(ConnectionResetError):
        send(leadbook)
    assert len(leadbook.leads()) == made
    leadbook.fail("POST", "/leads", drop=drop)
    with pytest.raises(ConnectionResetError):
        leadbook.client.post("/leads", json=LEAD)
    assert len(leadbook.leads()) == 2 * made
    assert [entry.status for entry in leadbook.requests] == [None, None]


def test_body_is_truncated(leadbook):
    leadbook.add_lead()
    leadbook.fail("GET", "/leads", truncate=True, times=2)
    with pytest.raises(http.client.IncompleteRead) as caught:
        send(leadbook, "GET", body=None)
    assert caught.value.partial.startswith(b'{"data":[{"id":')
    with pytest.raises(ConnectionResetError):
        leadbook.client.get("/leads").get_data()
    assert send(leadbook, "GET", body=None)[0] == 200


def test_delay_comes_first_and_keeps_nobody_else_waiting(leadbook):
    leadbook.fail("POST", "/leads", delay_ms=300, status=503)
    start = time.monotonic()
    assert send(leadbook)[0] == 503
    assert time.monotonic() - start >= 0.3
    leadbook.fail("GET", "/leads", delay_ms=20)
    assert send(leadbook, "GET", body=None)[0] == 200


def test_fault_strikes_what_matches_and_as_often_as_it_should(leadbook):
    lead = leadbook.add_lead()
    leadbook.fail("PUT", "/leads/*", status=500, times=2)
    change = json.dumps({"score": 1})
    paths = ["/leads", f"/v1/leads/{lead['id']}", f"/leads/{lead['id']}", f"/leads/{lead['id']}"]
    methods = ["POST", "PUT", "PUT", "PUT"]
    statuses = [
        send(leadbook, method, path, BODY if method == "POST" else change)[0]
        for method, path in zip(methods, paths, strict=True)
    ]
    assert statuses == [201, 500, 500, 200]


def test_oldest_fault_strikes_first(leadbook):
    leadbook.fail("POST", status=500)
    leadbook.fail("*", "/leads", status=503)
    assert [send(leadbook)[0] for _ in range(3)] == [500, 503, 201]


def test_faults_are_listed_and_cleared_by_their_calls(leadbook):
    client = leadbook.client
    made = client.post("/_test/faults", json={"path": "/leads", "drop": "after", "times": 3})
    assert made.status_code == 201
    with pytest.raises(ConnectionResetError):
        send(leadbook)
    assert client.get("/_test/faults").json["data"] == [made.json | {"times": 2}]
    assert client.delete("/_test/faults").status_code == 204
    assert send(leadbook)[0] == 201


@pytest.mark.parametrize(
    ("fault", "field"),
    [
        ({}, "body"), ({"status": 199}, "status"), ({"status": 600}, "status"), ({"status": "503"}, "status"), ({"drop": "never"}, "drop"),
        ({"drop": "after", "status": 503}, "drop"), ({"code": "NOT_FOUND"}, "body"), ({"status": 404, "code": "NOPE"}, "code"),
        ({"delay_ms": 1}, "delay_ms"), ({"delayMs": 60_001}, "delayMs"), ({"status": 503, "times": 0}, "times"),
        ({"headers": {"A: b": "c"}}, "headers.A: b.key"), ({"headers": {"A": "b\r\nC: d"}}, "headers.A.value"), ({"stauts": 503}, "stauts"),
    ],
)  # fmt: skip
def test_fault_that_makes_no_sense_is_refused(leadbook, fault, field):
    answer = leadbook.client.post("/_test/faults", json=fault)
    assert answer.status_code == 400
    assert leadbook.client.get("/_test/faults").json["data"] == []
    assert [each["field"] for each in answer.json["error"]["details"]] == [field]


@pytest.mark.parametrize(
    "path",
    ["leads", "http://localhost/leads", "/_test/reset", "/v1/_test/*", "/_test/", "v1/leads"],
)
def test_fault_that_no_request_can_meet_is_refused(leadbook, path):
    answer = leadbook.client.post("/_test/faults", json={"path": path, "status": 503})
    assert answer.status_code == 400
    [detail] = answer.json["error"]["details"]
    assert detail["field"] == "path"
    assert leadbook.client.get("/_test/faults").json["data"] == []


@pytest.mark.parametrize(
    "path", ["/leads", "*", "*leads", "?leads", "/v1/leads", "/*", "/v1/*", "/l?ads"]
)
def test_fault_that_a_request_can_meet_applies(leadbook, path):
    assert (
        leadbook.client.post("/_test/faults", json={"path": path, "status": 503}).status_code == 201
    )
    assert [send(leadbook)[0] for _ in range(2)] == [503, 201]


def test_there_may_be_a_thousand_faults(leadbook):
    for _ in range(1_000):
        leadbook.fail(status=503)
    answer = leadbook.client.post("/_test/faults", json={"status": 503})
    assert answer.status_code == 400
    assert answer.json["error"]["details"][0]["message"] == "There are already 1000 faults."


def test_journal_shows_what_was_sent_and_no_key(leadbook):
    send(leadbook, path="/v1/leads?x=%C3%A9", Authorization="Bearer leadbook_secret", Cookie="a=b")
    send(leadbook, "PUT", "/leads/%C3%A9", "{")
    first, second = leadbook.requests
    assert (first.method, first.path, first.query) == ("POST", "/v1/leads", "x=%C3%A9")
    assert (first.json, first.is_cut, first.status) == (LEAD, False, 400)
    assert first.headers["content-type"] == "application/json"
    assert not {"authorization", "cookie"} & first.headers.keys()
    assert (second.path, second.body, second.status) == ("/leads/é", "{", 400)
    assert "leadbook_secret" not in leadbook.client.get("/_test/requests").text


def test_long_body_is_cut_in_the_journal_and_whole_in_the_service(leadbook):
    notes = "x" * 9_000
    status, _, lead = send(leadbook, body=json.dumps(LEAD | {"notes": notes}))
    assert (status, lead["notes"]) == (201, notes)
    [entry] = leadbook.requests
    assert (len(entry.body), entry.is_cut) == (8192, True)


def test_journal_keeps_the_last_thousand(leadbook):
    client = leadbook.client
    for number in range(1_005):
        client.get(f"/leads/{number}")
    entries = leadbook.requests
    assert [entries[0].path, entries[-1].path, len(entries)] == ["/leads/5", "/leads/1004", 1_000]


def test_journal_is_filtered_and_cleared_by_its_calls(leadbook):
    client = leadbook.client
    client.post("/leads", json=LEAD)
    client.post("/clients", json={})
    client.get("/clients")

    def found(query):
        return [each["path"] for each in client.get(f"/_test/requests?{query}").json["data"]]

    assert found("") == ["/leads", "/clients", "/clients"]
    assert found("method=post") == ["/leads", "/clients"]
    assert found("path=/cl*") == ["/clients", "/clients"]
    assert found("status=400&method=POST") == ["/clients"]
    assert client.get("/_test/requests?stauts=400").status_code == 400
    assert client.delete("/_test/requests").status_code == 204
    assert found("") == []


def test_delayed_request_has_no_effect_after_a_reset(leadbook):
    leadbook.fail("POST", "/leads", delay_ms=60_000)
    connection = http.client.HTTPConnection(urlsplit(leadbook.url).netloc, timeout=30)
    connection.request("POST", "/leads", BODY, {"Content-Type": "application/json"})
    # Its fault has struck once none is left to come.
    wait_until(lambda: not leadbook.client.get("/_test/faults").json["data"])
    start = time.monotonic()
    leadbook.reset()
    assert time.monotonic() - start < 30
    with pytest.raises(ConnectionResetError):
        connection.getresponse()
    connection.close()
    assert leadbook.leads() == []


def test_reset_waits_for_what_is_being_worked_on(leadbook, monkeypatch):
    monkeypatch.setattr(wire, "LONGEST_WAIT_SECONDS", PATIENCE_SECONDS)
    entered, go_on = threading.Event(), threading.Event()
    leadbook.app.before_request_funcs[None].append(lambda: wait_once(entered, go_on))
    try:
        thread = threading.Thread(target=send, args=(leadbook,))
        thread.start()
        assert entered.wait(PATIENCE_SECONDS)
        # It goes on while the reset waits, and not after it.
        threading.Timer(0.2, go_on.set).start()
        leadbook.reset()
        thread.join()
    finally:
        leadbook.app.before_request_funcs[None].pop()
    assert leadbook.leads() == []


def wait_once(entered, go_on):
    entered.set()
    go_on.wait(PATIENCE_SECONDS)


def test_statuses_have_the_headers_they_really_have(leadbook):
    leadbook.fail(status=401)
    leadbook.fail(status=405)
    assert send(leadbook)[1]["WWW-Authenticate"].startswith("Bearer")
    _, headers, answer = send(leadbook)
    assert (answer["error"]["code"], headers["Allow"]) == ("METHOD_NOT_ALLOWED", "OPTIONS")


@pytest.mark.parametrize("name", ["Connection", "transfer-encoding", "Content-Length", "Upgrade"])
def test_headers_of_the_connection_are_refused(leadbook, name):
    answer = leadbook.client.post("/_test/faults", json={"headers": {name: "x"}})
    assert answer.status_code == 400


def test_path_with_v1_and_with_brackets_is_meant_as_it_stands(leadbook):
    leadbook.fail("GET", "/v1/leads", status=503)
    assert leadbook.client.get("/leads").status_code == 503
    leadbook.fail("GET", "/leads/[ab]", status=503)
    assert leadbook.client.get("/leads/a").status_code == 404
    assert leadbook.client.get("/leads/[ab]").status_code == 503
