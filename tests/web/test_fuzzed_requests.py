"""Made-up requests against a real server: never a 5xx, never a hang, always the envelope."""

import http.client
import json
from collections import Counter
from contextlib import closing
from urllib.parse import quote, urlencode, urlsplit

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from leadbook.models import RECORDS
from leadbook.storage.clock import Clock
from leadbook.storage.sqlite.check import check

LONGEST_SECONDS = 10
METHODS = st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
# What the API knows, so that much of it gets past the first check.
FIELDS = st.sampled_from(
    "name email phone company source notes custom status score id version clientId create update "
    "delete".split()
)
WORDS = st.sampled_from(["Ada", "ada@a.test", "new", "active", "won", "2026-01-01T00:00:00Z", ""])
TEXTS = WORDS | st.text(max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(FIELDS | TEXTS, inner, max_size=4),
    max_leaves=8,
)
PERSON = st.fixed_dictionaries(
    {"name": TEXTS, "email": st.emails() | TEXTS},
    optional={"notes": TEXTS, "score": VALUES, "custom": VALUES | st.dictionaries(TEXTS, VALUES)},
)
BATCH = st.dictionaries(
    st.sampled_from(["create", "update", "delete", "other"]),
    st.lists(
        PERSON | st.fixed_dictionaries({"id": TEXTS}, optional={"version": VALUES}), max_size=4
    ),
    max_size=3,
)
JSON = st.one_of(PERSON, BATCH, VALUES).map(json.dumps)
LINES = st.lists(PERSON.map(json.dumps) | TEXTS, max_size=5).map("\n".join)
TABLE = st.lists(
    st.lists(TEXTS | st.sampled_from(["name", "email", '"', "a;b", '""x"']), max_size=4), max_size=5
).map(lambda rows: "\r\n".join(",".join(row) for row in rows))
BODIES = st.one_of(
    st.one_of(JSON, LINES, TABLE).map(lambda text: text.encode("utf-8", "surrogatepass")),
    TABLE.map(lambda text: text.encode("utf-16", "surrogatepass")),
    st.binary(max_size=300),
)
TYPES = st.sampled_from(
    ["application/json", "application/json", "text/csv", "application/x-ndjson", "text/plain", ""]
)
QUERIES = st.dictionaries(
    st.sampled_from(
        "page limit status search email sort order cursor createdSince updatedSince permanent "
        "company source scoreMin scoreMax clientId leadId createdBefore updatedBefore "
        "custom custom. custom.Ada custom.% onDuplicate dryRun strict format other".split()
    ),
    TEXTS
    | st.integers().map(str)
    | st.sampled_from(["true", "update", "skip", "reject", "link", "csv", "jsonl", "asc", "name"]),
    max_size=3,
)
# Anything that can stand in a header; a line break in one is another request (test_raw_sockets.py).
HEADER_VALUES = st.one_of(
    st.sampled_from(['"1"', "*", 'W/"1"', '"1", "2"', "bytes=0-1", "gzip", "Bearer x", "null"]),
    st.text(
        st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=40
    ),
)
HEADERS = st.dictionaries(
    st.sampled_from(
        "If-Match If-None-Match Idempotency-Key Authorization Accept Accept-Encoding Range Cookie "
        "X-Forwarded-For Forwarded X-Request-Id Content-Encoding If-Modified-Since X-Any".split()
    ),
    HEADER_VALUES,
    max_size=3,
)
PATHS = st.sampled_from(
    "/leads /clients /v1/leads /leads/{id} /clients/{id} /leads/{id}/convert /clients/{id}/restore "
    "/leads/batch /clients/batch /leads/import /clients/import /leads/export /clients/export "
    "/health /openapi.json /docs /docs/docs.js".split()
)
# Most requests have none.
FEW = st.just({})
ANY = st.tuples(METHODS, PATHS, TYPES, BODIES)


def call(methods, paths, media_type, body):
    """Draw a call of the API as it is meant, but for what is made up in its body."""
    drawn = (st.sampled_from(each.split()) for each in (methods, paths))
    return st.tuples(
        *drawn, st.just(media_type), body.map(lambda text: text.encode("utf-8", "replace"))
    )


GOOD = st.fixed_dictionaries(
    {"name": st.sampled_from(["Ada", "Eve"]), "email": st.sampled_from(["ada@a.test", "e@a.test"])}
)
RIGHT = GOOD | st.tuples(GOOD, PERSON).map(lambda both: both[1] | both[0])
CALLS = st.one_of(
    call("POST", "/leads /clients /v1/leads", "application/json", RIGHT.map(json.dumps)),
    call("PUT PATCH", "/leads/{id} /clients/{id}", "application/json", RIGHT.map(json.dumps)),
    call("PATCH", "/leads/{id}", "application/merge-patch+json", RIGHT.map(json.dumps)),
    call(
        "POST",
        "/leads/{id}/convert /clients/{id}/restore",
        "application/json",
        RIGHT.map(json.dumps),
    ),
    call("POST", "/leads/batch /clients/batch", "application/json", BATCH.map(json.dumps)),
    call("POST", "/leads/import /clients/import", "application/x-ndjson", LINES),
    call("POST", "/leads/import /clients/import", "text/csv", TABLE.map("name,email\n{}".format)),
    call("GET DELETE", "/leads /clients /leads/{id} /clients/{id} /leads/export", "", st.just("")),
    call("POST PUT", "/leads /leads/{id} /leads/import", "text/plain", RIGHT.map(json.dumps)),
    ANY,
)


@pytest.fixture
def server(start_server, tmp_path):
    return start_server("--database", str(tmp_path / "leadbook.db"), "--synchronous", "off")


def assert_answered(method, response, body):
    assert response.status < 500, body
    assert response.headers["X-Request-Id"]
    if method == "HEAD":
        assert body == b""
    elif response.status >= 400:
        error = json.loads(body)["error"]
        assert set(error) == {"code", "message", "details", "requestId"}
        assert error["requestId"] == response.headers["X-Request-Id"]
    elif response.headers.get("Content-Type") == "application/json" and body:
        json.loads(body)


@pytest.mark.long
@pytest.mark.parametrize("is_fixed", [True, False], ids=["fixed", "random"])
def test_made_up_requests_are_answered(server, tmp_path, is_fixed):
    person = {"name": "Ada", "email": "ada@a.test"}
    ids = [server.request("POST", f"/{kind}", person)[1]["id"] for kind in ("leads", "clients")]
    statuses = Counter()

    @settings(
        max_examples=1_500, derandomize=is_fixed, database=None, deadline=None,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate, Phase.shrink],
    )  # fmt: skip
    @given(CALLS, st.sampled_from(ids) | TEXTS, FEW | QUERIES, FEW | HEADERS)
    def send(call, record_id, query, headers):
        method, path, media_type, body = call
        target = path.format(id=quote(record_id, safe=""))
        target += f"?{urlencode(query, errors='surrogatepass')}" if query else ""
        headers = {"Content-Type": media_type} | headers
        # A timeout is a hang.
        connection.request(method, target, body, headers)
        with connection.getresponse() as response:
            assert_answered(method, response, response.read())
        statuses[response.status] += 1

    address = urlsplit(server.url).netloc
    with closing(http.client.HTTPConnection(address, timeout=LONGEST_SECONDS)) as connection:
        send()
    # Else nothing got past the first check.
    assert statuses.keys() >= {200, 201, 400, 404, 405, 409, 415}, statuses
    assert server.request("GET", "/health")[1]["status"] == "ok"
    assert server.stop() == 0
    assert not any(dict(check(tmp_path / "leadbook.db", Clock(), RECORDS, repair=False)).values())
