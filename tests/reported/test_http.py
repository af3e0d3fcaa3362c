"""The protocol, proxies and browsers, as they went wrong with other servers."""

import json
from contextlib import closing

import pytest
from raw_sockets import JSON, LAST, LEAD, connect, talk

from leadbook.testing import running_server

PAGE = "https://shop.example"
KEY = "leadbook_for_reports"


@pytest.fixture(scope="module")
def guarded():
    """Return a service with keys, a rate limit, a list of hosts and one other origin."""
    settings = {"CORS_ORIGINS": PAGE, "RATE_LIMIT": "1000/day", "TRUSTED_HOSTS": "crm.example"}
    with running_server(api_key=KEY, **settings) as leadbook:
        yield leadbook


@pytest.fixture(scope="module")
def proxied():
    with running_server(PROXY_HOPS=1) as leadbook:
        leadbook.seed(leads=3, clients=0)
        yield leadbook


@pytest.fixture
def called(guarded, send):
    """Return a function that calls the guarded service by its name, and with its key."""

    def called(method, path, body=None, **headers):
        headers = {"Host": "crm.example", "Authorization": f"Bearer {KEY}"} | headers
        return send(guarded.url, method, path, body, **headers)

    return called


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/leads", id="fastapi/fastapi#1773"),
        pytest.param("/health", id="Kludex/fastapi-health#18"),
        pytest.param("/openapi.json", id="alibaizhanov/mengram#83"),
        pytest.param("/leads/none", id="fastapi/fastapi#13509"),
    ],
)
def test_head_is_get_without_the_body(ask, path):
    got, head = ask("GET", path), ask("HEAD", path)
    assert (head.status, head.body) == (got.status, b"")
    assert head.headers["Content-Length"] == str(len(got.body))
    assert head.headers["Content-Type"] == got.headers["Content-Type"]


@pytest.mark.parametrize(
    "framing",
    [
        pytest.param(b"Content-Length: 44\r\nContent-Length: 0", id="mopemope/meinheld#111"),
        pytest.param(b"Content-Length: 4\r\nTransfer-Encoding: chunked", id="CTFd/CTFd#1412"),
        pytest.param(b"Transfer-Encoding: \x0bchunked", id="benoitc/gunicorn#3364"),
        pytest.param(b"Transfer-Encoding\xa0: chunked", id="benoitc/gunicorn#3091"),
        pytest.param(b"Transfer-Encoding: chunked, identity", id="postrank-labs/goliath#351"),
    ],
)
def test_body_with_two_ends_is_refused_and_ends_the_connection(leadbook, framing):
    head = b"POST /leads HTTP/1.1\r\nHost: localhost\r\n" + JSON + framing + b"\r\n\r\n"
    answers = talk(leadbook, head, b"0\r\n\r\n", LAST)
    assert [status for status, _ in answers] == [400]
    assert json.loads(answers[0][1])["error"]["code"] == "MALFORMED_REQUEST"
    assert leadbook.leads() == []


def test_client_that_waits_for_100_is_told_to_go_on(leadbook):
    """bottlepy/bottle#844: curl waited a second before each large body."""
    with closing(connect(leadbook)) as connection:
        length = b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(LEAD)
        connection.sendall(b"POST /leads HTTP/1.1\r\nHost: localhost\r\n" + JSON + length)
        assert connection.recv(1000).startswith(b"HTTP/1.1 100 ")
        connection.sendall(LEAD)
        assert connection.recv(1000).startswith(b"HTTP/1.1 201 ")


@pytest.mark.parametrize(
    ("framing", "body"),
    [
        pytest.param(b"Content-Length: %d" % len(LEAD), LEAD, id="Kludex/uvicorn#3064"),
        pytest.param(
            b"Transfer-Encoding: chunked",
            b"%x\r\n%s\r\n0\r\n\r\n" % (len(LEAD), LEAD),
            id="MagicStack/httptools#124",
        ),
    ],
)
def test_offer_of_another_protocol_takes_nothing_from_the_request(leadbook, framing, body):
    """Kludex/uvicorn#2722: Java's HttpClient offers h2c, and its bodies were lost."""
    offer = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAA\r\n"
    head = b"POST /leads HTTP/1.1\r\nHost: localhost\r\n" + JSON + offer + framing
    answers = talk(leadbook, head + b"\r\n\r\n" + body, LAST)
    assert answers[0][0] == 201, answers
    assert [lead["name"] for lead in leadbook.leads()] == ["Ada"]


@pytest.mark.parametrize(
    ("header", "tag", "status"),
    [
        pytest.param("If-None-Match", 'W/"1"', 304, id="hapijs/hapi#3956"),
        pytest.param("If-None-Match", '"0", "1"', 304, id="jshttp/fresh#17"),
        pytest.param("If-None-Match", '"2"', 200, id="commontoolsinc/labs#1751"),
    ],
)
def test_tag_that_a_proxy_weakened_still_saves_a_body(ask, post, header, tag, status):
    answer = ask("GET", f"/leads/{post()['id']}", **{header: tag})
    assert (answer.status, answer.headers["ETag"]) == (status, '"1"')
    assert bool(answer.body) == (status == 200)


def test_weak_tag_never_matches_a_write_and_the_answer_says_so(ask, post):
    """nginx/nginx#716: compression makes tags weak, and If-Match compares strongly."""
    path = f"/leads/{post()['id']}"
    refused = ask("PUT", path, {"score": 1}, If_Match='W/"1"')
    assert (refused.status, refused.error["code"]) == (412, "VERSION_MISMATCH")
    assert "weak" in refused.error["message"].lower()
    assert ask("GET", path).json["score"] == 0


