"""Fields of one's own: what a record may have, how changes are merged, what converting keeps."""

import json

import pytest

ADA = {"name": "Ada Byron", "email": "ada@engines.test"}
FULL = {f"Field {number:02}": number for number in range(50)}
TOO_MANY = "Must not have more than 50 entries."


@pytest.fixture
def client(leadbook):
    return leadbook.client


def send(client, method, path, body, **options):
    # In ASCII, so that it may have half a surrogate pair.
    text = json.dumps(body)
    return client.open(path, method=method, data=text, content_type="application/json", **options)


def change(client, kind, record, custom, method="PUT", **options):
    return send(client, method, f"/{kind}/{record['id']}", {"custom": custom}, **options)


def details(answer):
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "VALIDATION_ERROR")
    return {each["field"]: each["message"] for each in answer.json["error"]["details"]}


def test_record_has_an_object_even_if_it_is_empty(client, kind, make):
    record = make()
    assert record["custom"] == {}
    assert client.get(f"/{kind}").json["data"] == [record]
    assert client.get(f"/{kind}/{record['id']}").json == record


def test_entries_are_kept_with_their_types_and_sorted_by_name(client, kind):
    custom = {"b": "North", "a": 12, "B": True, "é": False, "c": 1.5, "d": None}
    answer = client.post(f"/{kind}", json=ADA | {"custom": custom})
    assert answer.status_code == 201
    assert '"custom":{"B":true,"a":12,"b":"North","c":1.5,"é":false}' in answer.text
    for path in (f"/{kind}/{answer.json['id']}", f"/{kind}?limit=1"):
        assert '"custom":{"B":true,"a":12,"b":"North","c":1.5,"é":false}' in client.get(path).text


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({" Region\u3000": " North "}, {"Region": "North"}),
        ({"E\u0301": "e\u0301"}, {"É": "é"}),
        ({"Note": "a\r\nb\tc"}, {"Note": "a\nb\tc"}),
        ({"Region": "n", "region": "N"}, {"Region": "n", "region": "N"}),
        ({"a": 5.0, "b": -0.0, "c": 1e2, "d": 2**53 - 1}, {"a": 5, "b": 0, "c": 100, "d": 2**53 - 1}),
        ({"a": 0.1, "b": -1.5e-7, "c": 0.00001}, {"a": 0.1, "b": -1.5e-7, "c": 0.00001}),
        ({"x" * 64: "y" * 1000}, {"x" * 64: "y" * 1000}),
        ({f" {'x' * 64} ": f" {'y' * 1000} "}, {"x" * 64: "y" * 1000}),
        ({"a": "", "b": " \t", "c": "\u200b"}, {}),
        ({'a"b\\c.d[0]$%_': 'e"f\\g'}, {'a"b\\c.d[0]$%_': 'e"f\\g'}),
        ({"custom": "custom", "__proto__": 1, "_schema": 2}, {"__proto__": 1, "_schema": 2, "custom": "custom"}),
        (None, {}),
    ],
)  # fmt: skip
def test_entries_are_cleaned_as_other_fields_are(client, kind, given, kept):
    made = client.post(f"/{kind}", json=ADA | {"custom": given})
    assert (made.status_code, made.json["custom"]) == (201, kept)
    # Integers stay integers in the JSON, too.
    assert json.dumps(client.get(f"/{kind}/{made.json['id']}").json["custom"]) == json.dumps(kept)


@pytest.mark.parametrize(
    ("given", "field", "message"),
    [
        ([], "custom", "Must be an object."),
        ("a", "custom", "Must be an object."),
        ({"Region": []}, "custom.Region", "Must be a text, a number, true or false."),
        ({"Region": {"a": 1}}, "custom.Region", "Must be a text, a number, true or false."),
        ({"": 1}, "custom.", "Must not be empty."),
        ({" \u200b": 1}, "custom. \u200b", "Must not be empty."),
        ({"a\nb": 1}, "custom.a\nb", "Must not contain control or text-direction characters."),
        ({"x" * 65: None}, f"custom.{'x' * 65}", "Must not be longer than 64 characters."),
        ({"a": "y" * 1001}, "custom.a", "Must not be longer than 1000 characters."),
        ({"a": "\x00"}, "custom.a", "Must not contain control or text-direction characters."),
        ({"a": "\u202e"}, "custom.a", "Must not contain control or text-direction characters."),
        ({"\ud800": 1}, "custom.\\ud800", "Must not contain control or text-direction characters."),
        ({"a": "\ud800"}, "custom.a", "Must not contain control or text-direction characters."),
        ({"a": 1, " a": 2}, "custom. a", "Must not be named more than once."),
        ({f"{n}": None for n in range(51)}, "custom", TOO_MANY),
    ],
)
def test_wrong_entries_are_named(client, kind, make, given, field, message):
    record = make(custom={"kept": 1})
    assert details(change(client, kind, record, given)) == {field: message}
    new = ADA | {"custom": given}
    assert details(send(client, "POST", f"/{kind}", new)) == {field: message}
    refused = send(client, "POST", f"/{kind}/batch", {"create": [ADA, new]})
    assert details(refused) == {f"create[1].{field}": message}
    assert client.get(f"/{kind}/{record['id']}").json == record


