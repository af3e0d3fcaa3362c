"""Requests as clients of all kinds send them: other protocols, old versions, unknown methods."""

import json
import shutil
import subprocess

import pytest
from raw_sockets import JSON, LAST, LEAD, connect, talk
from waiting import PATIENCE_SECONDS

from leadbook.testing import running_server

HOST = b"Host: localhost\r\n"
OFFER = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAA\r\n"
LENGTH = b"Content-Length: %d\r\n\r\n%b" % (len(LEAD), LEAD)
CHUNKS = b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(LEAD), LEAD)
MADE = b"POST /leads HTTP/1.1\r\n" + HOST + JSON
# Java's default HttpClient offers h2c with its first request.
JAVA = """
import java.net.URI;
import java.net.http.*;

public class Post {
    public static void main(String[] told) throws Exception {
        var client = HttpClient.newHttpClient();
        for (var body : new String[] {told[1], told[2]}) {
            var request = HttpRequest.newBuilder(URI.create(told[0] + "/leads"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body)).build();
            System.out.println(client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode());
        }
    }
}
"""
BODIES = [json.dumps({"name": "Ada", "email": f"ada{each}@engines.example"}) for each in range(2)]


def seen(leadbook):
    return [(each.method, each.path) for each in leadbook.requests]


@pytest.mark.parametrize(
    "offer",
    [
        OFFER,
        b"Upgrade: h2c\r\nConnection: upgrade\r\n",
        b"UPGRADE:h2c, websocket\r\nCONNECTION: Keep-Alive,UPGRADE\r\n",
        b"Connection: keep-alive\r\nConnection: Upgrade\r\nupgrade: h2c\r\nUpgrade: TLS/1.0\r\n",
        b"Upgrade:\r\nConnection: Upgrade\r\n",
        b"Connection: Upgrade\r\n",
        b"Upgrade: h2c\r\n",
        b"X-Upgrade: h2c\r\nConnection: upgrade\r\n",
    ],
)
def test_offer_of_another_protocol_is_ignored_and_the_connection_stays(leadbook, offer):
    answers = talk(leadbook, MADE + offer + LENGTH, MADE + offer + LENGTH, LAST)
    assert [status for status, _ in answers] == [201, 201, 200]
    assert seen(leadbook) == [("POST", "/leads")] * 2 + [("GET", "/health")]
    assert [json.loads(each.body) for each in leadbook.requests[:2]] == [json.loads(LEAD)] * 2


def test_offer_with_a_chunked_body_is_ignored(leadbook):
    # A chunked body ends the connection, with an offer or without one.
    assert [status for status, _ in talk(leadbook, MADE + OFFER + CHUNKS)] == [201]
    assert [lead["name"] for lead in leadbook.leads()] == ["Ada"]


def test_offer_behind_a_chunked_body_is_ignored(leadbook):
    trailers = b"0\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    answers = talk(leadbook, MADE + CHUNKS.replace(b"0\r\n\r\n", trailers), LAST)
    assert [status for status, _ in answers] == [201]


def test_offer_whose_body_comes_later_is_ignored(leadbook):
    with connect(leadbook) as connection:
        head, _, body = (MADE + OFFER + LENGTH).partition(b"\r\n\r\n")
        connection.sendall(head + b"\r\nExpect: 100-continue\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 100 ")
        connection.sendall(body)
        assert connection.recv(65536).startswith(b"HTTP/1.1 201 ")


def test_offer_of_a_websocket_gets_the_usual_answer(leadbook):
    offer = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    offer += b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    answers = talk(leadbook, b"GET /leads HTTP/1.1\r\n" + HOST + offer, LAST)
    assert [status for status, _ in answers] == [200, 200]


@pytest.mark.parametrize("framing", [LENGTH, CHUNKS])
def test_request_inside_the_body_of_an_offer_is_not_carried_out(leadbook, framing):
    lead = leadbook.add_lead()
    inside = f"DELETE /leads/{lead['id']} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    length = b"Content-Length: %d\r\n\r\n%b" % (len(inside), inside)
    chunk = b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(inside), inside)
    talk(leadbook, MADE + OFFER + (length if framing is LENGTH else chunk), LAST)
    assert leadbook.leads() == [lead]


def test_header_that_only_looks_like_an_offer_stays(leadbook):
    odd = b"X-Note: upgrade: h2c\r\nX-Upgrade: a\r\nUpgrade-Insecure-Requests: 1\r\n\r\n"
    talk(leadbook, b"GET /leads HTTP/1.1\r\n" + HOST + odd, LAST)
    headers = leadbook.requests[0].headers
    assert headers["x-note"] == "upgrade: h2c"
    assert {"x-upgrade", "upgrade-insecure-requests"} < headers.keys()


