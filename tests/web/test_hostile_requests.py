"""Thousands of requests that nobody sends by accident: never a 5xx, always the envelope."""

import json
import random

import pytest

STRINGS = [
    "", " ", "\0", "a\0b", "\ud800", "\udfff\ud800", "\u202egnp.exe", "\ufeff", "'", '"', "\\", "%", "_", "%%", "--", ";",
    "' OR 1=1 --", "Robert'); DROP TABLE leads;--", "*", "NEAR(a b)", "\u0345" * 100, "ﬃ" * 200, "İ" * 200, "\U0010ffff",
    "a@b.co", "a@b", "@" * 300, "x" * 300, "x" * 20_000, "\n", "\r\n", "\t", "../../etc/passwd", "{{7*7}}", "<script>",
]  # fmt: skip
NUMBERS = [0, -1, 1, 1.5, 1e308, -0.0, 2**31, 2**63, 2**64, -(2**63), 10**400, True, False]
FIELDS = [
    "name",
    "email",
    "phone",
    "company",
    "source",
    "notes",
    "status",
    "score",
    "id",
    "version",
    "clientId",
    "nmae",
]
METHODS = [
    "GET",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "HEAD",
    "OPTIONS",
    "TRACE",
    "BREW",
    "get",
    "PROPFIND",
]
TYPES = [
    "application/json",
    "application/json; charset=utf-16",
    "application/merge-patch+json",
    "application/json-patch+json",
    "text/plain",
    "",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "\xff/;",
]
QUERIES = [
    "page",
    "limit",
    "status",
    "search",
    "email",
    "company",
    "source",
    "scoreMin",
    "scoreMax",
    "clientId",
    "leadId",
    "createdBefore",
    "updatedSince",
    "updatedBefore",
    "cursor",
    "sort",
    "order",
    "permanent",
    "onDuplicate",
    "foo",
    "",
]
HEADERS = [
    "If-Match",
    "If-None-Match",
    "Range",
    "Accept",
    "Transfer-Encoding",
    "Expect",
    "X-Request-Id",
    "X-HTTP-Method-Override",
]


class Attacker:
    def __init__(self, source, ids):
        self.pick = source.choice
        self.chance = source.random
        self.bytes = source.randbytes
        self.count = source.randrange
        self.ids = [*ids, "x", "%00", "%ff", "..", "9" * 30, "\U0010ffff", "a%2fb", "'"]

    def value(self, depth=0):
        kind = self.chance()
        if kind < 0.5:
            return self.pick(STRINGS)
        if kind < 0.8 or depth > 3:
            return self.pick([*NUMBERS, None])
        if kind < 0.9:
            return [self.value(depth + 1) for _ in range(self.count(4))]
        return {self.pick(FIELDS): self.value(depth + 1) for _ in range(self.count(4))}

    def body(self):
        kind = self.chance()
        if kind < 0.1:
            return self.bytes(self.count(200))
        if kind < 0.15:
            return self.pick(
                [b"[" * 50_000, b'{"a":' * 5_000, b"9" * 6_000, b'{"score": NaN}', b"x" * 300_000]
            )
        fields = {"name": "Ada", "email": "ada@engines.test"} if self.chance() < 0.5 else {}
        fields |= {self.pick(FIELDS): self.value() for _ in range(self.count(5))}
        text = json.dumps(fields if self.chance() < 0.9 else self.value()).encode()
        if kind < 0.3:
            cut = self.count(len(text) + 1)
            return text[:cut] + self.bytes(1) + text[cut + 1 :]
        return text

    def path(self):
        collection = self.pick(
            [
                "/leads",
                "/clients",
                "/v1/leads",
                "/v1/clients",
                "/docs",
                "/health",
                "//leads",
                "/\xff",
            ]
        )
        tail = self.pick(["", "", "/", "/{}", "/{}", "/{}", "/{}/convert", "/{}/restore", "/{}/x"])
        return collection + tail.format(self.pick(self.ids))

    def query(self):
        if self.chance() < 0.5:
            return {}
        pairs = [(self.pick(QUERIES), self.value(9)) for _ in range(self.count(3))]
        return {name: str(value).encode("utf-8", "replace") for name, value in pairs}

    def headers(self):
        value = self.pick(
            ["*", '"1"', '""', "W/", "1", "bytes=0-1", '"' + "1" * 5000 + '"', "é", ","]
        )
        headers = {self.pick(HEADERS): value} if self.chance() < 0.4 else {}
        return headers | {"Content-Type": self.pick(TYPES if self.chance() < 0.3 else TYPES[:1])}


@pytest.mark.parametrize(
    ("count", "rare"),
    [(1_000, set()), pytest.param(10_000, {201, 409, 412, 413}, marks=pytest.mark.long)],
)
def test_thousands_of_hostile_requests(client, make_lead, make_client, count, rare):
    ids = [make_lead()["id"] for _ in range(5)] + [make_client()["id"] for _ in range(5)]
    attacker = Attacker(random.Random(20261122), ids)
    statuses = {}
    for _ in range(count):
        request = {
            "method": attacker.pick(METHODS),
            "path": attacker.path(),
            "data": attacker.body(),
            "query_string": attacker.query(),
            "headers": attacker.headers(),
        }
        answer = client.open(**request, buffered=True)
        statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
        assert answer.status_code < 500, request
        assert answer.headers["X-Request-Id"]
        if answer.status_code >= 400 and request["method"] != "HEAD":
            error = answer.json["error"]
            assert error["requestId"] == answer.headers["X-Request-Id"]
            assert set(error) == {"code", "message", "details", "requestId"}
    assert set(statuses) >= {200, 400, 404, 405, 415} | rare, statuses
    assert client.get("/health").json["status"] == "ok"
