"""What is erased of the fields of one's own is in no file any more."""


def test_nothing_is_left_of_entries_that_are_erased(app, client, kind, make):
    record = make(custom={"Unforgettable": "Unmistakable", "Other": "Unrepeatable"})
    key = {"Idempotency-Key": "k"}
    body = {"name": "Eve", "email": "eve@engines.test", "custom": {"Unforgettable": "Unmistakable"}}
    made = client.post(f"/{kind}", json=body, headers=key).json
    permanent = "?permanent=true" if kind == "clients" else ""
    client.put(f"/{kind}/{record['id']}", json={"custom": {"Unforgettable": None}})
    client.delete(f"/{kind}/{made['id']}{permanent}")
    # The history of the other record still has what was removed.
    client.delete(f"/{kind}/{record['id']}{permanent}")
    assert_nowhere(app, b"Unforgettable", b"Unmistakable", b"Unrepeatable")


def test_client_of_an_erased_lead_is_not_shown_with_its_entries_again(app, client, make_lead):
    lead = make_lead(custom={"Unforgettable": 1})
    path, key = f"/leads/{lead['id']}/convert", {"Idempotency-Key": "k"}
    made = client.post(path, headers=key).json
    client.put(f"/clients/{made['id']}", json={"custom": None})
    client.delete(f"/leads/{lead['id']}")
    assert client.post(path, headers=key).json["custom"] == {}
    client.delete(f"/clients/{made['id']}?permanent=true")
    assert_nowhere(app, b"Unforgettable")


def assert_nowhere(app, *words):
    for file in app.extensions["leadbook"].path.parent.iterdir():
        assert not [word for word in words if word in file.read_bytes()], file.name