@pytest.mark.parametrize(
    "preface",
    [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0",
        b"GET /health HTTP/2.0\r\nHost: localhost\r\n\r\n",
        b"GET /health HTTP/1.2\r\nHost: localhost\r\n\r\n",
        b"GET /health HTTP/0.9\r\n\r\n",
    ],
)
def test_other_version_is_named_as_what_is_wrong(leadbook, preface):
    [(status, body)] = talk(leadbook, preface)
    assert (status, json.loads(body)["error"]["code"]) == (400, "MALFORMED_REQUEST")
    assert "1.0 or 1.1" in json.loads(body)["error"]["message"]


def test_java_can_post(leadbook, tmp_path):
    if shutil.which("java") is None or shutil.which("javac") is None:
        pytest.skip("there is no Java that runs a source file")
    source = tmp_path / "Post.java"
    source.write_text(JAVA)
    command = ["java", "-Xshare:auto", str(source), leadbook.url, *BODIES]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=PATIENCE_SECONDS
    )
    assert done.stdout.split() == ["201", "201"], done.stderr
    assert len(leadbook.leads()) == 2


@pytest.mark.parametrize("version", ["--http2", "--http1.1", "--http1.0"])
def test_curl_can_post(leadbook, version):
    if shutil.which("curl") is None:
        pytest.skip("there is no curl")
    features = subprocess.run(
        ["curl", "-V"], check=False, capture_output=True, text=True, timeout=20
    ).stdout
    if version == "--http2" and "HTTP2" not in features:
        pytest.skip("this curl has no HTTP/2")
    command = ["curl", "-sS", version, "-H", "Content-Type: application/json", "-d", BODIES[0]]
    done = subprocess.run(
        [*command, f"{leadbook.url}/leads"], check=False, capture_output=True, text=True, timeout=20
    )
    assert json.loads(done.stdout)["name"] == "Ada", done


def test_old_version_needs_no_host(start_server, path):
    # All interfaces: there is no list of names in `Host` then.
    server = start_server("--database", str(path), "--host", "0.0.0.0", "--open")
    for _ in range(2):
        server.request("POST", "/leads", json.loads(LEAD))
    for headers in (b"", b"Host:\r\n", b"Connection: keep-alive\r\n"):
        with connect(server) as connection:
            connection.sendall(b"GET /leads?limit=1 HTTP/1.0\r\n%b\r\n" % headers)
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        assert answer.startswith(b"HTTP/1.1 200 ")
        # No host that nobody sent.
        assert b"\r\nLink: </leads?limit=1&cursor=" in answer


@pytest.mark.parametrize("hosts", [None, "crm.example", "127.0.0.1"])
def test_request_without_a_host_passes_no_list_of_hosts(hosts):
    settings = {} if hosts is None else {"TRUSTED_HOSTS": hosts}
    with running_server(**settings) as leadbook:
        for headers in (b"", b"Host:\r\n"):
            [(status, body)] = talk(leadbook, b"GET /leads HTTP/1.0\r\n" + headers + b"\r\n")
            assert (status, json.loads(body)["error"]["code"]) == (400, "UNTRUSTED_HOST")
        [(status, _)] = talk(leadbook, b"GET /leads HTTP/1.1\r\n\r\n")
        assert status == 400


@pytest.mark.parametrize("method", ["FOO", "BREW", "FORGED", "M-SEARCH", "PURGE", "SOURCE", "PRI"])
def test_unknown_method_is_not_allowed_and_the_connection_stays(leadbook, method):
    request = f"{method} /leads HTTP/1.1\r\n".encode() + HOST
    answers = talk(leadbook, request + b"\r\n", request + LENGTH, LAST)
    assert [status for status, _ in answers] == [405, 405, 200]
    assert json.loads(answers[0][1])["error"]["code"] == "METHOD_NOT_ALLOWED"
    assert seen(leadbook) == [(method, "/leads")] * 2 + [("GET", "/health")]
    assert leadbook.leads() == []


def test_unknown_method_of_an_unknown_path_is_not_found(leadbook):
    answers = talk(leadbook, b"FOO /nope HTTP/1.1\r\n" + HOST + b"\r\n", LAST)
    assert [status for status, _ in answers] == [404, 200]


def test_unknown_method_counts_as_a_write():
    with running_server(api_key="leadbook_for_tests") as leadbook:
        [(status, _), _] = talk(leadbook, b"FOO /leads HTTP/1.1\r\n" + HOST + b"\r\n", LAST)
    assert status == 401


@pytest.mark.parametrize("method", ["get", "Get", "post", "head", "foo"])
def test_method_in_lower_case_is_refused(leadbook, method):
    answers = talk(leadbook, f"{method} /leads HTTP/1.1\r\n".encode() + HOST + b"\r\n", LAST)
    assert [status for status, _ in answers] == [400]
    assert "capital letters" in json.loads(answers[0][1])["error"]["message"]


