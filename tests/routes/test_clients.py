"""What only clients do: the archive, and one active client an address."""

import pytest


def archive(client, record):
    return client.delete(f"/clients/{record['id']}")


def restore(client, record, **options):
    return client.post(f"/clients/{record['id']}/restore", **options)


def test_client_starts_active_whatever_the_body_says(make_client):
    made = make_client(status="archived")
    assert (made["status"], made["archivedAt"], made["leadId"]) == ("active", None, None)


def test_two_active_clients_do_not_share_an_address(client, make_client):
    first = make_client(email="STRASSE@engines.test")
    answer = client.post("/clients", json={"name": "B", "email": "straße@ENGINES.test"})
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "DUPLICATE_EMAIL")
    [detail] = answer.json["error"]["details"]
    assert (detail["field"], detail["existingId"]) == ("email", first["id"])
    assert detail["message"]


def test_address_is_kept_as_it_was_written(make_client):
    assert make_client(email="Ada@Engines.Test")["email"] == "Ada@Engines.Test"


def test_change_cannot_take_the_address_of_another(client, make_client):
    first, second = make_client(email="a@engines.test"), make_client(email="b@engines.test")
    answer = client.put(f"/clients/{second['id']}", json={"email": "A@engines.test"})
    assert answer.json["error"]["details"][0]["existingId"] == first["id"]
    assert client.get(f"/clients/{second['id']}").json == second
    own = client.put(f"/clients/{second['id']}", json={"email": "B@engines.test"})
    assert own.json["email"] == "B@engines.test"


def test_archived_client_stays_readable(client, make_client):
    made = make_client()
    answer = archive(client, made)
    archived = answer.json
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    assert (archived["status"], archived["version"]) == ("archived", 2)
    assert archived["archivedAt"] == archived["updatedAt"]
    assert client.get(f"/clients/{made['id']}").json == archived


def test_archiving_twice_answers_the_same(client, make_client):
    made = make_client()
    assert archive(client, made).json == archive(client, made).json


def test_archived_client_cannot_be_changed(client, make_client):
    made = make_client()
    archive(client, made)
    for body in ({"name": "B"}, {}, {"name": made["name"]}):
        answer = client.put(f"/clients/{made['id']}", json=body)
        assert (answer.status_code, answer.json["error"]["code"]) == (409, "CLIENT_ARCHIVED")


def test_archived_client_frees_its_address(client, make_client):
    first = make_client(email="ada@engines.test")
    archive(client, first)
    second = make_client(email="ada@engines.test")
    answer = restore(client, first)
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "DUPLICATE_EMAIL")
    assert answer.json["error"]["details"][0]["existingId"] == second["id"]
    archive(client, second)
    assert restore(client, first).status_code == 200


def test_restored_client_is_as_it_was(client, make_client):
    made = make_client(phone="1")
    archive(client, made)
    answer = restore(client, made)
    assert answer.headers["ETag"] == '"3"'
    assert answer.json == made | {"version": 3, "updatedAt": answer.json["updatedAt"]}
    assert restore(client, made).json == answer.json


def test_restore_honours_if_match(client, make_client):
    made = make_client()
    archive(client, made)
    assert restore(client, made, headers={"If-Match": '"1"'}).status_code == 412
    assert restore(client, made, headers={"If-Match": '"2"'}).status_code == 200
    assert restore(client, {"id": "nobody"}).status_code == 404


@pytest.mark.parametrize("archived_before", [False, True])
def test_erased_client_is_gone_and_frees_its_lead(client, make_lead, archived_before):
    lead = make_lead()
    made = client.post(f"/leads/{lead['id']}/convert").json
    if archived_before:
        archive(client, made)
    answer = client.delete(f"/clients/{made['id']}?permanent=true")
    assert (answer.status_code, answer.data) == (204, b"")
    assert client.get(f"/clients/{made['id']}").status_code == 404
    left = client.get(f"/leads/{lead['id']}").json
    assert (left["clientId"], left["convertedAt"], left["version"]) == (None, None, 3)
    assert left["status"] == "won"
    assert client.post(f"/leads/{lead['id']}/convert").status_code == 201


def test_permanent_false_archives(client, make_client):
    answer = client.delete(f"/clients/{make_client()['id']}?permanent=false")
    assert answer.json["status"] == "archived"


@pytest.mark.parametrize("value", ["True", "1", "yes", ""])
def test_permanent_is_true_or_false(client, make_client, value):
    made = make_client()
    assert client.delete(f"/clients/{made['id']}?permanent={value}").status_code == 400
    assert client.get(f"/clients/{made['id']}").json == made


def test_erasing_honours_if_match(client, make_client):
    made = make_client()
    path = f"/clients/{made['id']}?permanent=true"
    assert client.delete(path, headers={"If-Match": '"7"'}).status_code == 412
    assert client.delete(path, headers={"If-Match": '"1"'}).status_code == 204