def test_put_that_must_not_replace_anything_does_not(ask, post):
    """nodeSolidServer/node-solid-server#1431: what was there already was overwritten."""
    path = f"/leads/{post()['id']}"
    assert ask("PUT", path, {"score": 1}, If_None_Match="*").status == 412
    assert ask("GET", path).json["version"] == 1


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        pytest.param("GET", "/leads/none", None, 404, id="Kludex/starlette#1116"),
        pytest.param("POST", "/leads", {}, 400, id="adamchainz/django-cors-headers#512"),
        pytest.param("PUT", "/leads", {}, 405, id="kugel-masa/kugelpos-backend#202"),
        pytest.param("POST", "/leads", {"name": "x" * 300_000}, 413, id="fastapi/fastapi#775"),
    ],
)
def test_page_of_an_allowed_origin_can_read_errors(called, method, path, body, status):
    refused = called(method, path, body, Origin=PAGE)
    assert refused.status == status
    assert refused.headers["Access-Control-Allow-Origin"] == PAGE


def test_page_of_an_allowed_origin_can_read_the_links(called):
    """typicode/json-server#380: scripts could not see the Link header."""
    exposed = called("GET", "/leads", Origin=PAGE).headers["Access-Control-Expose-Headers"]
    assert {"Link", "ETag", "Location"} <= set(exposed.split(", "))


def test_preflight_needs_no_key_and_costs_nothing(guarded, send, called):
    """corydolphin/flask-cors#170, GIScience/openrouteservice#164: 401, and half of the limit."""
    before = int(called("GET", "/leads").headers["X-RateLimit-Remaining"])
    for _ in range(3):
        asked = {"Access-Control-Request-Method": "PUT", "Origin": PAGE, "Host": "crm.example"}
        preflight = send(guarded.url, "OPTIONS", "/leads/none", **asked)
        assert preflight.status in (200, 204)
        assert preflight.headers["Access-Control-Allow-Origin"] == PAGE
        allowed = preflight.headers["Access-Control-Allow-Methods"].split(", ")
        assert "PUT" in allowed
        assert "POST" not in allowed
    assert int(called("GET", "/leads").headers["X-RateLimit-Remaining"]) == before - 1


def test_health_is_told_whatever_the_host_and_nothing_else_is(guarded, send):
    """getsentry/sentry#2590: load balancers ask by address, and took all targets away."""
    assert send(guarded.url, "GET", "/health", Host="10.0.0.120").status == 200
    assert send(guarded.url, "GET", "/health/ready", Host="10.0.0.120").status == 200
    refused = send(guarded.url, "GET", "/leads", Host="10.0.0.120")
    assert (refused.status, refused.error["code"]) == (400, "UNTRUSTED_HOST")


def test_health_is_told_to_a_check_that_names_no_host(guarded):
    """getsentry/sentry#2590: the check of a load balancer is HTTP/1.0, which needs no Host."""
    [(status, _)] = talk(guarded, b"GET /health HTTP/1.0\r\n\r\n")
    assert status == 200


def test_address_that_a_caller_invents_has_no_limit_of_its_own(send):
    """long2ice/fastapi-limiter#9: a random X-Forwarded-For in each request passed the limit."""
    with running_server(RATE_LIMIT="3/day") as leadbook:
        statuses = [
            send(leadbook.url, "GET", "/leads", X_Forwarded_For=f"10.0.0.{number}").status
            for number in range(5)
        ]
        refused = send(leadbook.url, "GET", "/leads")
    assert statuses == [200, 200, 200, 429, 429]
    assert int(refused.headers["Retry-After"]) > 0
    assert "address" in refused.error["message"]


@pytest.mark.parametrize(
    ("forwarded", "scheme"),
    [
        pytest.param("https", "https", id="Team-TAU/tau#61"),
        pytest.param("http", "http", id="sissbruecker/linkding#1164"),
        pytest.param("javascript", "http", id="ncbo/ontologies_api#219"),
    ],
)
def test_links_lead_to_the_proxy(proxied, send, forwarded, scheme):
    headers = {"Host": "localhost:8443", "X-Forwarded-For": "10.1.1.1"}
    page = send(proxied.url, "GET", "/leads?limit=1", X_Forwarded_Proto=forwarded, **headers)
    assert page.headers["Link"].startswith(f"<{scheme}://localhost:8443/leads?")


def test_public_url_is_where_links_lead(send):
    """sissbruecker/linkding#1164: links named the inner address and lost the prefix."""
    public = "https://crm.example.com/leadbook"
    with running_server(PUBLIC_URL=public) as leadbook:
        leadbook.seed(leads=2, clients=0)
        link = send(leadbook.url, "GET", "/leads?limit=1").headers["Link"]
        lead = {"name": "Ada", "email": "ada@engines.example"}
        made = send(leadbook.url, "POST", "/leads", lead, Origin="https://crm.example.com")
    assert f"<{public}/leads?" in link
    assert (made.status, made.headers["Location"]) == (201, f"{public}/leads/{made.json['id']}")


@pytest.mark.parametrize("path", ["/", "/v1/"])
def test_first_page_that_a_browser_opens_shows_the_way(ask, path):
    """langchain-ai/langserve#65: the server ran, and its address said 404."""
    page = ask("GET", path, Accept="text/html")
    assert page.status == 200
    assert "/docs" in json.dumps(page.json)
    assert "/openapi.json" in json.dumps(page.json)