@pytest.mark.parametrize("target", [b"localhost:80", b"*", b"/leads", b"http://localhost/leads"])
def test_connect_opens_no_tunnel(leadbook, target):
    # A proxy may see a request there, where another sees a body.
    head = b"CONNECT %b HTTP/1.1\r\n%b" % (target, HOST)
    for end in (b"\r\n", b"Content-Length: 5\r\n\r\n"):
        [(status, body)] = talk(leadbook, head + end, LAST)
        assert (status, json.loads(body)["error"]["code"]) == (400, "MALFORMED_REQUEST")
        assert "CONNECT" in json.loads(body)["error"]["message"]


@pytest.mark.parametrize(
    "target", [b"//leads", b"/%2Fleads", b"/v1//leads", b"//v1/leads", b"http://localhost//leads"]
)
def test_path_with_more_slashes_is_no_other_name_of_a_resource(leadbook, target):
    # Else a test that lets /leads fail would miss the call.
    leadbook.fail("*", "/leads", status=503)
    request = MADE.replace(b"/leads", target)
    answers = talk(leadbook, request + LENGTH, request.replace(b"POST", b"GET") + b"\r\n", LAST)
    assert [status for status, _ in answers] == [404, 404, 200]
    assert leadbook.leads() == []


def test_slashes_before_a_control_of_test_mode_reach_none(leadbook):
    leadbook.add_lead()
    request = b"POST //_test/reset HTTP/1.1\r\n" + HOST + b"Content-Length: 0\r\n\r\n"
    assert [status for status, _ in talk(leadbook, request, LAST)] == [404, 200]
    assert len(leadbook.leads()) == 1


def test_options_of_the_whole_server_is_not_found(leadbook):
    answers = talk(leadbook, b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n", LAST)
    assert [status for status, _ in answers] == [404, 200]


@pytest.mark.parametrize("cut", [0, 1, 2, 3])
def test_one_empty_line_before_a_request_is_ignored(leadbook, cut):
    sent = b"\r\n" + MADE + LENGTH
    # The second one stands behind the body.
    answers = talk(leadbook, sent[:cut], sent[cut:], b"\r\n", LAST)
    assert [status for status, _ in answers] == [201, 200]
    assert seen(leadbook) == [("POST", "/leads"), ("GET", "/health")]


@pytest.mark.parametrize("lines", [b"\r\n\r\n", b"\n", b"\n\r\n", b"\r\r\n", b" \r\n", b"\r"])
def test_more_than_an_empty_line_is_refused(leadbook, lines):
    assert [status for status, _ in talk(leadbook, lines + LAST)] == [400]


def test_empty_line_behind_a_body_does_not_end_an_idle_connection(leadbook):
    with connect(leadbook) as connection:
        connection.sendall(MADE + LENGTH + b"\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 201 ")
        connection.sendall(LAST)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("sent", "method", "path"),
    [
        (MADE + b"Content-Length: +1\r\n\r\n{", "POST", "/leads"),
        (MADE + HOST + b"\r\n", "POST", "/leads"),
        (MADE + CHUNKS.replace(b"\r\n0", b"x\r\n0"), "POST", "/leads"),
        (b"PUT /leads/%C3%A9 HTTP/1.1\r\nHost : a\r\n\r\n", "PUT", "/leads/é"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "PRI", "*"),
        (b"get /leads HTTP/1.1\r\n\r\n", "get", "/leads"),
        (b"GET /a HTTP/1.1\r\nX: " + b"x" * 40_000, "GET", "/a"),
        (b"CONNECT localhost:80 HTTP/1.1\r\n" + HOST + b"\r\n", "CONNECT", None),
        (b"GET /a b HTTP/1.1\r\n" + HOST + b"\r\n", None, None),
        (b"\x16\x03\x01\r\n\r\n", None, None),
        (b"GET /" + b"a" * 40_000, None, None),
    ],
)
def test_refused_request_is_in_the_journal_as_it_was_sent(leadbook, sent, method, path):
    [(status, _)] = talk(leadbook, sent)
    assert status in (400, 431)
    [entry] = leadbook.requests
    assert (entry.method, entry.path, entry.status) == (method, path, status)
    [listed] = leadbook.client.get("/_test/requests").json["data"]
    assert (listed["method"], listed["path"]) == (method, path)


def test_refused_request_takes_the_fault_of_its_own_path_only(leadbook):
    leadbook.fail("GET", "/", status=503)
    assert [status for status, _ in talk(leadbook, b"nonsense\r\n\r\n")] == [400]
    assert len(leadbook.client.get("/_test/faults").json["data"]) == 1