@pytest.mark.parametrize("number", ["1e400", "-1e400", "9007199254740992", "1e16", "-1e300"])
def test_number_that_is_not_read_alike_everywhere_is_refused(client, kind, number):
    body = f'{{"name": "Ada", "email": "ada@engines.test", "custom": {{"Seats": {number}}}}}'
    answer = client.post(f"/{kind}", data=body, content_type="application/json")
    assert list(details(answer)) == ["custom.Seats"]


def test_change_merges(client, kind, make):
    record = make(custom={"a": 1, "b": 2, "c": 3})
    answer = change(client, kind, record, {"b": None, "c": "x", "d": True, "e": None})
    assert answer.json["custom"] == {"a": 1, "c": "x", "d": True}
    assert answer.json["version"] == 2
    assert client.get(f"/{kind}/{record['id']}").json == answer.json
    assert change(client, kind, record, {"a": " "}).json["custom"] == {"c": "x", "d": True}
    assert change(client, kind, record, None).json["custom"] == {}


def test_patch_merges_as_a_merge_patch_does(client, kind, make):
    record = make(custom={"a": 1, "b": 2})
    options = {"data": '{"custom": {"b": null, "c": 3}}'}
    options["content_type"] = "application/merge-patch+json"
    answer = client.patch(f"/{kind}/{record['id']}", **options)
    assert answer.json["custom"] == {"a": 1, "c": 3}
    assert change(client, kind, record, {"a": 2}, "PATCH").json["custom"] == {"a": 2, "c": 3}


@pytest.mark.parametrize("given", [{}, {"a": 1}, {"a": 1.0, "x": None}, {"b": " 1 "}, {"c": True}])
def test_change_that_changes_nothing_leaves_the_version(client, kind, make, given):
    record = make(custom={"a": 1, "b": "1", "c": True})
    assert change(client, kind, record, given).json == record
    assert client.put(f"/{kind}/{record['id']}", json=record).json == record


@pytest.mark.parametrize("given", [{"a": True}, {"a": "1"}, {"b": 1}, {"c": 1}, {"c": "true"}])
def test_values_of_other_types_are_other_values(client, kind, make, given):
    record = make(custom={"a": 1, "b": "1", "c": True})
    changed = change(client, kind, record, given).json
    assert changed["version"] == 2
    [(name, value)] = given.items()
    assert repr(changed["custom"][name]) == repr(value)


def test_entries_are_counted_after_the_merge(client, kind, make):
    record = make(custom=FULL)
    assert details(change(client, kind, record, {"one": "more"})) == {"custom": TOO_MANY}
    assert client.get(f"/{kind}/{record['id']}").json == record
    other = {"Field 01": None, "one": "more"}
    assert len(change(client, kind, record, other).json["custom"]) == 50
    items = [{"id": make()["id"]}, {"id": record["id"], "custom": {"two": "more"}}]
    refused = client.post(f"/{kind}/batch", json={"update": items})
    assert details(refused) == {"update[1].custom": TOO_MANY}


