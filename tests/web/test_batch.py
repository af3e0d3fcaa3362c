"""Many changes in one request: all of them, or none."""

import pytest

PATHS = {"leads": "/leads/batch", "clients": "/clients/batch"}


@pytest.fixture
def client(leadbook):
    return leadbook.client


def add(leadbook, kind, **fields):
    return leadbook.add_lead(**fields) if kind == "leads" else leadbook.add_client(**fields)


def records(leadbook, kind):
    return leadbook.leads() if kind == "leads" else leadbook.clients()


def person(number):
    return {"name": f"Person {number}", "email": f"person{number}@engines.test"}


def test_all_three_kinds_of_changes_are_made_at_once(leadbook, client, kind):
    changed, removed = add(leadbook, kind), add(leadbook, kind)
    body = {
        "create": [person(1), person(2)],
        "update": [{"id": changed["id"], "version": 1, "notes": "Changed."}],
        "delete": [{"id": removed["id"], "version": 1}],
    }
    answer = client.post(PATHS[kind], json=body)
    assert answer.status_code == 200, answer.json
    first, second = answer.json["created"]
    assert answer.json == {
        "created": [first, second],
        "updated": [changed["id"]],
        "deleted": [removed["id"]],
    }
    left = {record["id"]: record for record in records(leadbook, kind)}
    assert left.keys() == {changed["id"], first, second}
    assert left[changed["id"]]["notes"] == "Changed."
    assert (left[first]["name"], left[second]["name"]) == ("Person 1", "Person 2")
    assert "ETag" not in answer.headers


def test_removed_clients_are_archived_or_erased(leadbook, client):
    archived, erased = leadbook.add_client(), leadbook.add_client()
    items = [{"id": archived["id"]}, {"id": erased["id"], "permanent": True}]
    assert client.post("/clients/batch", json={"delete": items}).status_code == 200
    assert [each["id"] for each in leadbook.clients(status="all")] == [archived["id"]]
    assert client.post("/leads/batch", json={"delete": items}).status_code == 400


@pytest.mark.parametrize("value", [0, 1, 1.0, "true", None])
def test_whether_to_erase_is_true_or_false(leadbook, client, value):
    kept = leadbook.add_client()
    body = {"delete": [{"id": kept["id"], "permanent": value}]}
    answer = client.post("/clients/batch", json=body)
    assert answer.json["error"]["details"][0]["field"] == "delete[0].permanent"
    assert leadbook.clients() == [kept]


@pytest.mark.parametrize(
    ("item", "status", "code"),
    [
        ({"id": "0199a065-da0b-7000-8ee3-ea8637f8a88b"}, 404, "NOT_FOUND"),
        ({"version": 7}, 412, "VERSION_MISMATCH"),
    ],
)
@pytest.mark.parametrize("change", ["update", "delete"])
def test_item_that_is_refused_undoes_all(leadbook, client, kind, change, item, status, code):
    record, other = add(leadbook, kind), add(leadbook, kind)
    body = {"create": [person(1)], change: [{"id": other["id"]}, {"id": record["id"]} | item]}
    answer = client.post(PATHS[kind], json=body)
    assert (answer.status_code, answer.json["error"]["code"]) == (status, code)
    [detail] = answer.json["error"]["details"]
    assert detail == {"field": f"{change}[1]", "message": answer.json["error"]["message"]}
    assert records(leadbook, kind) == [record, other]


def test_duplicate_address_is_named_with_its_place(leadbook, client):
    existing = leadbook.add_client(email="taken@engines.test")
    body = {"create": [person(1), {"name": "B", "email": "TAKEN@engines.test"}]}
    answer = client.post("/clients/batch", json=body)
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "DUPLICATE_EMAIL")
    [detail] = answer.json["error"]["details"]
    assert (detail["field"], detail["existingId"]) == ("create[1].email", existing["id"])
    twice = client.post("/clients/batch", json={"create": [person(1), person(1)]})
    assert twice.json["error"]["details"][0]["field"] == "create[1].email"
    assert leadbook.clients() == [existing]


def test_record_that_the_batch_itself_created_is_named_by_its_place(leadbook, client):
    other = leadbook.add_client(email="other@engines.test")
    change = {"id": other["id"], "email": "ADA@engines.test"}
    ada = {"name": "Ada Byron", "email": "ada@engines.test"}
    for body, field in (
        ({"create": [person(1), ada, ada]}, "create[2].email"),
        ({"create": [person(1), ada], "update": [change]}, "update[0].email"),
    ):
        answer = client.post("/clients/batch", json=body)
        assert (answer.status_code, answer.json["error"]["code"]) == (409, "DUPLICATE_EMAIL")
        # With the batch, its records are undone: nobody could look at this one.
        message = "Item create[1] of this batch has this e-mail address."
        assert answer.json["error"]["details"] == [{"field": field, "message": message}]


def test_address_that_an_earlier_item_took_is_named_by_its_place(leadbook, client):
    first, second, third = (leadbook.add_client(email=f"{each}@engines.test") for each in "abc")

    def refused(*updates):
        answer = client.post("/clients/batch", json={"update": updates})
        assert (answer.status_code, answer.json["error"]["code"]) == (409, "DUPLICATE_EMAIL")
        assert leadbook.clients() == [first, second, third]
        return answer.json["error"]["details"]

    taken = {"id": first["id"], "email": "new@engines.test"}
    # The first client has another address again, now that the batch is undone.
    message = "Item update[0] of this batch has this e-mail address."
    assert refused(taken, {"id": second["id"], "email": "NEW@engines.test"}) == [
        {"field": "update[1].email", "message": message}
    ]
    # An item that leaves the address as it was, or only writes it otherwise, has not taken it.
    for kept in ({"phone": "1"}, {"email": "A@engines.TEST"}):
        [detail] = refused(
            {"id": first["id"]} | kept, {"id": second["id"], "email": "a@engines.test"}
        )
        assert (detail["field"], detail["existingId"]) == ("update[1].email", first["id"])
        assert client.get(f"/clients/{detail['existingId']}").json["email"] == "a@engines.test"


