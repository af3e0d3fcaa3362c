"""If-Match and If-None-Match of every write to one record."""

import pytest

WEAK = 'A weak tag in If-Match, such as W/"1", never matches. Read the record again, and send its ETag without W/.'
EXISTS = "The record exists; with `If-None-Match: *`, no existing record is changed."
EXCLUDED = "The record has a version that If-None-Match excludes."
CHANGED = "The {} has changed since it was read."
WRITES = [
    ("PUT", "lead", "", {"name": "Grace"}),
    ("DELETE", "lead", "", None),
    ("POST", "lead", "/convert", {}),
    ("PUT", "client", "", {"name": "Grace"}),
    ("DELETE", "client", "", None),
    ("DELETE", "client", "?permanent=true", None),
    ("POST", "client", "/restore", None),
]


@pytest.fixture(params=WRITES, ids=[f"{each[0]} {each[1]}{each[2]}" for each in WRITES])
def write(request, client, make_lead, make_client):
    """Return a write to a record of version 1, its path, and the word for its kind."""
    method, kind, rest, body = request.param
    record = (make_lead if kind == "lead" else make_client)()
    path = f"/{kind}s/{record['id']}"

    def write(place=path, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.open(place + rest, method=method, json=body, headers=headers)

    write.path, write.kind = path, kind
    return write


def assert_refused(client, write, headers, message):
    before = client.get(write.path)
    answer = write(**headers)
    assert (answer.status_code, answer.json["error"]["code"]) == (412, "VERSION_MISMATCH")
    assert answer.json["error"]["message"] == message.format(write.kind)
    after = client.get(write.path)
    assert (after.data, after.headers["ETag"]) == (before.data, before.headers["ETag"])


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({"If_None_Match": "*"}, EXISTS),
        ({"If_None_Match": '"1"'}, EXCLUDED),
        # The comparison is weak.
        ({"If_None_Match": 'W/"1"'}, EXCLUDED),
        ({"If_None_Match": '"7", "1"'}, EXCLUDED),
        # The tag of a compressed answer stands for the same version.
        ({"If_None_Match": '"1-gzip"'}, EXCLUDED),
        ({"If_None_Match": 'W/"1-gzip"'}, EXCLUDED),
        ({"If_Match": '"7-gzip"'}, CHANGED),
        ({"If_Match": '"1-br"'}, CHANGED),
        ({"If_Match": 'W/"1-gzip"'}, WEAK),
        ({"If_Match": '"1"', "If_None_Match": "*"}, EXISTS),
        ({"If_Match": "*", "If_None_Match": '"1"'}, EXCLUDED),
        ({"If_Match": '"7"', "If_None_Match": "*"}, CHANGED),
        ({"If_Match": '"7"'}, CHANGED),
        ({"If_Match": '"7", "8"'}, CHANGED),
        ({"If_Match": '"01"'}, CHANGED),
        ({"If_Match": ""}, CHANGED),
        ({"If_Match": 'W/"1"'}, WEAK),
        ({"If_Match": 'w/"1"'}, WEAK),
        ({"If_Match": 'W/"1", "7"'}, WEAK),
        ({"If_Match": 'W/"7"'}, WEAK),
        ({"If_Match": 'W/"1"', "If_None_Match": '"7"'}, WEAK),
    ],
)
def test_write_that_a_header_forbids_changes_nothing(client, write, headers, message):
    assert_refused(client, write, headers, message)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"If_None_Match": '"7"'},
        {"If_None_Match": 'W/"7", "8"'},
        {"If_None_Match": ""},
        {"If_Match": "*"},
        {"If_Match": '"1"'},
        {"If_Match": '"7", "1"'},
        {"If_Match": '"1-gzip"'},
        {"If_Match": '"7", "1-gzip"'},
        {"If_None_Match": '"7-gzip"'},
        # That of the answer, which is no 304 for this.
        {"If_None_Match": '"2"'},
        {"If_Match": 'W/"1", "1"'},
        {"If_Match": '"1"', "If_None_Match": '"7"'},
    ],
)
def test_write_that_the_headers_allow_is_done(write, headers):
    assert write(**headers).status_code in (200, 201, 204)


@pytest.mark.parametrize("header", [{"If_None_Match": "*"}, {"If_Match": 'W/"1"'}])
def test_record_that_is_not_there_is_not_found(write, header):
    missing = f"/{write.kind}s/019b76da-a800-7000-8000-000000000000"
    assert write(missing, **header).status_code == 404


def test_items_of_a_batch_have_their_own_versions(client, make_lead):
    lead = make_lead()
    body = {"update": [{"id": lead["id"], "version": 7, "score": 5}]}
    answer = client.post("/leads/batch", json=body, headers={"If-Match": 'W/"1"'})
    assert answer.status_code == 412
    assert answer.json["error"]["message"] == CHANGED.format("lead")


def test_headers_are_looked_at_within_the_write(server):
    lead = {"name": "Ada", "email": "ada@engines.test"}
    place = f"/leads/{server.request('POST', '/leads', lead)[1]['id']}"
    status, answer = server.request("PUT", place, {"score": 5}, {"If-None-Match": "*"})
    assert (status, answer["error"]["message"]) == (412, EXISTS)
    status, answer = server.request("PUT", place, {"score": 5}, {"If-Match": 'W/"1"'})
    assert (status, answer["error"]["message"]) == (412, WEAK)
    assert server.request("PUT", place, {"score": 5}, {"If-Match": '"1"'})[0] == 200
