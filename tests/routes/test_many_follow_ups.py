"""Many follow-ups at once: batches, and people who come and go at random."""

import random

import pytest
from walks import get

from leadbook.models import RECORDS
from leadbook.storage.clock import Clock
from leadbook.storage.sqlite.check import check

DUE = "2026-02-02T09:00:00.000Z"
NOBODY = "019b76da-a800-7000-8000-00000000000f"


def batch(client, **parts):
    return client.post("/follow-ups/batch", json=parts)


def test_batch_plans_moves_and_deletes(client, make_lead):
    lead, other = make_lead(), make_lead()
    new = [{"leadId": lead["id"], "subject": f"{each}", "dueAt": DUE} for each in range(3)]
    made = batch(client, create=new).json["created"]
    assert get(client, f"/leads/{lead['id']}")["openFollowUps"] == 3
    answer = batch(
        client,
        create=[{"leadId": other["id"], "subject": "new", "dueAt": DUE, "status": "done"}],
        update=[
            {"id": made[0], "leadId": other["id"], "version": 1},
            {"id": made[1], "status": "done", "outcome": "Yes"},
        ],
        delete=[{"id": made[2]}],
    )
    assert answer.status_code == 200
    assert (answer.json["updated"], answer.json["deleted"]) == (made[:2], made[2:])
    left = {each["subject"]: each for each in get(client, "/follow-ups")["data"]}
    assert left.keys() == {"0", "1", "new"}
    assert (left["0"]["leadId"], left["1"]["status"]) == (other["id"], "done")
    shown = [get(client, f"/leads/{each['id']}")["openFollowUps"] for each in (lead, other)]
    assert shown == [0, 1]


@pytest.mark.parametrize(
    ("wrong", "status", "field"),
    [
        ({"create": [{"subject": "a", "dueAt": DUE}]}, 400, "create[0].leadId"),
        ({"create": [{"leadId": NOBODY, "subject": "a", "dueAt": DUE}]}, 400, "create[0].leadId"),
        ({"update": [{"id": "{id}", "clientId": NOBODY}]}, 400, "update[0].clientId"),
        ({"update": [{"id": "{id}", "dueAt": "soon"}]}, 400, "update[0].dueAt"),
        ({"update": [{"id": "{id}", "version": 7, "notes": "a"}]}, 412, "update[0]"),
        ({"delete": [{"id": NOBODY}]}, 404, "delete[0]"),
        ({"delete": [{"id": "{id}", "permanent": True}]}, 400, "delete[0].permanent"),
    ],
)
def test_wrong_batch_changes_nothing_and_names_its_place(client, make_lead, wrong, status, field):
    person = {"leadId": make_lead()["id"], "subject": "a", "dueAt": DUE}
    follow_up = client.post("/follow-ups", json=person).json
    before = get(client, "/events")
    parts = {
        part: [{k: follow_up["id"] if v == "{id}" else v for k, v in each.items()} for each in some]
        for part, some in wrong.items()
    }
    parts["create"] = [{**person, "subject": "first"}] * ("create" not in parts) + [
        *parts.get("create", [])
    ]
    answer = batch(client, **parts)
    assert answer.status_code == status, answer.json
    assert [each["field"] for each in answer.json["error"]["details"]] == [field]
    assert get(client, "/events") == before


def test_nothing_of_an_erased_person_is_left_in_the_file(app, client, make_client, make_lead):
    lead = make_lead()
    customer = make_client()
    for person in ({"leadId": lead["id"]}, {"clientId": customer["id"]}):
        new = {**person, "subject": "Unforgettable", "notes": "Unmistakable", "dueAt": DUE}
        new |= {"assignee": "Unrepeatable", "outcome": "Unspeakable"}
        headers = {"Idempotency-Key": str(person)}
        follow_up = client.post("/follow-ups", json=new, headers=headers).json
        body = {"outcome": "Unbelievable", "next": {**new, "subject": "Unavoidable"}}
        client.put(f"/follow-ups/{follow_up['id']}", json={"notes": "Unthinkable"})
        headers = {"Idempotency-Key": f"{person} next"}
        done = client.post(f"/follow-ups/{follow_up['id']}/complete", json=body, headers=headers)
        assert done.status_code == 201
    client.delete(f"/leads/{lead['id']}")
    client.delete(f"/clients/{customer['id']}?permanent=true")
    assert get(client, "/follow-ups")["data"] == []
    words = [b"Unforgettable", b"Unmistakable", b"Unrepeatable", b"Unspeakable", b"Unbelievable"]
    words += [b"Unavoidable", b"Unthinkable"]
    for file in app.extensions["leadbook"].path.parent.iterdir():
        content = file.read_bytes()
        assert not [word for word in words if word in content], file.name


@pytest.mark.parametrize("seed", range(2))
def test_no_follow_up_or_ticket_points_nowhere(app, client, make_lead, make_client, seed):
    dice, said = random.Random(seed), set()
    for number in range(40):
        kind = dice.choice(["lead", "client"])
        person = make_lead() if kind == "lead" else make_client()
        link = {f"{kind}Id": person["id"]}
        for letter in "ab"[: dice.randrange(3)]:
            said.add(f"Unforgettable{number}{letter}.")
            body = {**link, "subject": f"Unforgettable{number}{letter}.", "dueAt": DUE}
            assert client.post("/follow-ups", json=body).status_code == 201
            assert client.post("/tickets", json={**link, "subject": "Help"}).status_code == 201
    for _ in range(100):
        there = {kind: sorted(people(client, kind)) for kind in ("leads", "clients")}
        if not all(there.values()):
            break
        lead, customer = (f"/{kind}/{dice.choice(ids)}" for kind, ids in there.items())
        method, path = dice.choice(
            [
                ("POST", f"{lead}/convert"),
                ("POST", f"{lead}/convert?onDuplicate=link"),
                ("DELETE", lead),
                ("DELETE", customer),
                ("POST", f"{customer}/restore"),
                ("DELETE", f"{customer}?permanent=true"),
            ]
        )
        assert client.open(path, method=method).status_code in (200, 201, 204, 409)
    left = get(client, "/follow-ups", limit=100)["data"]
    assert all(each["leadId"] or each["clientId"] for each in left)
    known = {None, *people(client, "leads"), *people(client, "clients")}
    for record in left + get(client, "/tickets", limit=100)["data"]:
        assert {record["leadId"], record["clientId"]} <= known, record
    database = app.extensions["leadbook"]
    gone = said - {each["subject"] for each in left}
    for file in database.path.parent.iterdir():
        content = file.read_bytes()
        assert not [word for word in gone if word.encode() in content], file.name
    found = check(database.path, Clock(), RECORDS, repair=False)
    assert [each for each in found if each[1]] == []


def people(client, kind):
    query = {"status": "all"} if kind == "clients" else {}
    return {each["id"] for each in get(client, f"/{kind}", limit=100, **query)["data"]}