def test_address_that_an_earlier_item_frees_may_be_taken(leadbook, client):
    first, second = (leadbook.add_client(email=f"{each}@engines.test") for each in "ab")
    updates = [
        {"id": first["id"], "email": "new@engines.test"},
        {"id": second["id"], "email": "a@engines.test"},
    ]
    assert client.post("/clients/batch", json={"update": updates}).status_code == 200
    assert [each["email"] for each in leadbook.clients()] == ["new@engines.test", "a@engines.test"]


def test_rules_of_the_records_hold(leadbook, client):
    lead = leadbook.add_lead()
    made = client.post(f"/leads/{lead['id']}/convert").json
    client.delete(f"/clients/{made['id']}")
    for path, item, code in (
        ("/leads/batch", {"id": lead["id"], "status": "lost"}, "LEAD_CONVERTED"),
        ("/clients/batch", {"id": made["id"], "name": "B"}, "CLIENT_ARCHIVED"),
    ):
        answer = client.post(path, json={"update": [item]})
        assert (answer.status_code, answer.json["error"]["code"]) == (409, code)
        assert answer.json["error"]["details"][0]["field"] == "update[0]"


def test_mistakes_are_named_with_their_places(client, kind):
    body = {
        "create": [person(1), person(2), person(3), person(4) | {"email": "none", "nmae": "x"}],
        "update": [{"name": "B"}, {"id": "x", "version": "1"}],
        "delete": [{"id": "x", "force": True}, "x"],
    }
    answer = client.post(PATHS[kind], json=body)
    assert answer.status_code == 400
    assert {detail["field"] for detail in answer.json["error"]["details"]} == {
        "create[3].email", "create[3].nmae", "update[0].id", "update[1].version", "delete[0].force", "delete[1]",
    }  # fmt: skip


def test_same_id_twice_is_refused(leadbook, client, kind):
    record = add(leadbook, kind)
    item = {"id": record["id"]}
    for body in (
        {"update": [item, item]},
        {"delete": [item, item]},
        {"update": [item], "delete": [item]},
    ):
        answer = client.post(PATHS[kind], json=body)
        assert answer.status_code == 400
        [detail] = answer.json["error"]["details"]
        assert detail["field"].endswith(".id")
    assert records(leadbook, kind) == [record]


def test_there_may_be_five_hundred_items(leadbook, client):
    people = [person(number) for number in range(501)]
    assert client.post("/leads/batch", json={"create": people[:500]}).status_code == 200
    for body in (
        {"create": people},
        {"create": people[:499], "delete": [{"id": "a"}, {"id": "b"}]},
    ):
        answer = client.post("/leads/batch", json=body)
        assert (answer.status_code, answer.json["error"]["code"]) == (400, "VALIDATION_ERROR")
    assert len(leadbook.leads()) == 500


def test_body_may_be_eight_mebibytes(client, leadbook):
    large = [person(number) | {"notes": "x" * 10_000} for number in range(500)]
    assert client.post("/leads/batch", json={"create": large}).status_code == 200
    too_large = b" " * (8 * 1024 * 1024 + 1)
    answer = client.post("/leads/batch", data=too_large, content_type="application/json")
    assert (answer.status_code, answer.json["error"]["code"]) == (413, "BODY_TOO_LARGE")
    assert answer.json["error"]["message"] == "The body is larger than 8192 KiB."
    answer = client.post("/leads", data=b" " * 300_000, content_type="application/json")
    assert answer.json["error"]["message"] == "The body is larger than 256 KiB."


def test_nothing_to_do_is_done(client, kind):
    empty = {"created": [], "updated": [], "deleted": []}
    assert client.post(PATHS[kind], json={}).json == empty
    assert client.post(PATHS[kind], json=[]).status_code == 400


def test_batch_is_repeated_by_its_key(leadbook, client):
    body, key = {"create": [person(1)]}, {"Idempotency-Key": "once"}
    first = client.post("/leads/batch", json=body, headers=key)
    again = client.post("/leads/batch", json=body, headers=key)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert first.json == again.json
    assert len(leadbook.leads()) == 1


def test_record_that_was_read_can_be_sent_back(leadbook, client, kind):
    record = add(leadbook, kind)
    assert client.post(PATHS[kind], json={"update": [record]}).status_code == 200
    assert records(leadbook, kind) == [record]


def test_person_with_many_items_changes_once(leadbook, client):
    lead = leadbook.add_lead()
    new = {"leadId": lead["id"], "subject": "Call", "dueAt": "2026-03-01T09:00:00Z"}
    made = client.post("/follow-ups/batch", json={"create": [new] * 5}).json["created"]
    shown = client.get(f"/leads/{lead['id']}").json
    assert (shown["openFollowUps"], shown["version"]) == (5, 2)
    body = {"update": [{"id": made[0], "status": "done"}], "delete": [{"id": made[1]}]}
    assert client.post("/follow-ups/batch", json=body).status_code == 200
    shown = client.get(f"/leads/{lead['id']}").json
    assert (shown["openFollowUps"], shown["version"]) == (3, 3)