def test_if_match_guards_the_merge(client, kind, make):
    record = make(custom={"a": 1})
    assert change(client, kind, record, {"b": 2}, headers={"If-Match": '"1"'}).status_code == 200
    stale = change(client, kind, record, {"c": 3}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    assert client.get(f"/{kind}/{record['id']}").json["custom"] == {"a": 1, "b": 2}


def test_repeated_post_returns_the_same_entries(client, kind):
    options = {"json": ADA | {"custom": {"a": 1}}, "headers": {"Idempotency-Key": "k"}}
    first, second = (client.post(f"/{kind}", **options) for _ in range(2))
    assert (first.data, first.status_code) == (second.data, second.status_code)
    assert second.headers["Idempotency-Replayed"] == "true"


def test_batch_sets_and_merges(client, kind, make):
    record = make(custom={"a": 1, "b": 2})
    body = {
        "create": [{"name": "Eve", "email": "eve@engines.test", "custom": {"x": "y", "z": None}}],
        "update": [{"id": record["id"], "custom": {"a": None, "c": 3}}],
    }
    answer = client.post(f"/{kind}/batch", json=body)
    assert answer.status_code == 200
    assert client.get(f"/{kind}/{answer.json['created'][0]}").json["custom"] == {"x": "y"}
    assert client.get(f"/{kind}/{record['id']}").json["custom"] == {"b": 2, "c": 3}


def test_captured_lead_is_merged_or_left_alone(client, make_lead):
    lead = make_lead(email="ada@engines.test", custom={"a": 1, "b": 2})
    body = ADA | {"custom": {"a": 3, "b": None, "c": 4}}
    assert client.post("/leads?onDuplicate=skip", json=body).json == lead
    merged = client.post("/leads?onDuplicate=update", json=body).json
    assert (merged["id"], merged["custom"]) == (lead["id"], {"a": 3, "c": 4})
    assert client.post("/leads", json=body).json["custom"] == {"a": 3, "c": 4}


@pytest.mark.parametrize(
    ("overrides", "kept"),
    [
        ({}, {"a": 1, "b": 2}),
        ({"custom": {}}, {"a": 1, "b": 2}),
        ({"custom": {"a": None, "b": 3, "c": True}}, {"b": 3, "c": True}),
        ({"custom": None}, {}),
    ],
)
def test_client_takes_the_entries_of_the_lead(client, make_lead, overrides, kept):
    lead = make_lead(custom={"a": 1, "b": 2})
    answer = client.post(f"/leads/{lead['id']}/convert", json=overrides)
    assert (answer.status_code, answer.json["custom"]) == (201, kept)
    assert client.get(f"/leads/{lead['id']}").json["custom"] == {"a": 1, "b": 2}


def test_linked_client_gets_the_entries_that_it_lacks(client, make_lead, make_client):
    made = make_client(email="ada@engines.test", custom={"a": "own", "b": False})
    lead = make_lead(email="ada@engines.test", custom={"a": "lead", "b": True, "c": 3, "d": 4})
    path = f"/leads/{lead['id']}/convert?onDuplicate=link"
    linked = client.post(path, json={"custom": {"d": None, "e": 5}}).json
    assert linked["id"] == made["id"]
    assert linked["custom"] == {"a": "own", "b": False, "c": 3, "e": 5}


def test_client_that_cannot_take_all_entries_is_left_as_it_is(client, make_lead, make_client):
    made = make_client(email="ada@engines.test", custom=FULL)
    lead = make_lead(email="ada@engines.test", custom={"Field 00": "x", "one": "more"})
    path = f"/leads/{lead['id']}/convert?onDuplicate=link"
    assert details(client.post(path)) == {"custom": TOO_MANY}
    assert client.get(f"/clients/{made['id']}").json == made
    assert client.get(f"/leads/{lead['id']}").json == lead
    # The body says what to leave behind.
    assert client.post(path, json={"custom": {"one": None}}).json["custom"] == FULL
    full = make_lead(custom=FULL)
    path = f"/leads/{full['id']}/convert"
    assert details(client.post(path, json={"custom": {"one": "more"}})) == {"custom": TOO_MANY}


def test_archived_client_keeps_its_entries_and_takes_no_others(client, make_client):
    made = make_client(custom={"a": 1})
    archived = client.delete(f"/clients/{made['id']}").json
    assert archived["custom"] == {"a": 1}
    assert change(client, "clients", made, {"a": 2}).json["error"]["code"] == "CLIENT_ARCHIVED"
    assert client.post(f"/clients/{made['id']}/restore").json["custom"] == {"a": 1}


def test_entries_are_in_no_log(client, kind, caplog, capsys):
    with caplog.at_level("DEBUG"):
        client.post(f"/{kind}", json=ADA | {"custom": {"Unforgettable": "x" * 1001}})
        client.get(f"/{kind}?custom.Name=Unforgettable")
    assert "Unforgettable" not in caplog.text + "".join(capsys.readouterr())
