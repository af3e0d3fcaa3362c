"""Faults with any status and body, and those of some queries, over the network and in Python."""

import http.client
import json
import re
from urllib.parse import urlsplit

import pytest
from marshmallow import ValidationError
from raw_sockets import LAST, connect

HTML = "<html><h1>502 Bad Gateway – größer</h1></html>"


@pytest.fixture(params=["python", "http"])
def fail(request, leadbook):
    """Add a fault in Python, or by the call."""

    def by_call(method="*", path="*", **fault):
        if "delay_ms" in fault:
            fault["delayMs"] = fault.pop("delay_ms")
        answer = leadbook.client.post(
            "/_test/faults", json=fault | {"method": method, "path": path}
        )
        assert answer.status_code == 201, answer.json

    return leadbook.fail if request.param == "python" else by_call


def ask(leadbook, path="/leads", method="GET", body=None):
    """Send one request; return the status, the headers and the bytes, with what follows them."""
    connection = http.client.HTTPConnection(urlsplit(leadbook.url).netloc, timeout=30)
    try:
        connection.request(method, path, body, {"Content-Type": "application/json"})
        with connection.getresponse() as answer:
            found = answer.status, answer.headers, answer.read()
        # A body where none may be would be taken for the next answer.
        connection.request("GET", "/health")
        with connection.getresponse() as answer:
            assert (answer.status, json.load(answer)["status"]) == (200, "ok")
        return found
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("body", "sent", "media_type"),
    [
        (HTML, HTML.encode(), "text/plain; charset=utf-8"), ('{"data": [', b'{"data": [', "text/plain; charset=utf-8"),
        ("null", b"null", "text/plain; charset=utf-8"), ("", b"", None), ({"a": [1, None, "é"]}, '{"a":[1,null,"é"]}'.encode(), "application/json"),
        ({}, b"{}", "application/json"), ([], b"[]", "application/json"), (0, b"0", "application/json"), (False, b"false", "application/json"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("status", [200, 418, 502])
def test_body_is_sent_as_it_is_or_as_json(leadbook, fail, status, body, sent, media_type):
    fail("POST", "/leads", status=status, body=body)
    found, headers, answer = ask(leadbook, method="POST", body='{"name":"A","email":"a@b.test"}')
    assert (found, answer, headers["Content-Type"]) == (status, sent, media_type)
    assert headers["X-Request-Id"]
    assert leadbook.leads() == []
    assert leadbook.requests[0].status == status
    assert ask(leadbook)[0] == 200


def test_headers_name_another_type(leadbook, fail):
    fail(
        "GET", "/leads", status=502, body=HTML, headers={"content-type": "text/html; charset=utf-8"}
    )
    fail("GET", "/leads", status=301, headers={"Location": "https://crm.test/leads"})
    assert ask(leadbook)[1].get_all("Content-Type") == ["text/html; charset=utf-8"]
    status, headers, body = ask(leadbook)
    assert (status, headers["Location"], body) == (301, "https://crm.test/leads", b"")


@pytest.mark.parametrize("status", [200, 201, 202, 204, 205, 299, 300, 302, 304, 399])
def test_status_that_is_no_error_has_no_body_of_its_own(leadbook, fail, status):
    fail("PUT", "/leads", status=status)
    found, headers, body = ask(leadbook, method="PUT", body="{")
    assert (found, headers["Content-Type"], body) == (status, None, b"")
    assert leadbook.requests[0].status == status


@pytest.mark.parametrize("status", [400, 499, 500, 599])
def test_error_without_a_body_has_the_form_of_the_api(leadbook, fail, status):
    fail("GET", "/leads", status=status)
    found, headers, body = ask(leadbook)
    assert found == status
    assert json.loads(body)["error"]["requestId"] == headers["X-Request-Id"]


def test_call_that_the_api_does_not_have_can_be_answered(leadbook, fail):
    fail("POST", "/deals", status=201, body={"id": 1}, times=2)
    head = b"POST /deals HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n"
    with connect(leadbook) as connection:
        # With its body, and with the body still to come.
        connection.sendall(head + b"\r\n{}" + head + b"Expect: 100-continue\r\n\r\n")
        received = b""
        while b"100 Continue" not in received and (some := connection.recv(65536)):
            received += some
        connection.sendall(b"{}" + LAST)
        while some := connection.recv(65536):
            received += some
    assert re.findall(rb"HTTP/1\.1 (\d+)", received) == [b"201", b"100", b"201", b"200"]
    assert received.count(b'{"id":1}') == 2


def test_head_gets_the_headers_alone(leadbook, fail):
    fail("HEAD", "/leads", status=502, body=HTML, times=2)
    found, headers, body = ask(leadbook, method="HEAD")
    assert (found, headers["Content-Length"], body) == (502, str(len(HTML.encode())), b"")
    assert leadbook.client.head("/leads").status_code == 502


def test_body_may_come_late_and_in_part(leadbook, fail):
    fail(status=200, body={"data": list(range(100))}, truncate=True, delay_ms=20, times=2)
    with pytest.raises(http.client.IncompleteRead) as caught:
        ask(leadbook)
    assert caught.value.partial.startswith(b'{"data":[0,1,2')
    with pytest.raises(ConnectionResetError):
        leadbook.client.get("/leads").get_data()


def test_later_change_of_the_value_changes_no_answer(leadbook):
    body = {"data": [1]}
    leadbook.fail(status=200, body=body)
    body["data"].append(object())
    assert leadbook.client.get("/leads").json == {"data": [1]}


@pytest.mark.parametrize(
    ("query", "struck", "spared"),
    [
        ({"status": "new"}, ["status=new", "limit=1&status=new", "status=lost&status=new", "st%61tus=n%65w"], ["", "status=lost", "status=news", "xstatus=new", "status"]),
        ({"page": 2}, ["page=2", "page=%32"], ["page=20", "page=02", "limit=2"]),
        ({"permanent": True}, ["permanent=true"], ["permanent=True", "permanent=1"]),
        ({"search": "*ada b*"}, ["search=ada+byron", "search=x%20ada%20b"], ["search=ada", "search=ADA+B", "search"]),
        ({"search": "[a]?"}, ["search=[a]b", "search=%5Ba%5Dc"], ["search=ab", "search=[a]"]),
        ({"search": "gr*ß"}, ["search=gr%C3%B6%C3%9F"], ["search=gr%FF"]),
        ({"search": ""}, ["search=", "search"], ["search=a", ""]),
        ({"cursor": None}, ["", "limit=1"], ["cursor=abc", "cursor", "cursor="]),
        ({"cursor": "*"}, ["cursor=abc", "cursor="], ["", "limit=1"]),
        ({"status": "new", "cursor": None}, ["status=new"], ["status=new&cursor=a", "limit=1"]),
    ],
)  # fmt: skip
def test_fault_strikes_some_queries(leadbook, fail, query, struck, spared):
    fail("GET", "/leads", query=query, status=418, times=1_000)
    client = leadbook.client
    assert {each: client.get(f"/leads?{each}").status_code for each in struck} == dict.fromkeys(
        struck, 418
    )
    assert 418 not in {client.get(f"/v1/leads?{each}").status_code for each in spared}
    assert ask(leadbook, f"/v1/leads?{struck[0]}")[0] == 418
    assert leadbook.client.get("/_test/faults").json["data"][0]["times"] == 1_000 - len(struck) - 1


def test_second_page_of_a_walk_fails_once(leadbook):
    for _ in range(3):
        leadbook.add_lead()
    leadbook.fail("GET", "/leads", query={"cursor": "*"}, status=502, body=HTML)
    first = leadbook.client.get("/leads?limit=2&cursor=")
    assert first.status_code == 502
    assert leadbook.client.get("/leads?limit=2").status_code == 200


def test_fault_is_listed_as_it_was_given(leadbook):
    fault = {
        "method": "GET",
        "path": "/leads",
        "query": {"page": 2, "cursor": None},
        "status": 200,
        "body": {"a": [1]},
    }
    made = leadbook.client.post("/_test/faults", json=fault)
    assert made.json == fault | {
        "query": {"page": "2", "cursor": None}, "times": 1, "code": None, "delayMs": 0, "drop": None, "truncate": False, "headers": {}
    }  # fmt: skip
    [listed] = leadbook.client.get("/_test/faults").json["data"]
    assert listed == made.json
    # What was listed can be sent again.
    assert leadbook.client.post("/_test/faults", json=listed).status_code == 201


@pytest.mark.parametrize(
    ("fault", "field", "message"),
    [
        ('{"body": "x"}', "body", "together with a status"), ('{"body": "x", "delayMs": 5}', "body", "together with a status"),
        ('{"status": 503, "body": "\\ud800"}', "body", "Unicode"), ('{"status": 503, "body": {"\\udfff": 1}}', "body", "Unicode"),
        ('{"status": 503, "body": ' + "[" * 200 + "]" * 200 + "}", "body", "nested deeper"),
        ('{"status": 204, "body": "x"}', "body", "no body"), ('{"status": 304, "body": {}}', "body", "no body"), ('{"status": 205, "body": 0}', "body", "no body"),
        ('{"status": 200, "code": "NOT_FOUND"}', "code", "400 to 599"), ('{"status": 404, "code": "NOT_FOUND", "body": ""}', "code", "combined with body"),
        ('{"status": 200, "drop": "after"}', "drop", "combined"), ('{"status": 100}', "status", "200"), ('{"status": 200.5}', "status", "integer"),
        ('{"status": true}', "status", "integer"), ('{"status": 503, "query": "page=2"}', "query", "mapping"), ('{"status": 503, "query": {"a": 1.5}}', "query.a.value", "string"),
        ('{"status": 503, "query": {"a": ["b"]}}', "query.a.value", "string"), ('{"status": 503, "query": {"": "b"}}', "query..key", "Length"),
        ('{"status": 503, "query": {"a": "\\ud800"}}', "query.a.value", "Unicode"), ('{"status": 503, "query": null}', "query", "null"),
        ('{"status": 503, "query": {"a": "' + "x" * 1001 + '"}}', "query.a.value", "Length"),
        ('{"status": 503, "path": "/\\ud800"}', "path", "Unicode"), ('{"status": 503, "method": "\\ud800"}', "method", "Unicode"),
        ('{"status": 503, "path": "/leads?page=2"}', "path", "query"), ('{"status": 503, "boddy": 1}', "boddy", "Unknown"),
    ],
)  # fmt: skip
def test_fault_that_makes_no_sense_is_refused(leadbook, fault, field, message):
    answer = leadbook.client.post("/_test/faults", data=fault, content_type="application/json")
    assert answer.status_code == 400, answer.text
    [detail] = answer.json["error"]["details"]
    assert detail["field"] == field
    assert message in detail["message"]
    assert leadbook.client.get("/_test/faults").json["data"] == []


@pytest.mark.parametrize("body", [object(), float("nan"), b"bytes", {1, 2}, ["\ud800"]])
def test_value_that_json_does_not_have_is_refused_in_python(leadbook, body):
    with pytest.raises(ValidationError):
        leadbook.fail(status=200, body=body)
    assert leadbook.client.get("/leads").json["data"] == []
