"""What leads and clients have in common."""

import re

import pytest


def change(client, kind, record, **fields):
    return client.put(f"/{kind}/{record['id']}", json=fields)


def test_created_record_is_answered_with_its_place(client, kind):
    answer = client.post(f"/{kind}", json={"name": "Ada", "email": "ada@engines.test"})
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/{kind}/{answer.json['id']}"
    assert answer.headers["ETag"] == '"1"'
    assert client.get(answer.headers["Location"]).json == answer.json


def test_absent_optional_values_are_null(client, kind):
    record = client.post(f"/{kind}", json={"name": "Ada", "email": "ada@engines.test"}).json
    for name in ("phone", "company", "source", "notes"):
        assert record[name] is None


def test_fields_are_camel_case_and_complete(make, kind):
    common = {"id", "name", "email", "phone", "company", "source", "notes", "status"}
    common |= {"custom", "nextFollowUpAt", "openFollowUps"}
    common |= {"version", "createdAt", "updatedAt"}
    own = {"leads": {"score", "clientId", "convertedAt"}, "clients": {"leadId", "archivedAt"}}
    assert set(make()) == common | own[kind]


def test_times_are_utc_with_milliseconds(make):
    record = make()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", record["createdAt"])
    assert record["updatedAt"] == record["createdAt"]


def test_ids_are_uuid7_and_rise(make):
    ids = [make()["id"] for _ in range(20)]
    assert ids == sorted(set(ids))
    assert all(
        re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", each)
        for each in ids
    )


def test_change_touches_only_the_named_fields(client, kind, make):
    record = make(phone="1", company="Engines")
    changed = change(client, kind, record, phone="2").json
    assert changed == record | {"phone": "2", "version": 2, "updatedAt": changed["updatedAt"]}
    assert changed["updatedAt"] >= record["updatedAt"]
    assert client.get(f"/{kind}/{record['id']}").json == changed


def test_change_that_changes_nothing_leaves_version_and_time(client, kind, make):
    record = make(phone="1")
    assert change(client, kind, record, phone=" 1 ").json == record
    assert change(client, kind, record).json == record


def test_optional_field_can_be_cleared(client, kind, make):
    record = make(phone="1", notes="x")
    changed = change(client, kind, record, phone=None, notes="  ").json
    assert (changed["phone"], changed["notes"], changed["version"]) == (None, None, 2)


def test_record_that_was_read_can_be_sent_back(client, kind, make):
    record = make(phone="1")
    assert change(client, kind, record, **record).json == record
    other = client.post(f"/{kind}", json=record | {"email": "other@engines.test"}).json
    assert other["id"] != record["id"]


def test_fields_of_the_service_are_ignored_whatever_their_value(client, kind, make):
    record = make()
    owned = {
        "id": 7,
        "version": "x",
        "createdAt": None,
        "updatedAt": [],
        "clientId": {},
        "leadId": 1,
    }
    owned |= {"convertedAt": False, "archivedAt": ""}
    assert change(client, kind, record, **owned).json == record


def test_if_match_lets_only_the_current_version_through(client, kind, make):
    record = make()
    path = f"/{kind}/{record['id']}"
    assert client.put(path, json={"phone": "1"}, headers={"If-Match": '"1"'}).status_code == 200
    for stale in ('"1"', 'W/"2"', '"x"', "", '"02"', '"' + "9" * 5000 + '"'):
        answer = client.put(path, json={"phone": "2"}, headers={"If-Match": stale})
        assert (answer.status_code, answer.json["error"]["code"]) == (412, "VERSION_MISMATCH")
        assert client.delete(path, headers={"If-Match": stale}).status_code == 412
    assert client.get(path).json["phone"] == "1"
    assert (
        client.put(path, json={"phone": "3"}, headers={"If-Match": '"9", "2"'}).status_code == 200
    )
    assert client.put(path, json={"phone": "4"}, headers={"If-Match": "*"}).json["version"] == 4


def test_if_none_match_saves_the_body(client, kind, make):
    record = make()
    path = f"/{kind}/{record['id']}"
    for tag in ('"1"', 'W/"1"', '"7", "1"', "*"):
        answer = client.get(path, headers={"If-None-Match": tag})
        assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", '"1"')
        assert "Content-Type" not in answer.headers
    assert client.head(path, headers={"If-None-Match": '"1"'}).status_code == 304
    assert client.get(path, headers={"If-None-Match": '"2"'}).status_code == 200
    change(client, kind, record, phone="1")
    assert client.get(path, headers={"If-None-Match": '"1"'}).json["version"] == 2


@pytest.mark.parametrize("id", ["nobody", "0", "9" * 400, "%00", "%ed%a0%80", "é"])
def test_unknown_record_is_not_found(client, kind, id):
    for answer in (
        client.get(f"/{kind}/{id}"),
        client.put(f"/{kind}/{id}", json={}),
        client.put(f"/{kind}/{id}", json={}, headers={"If-Match": '"1"'}),
        client.delete(f"/{kind}/{id}"),
    ):
        assert (answer.status_code, answer.json["error"]["code"]) == (404, "NOT_FOUND")


def test_body_is_looked_at_before_the_record(client, kind):
    assert client.put(f"/{kind}/nobody", json={"name": ""}).status_code == 400


def test_same_call_under_v1(client, kind, make):
    record = make()
    assert client.get(f"/v1/{kind}/{record['id']}").json == record
    answer = client.post(f"/v1/{kind}", json={"name": "Bob", "email": "bob@engines.test"})
    assert answer.headers["Location"] == f"/v1/{kind}/{answer.json['id']}"
    assert client.get(f"/v1/v1/{kind}").status_code == 404


def test_options_names_the_methods(client, kind):
    answer = client.options(f"/{kind}")
    assert answer.status_code == 200
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}
    assert answer.headers["X-Request-Id"]


def test_head_answers_without_a_body(client, kind, make):
    answer = client.head(f"/{kind}/{make()['id']}")
    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (200, b"", '"1"')
