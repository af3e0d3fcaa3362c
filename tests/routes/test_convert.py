"""How a lead becomes a client."""

import pytest


def convert(client, lead, body=None, query="", **options):
    return client.post(f"/leads/{lead['id']}/convert{query}", json=body, **options)


def test_client_is_made_of_the_fields_of_the_lead(client, make_lead):
    fields = {"phone": "1", "company": "Engines", "source": "Fair", "notes": "a\nb"}
    lead = make_lead(status="lost", score=7, **fields)
    answer = client.post(f"/leads/{lead['id']}/convert")
    made = answer.json
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/clients/{made['id']}"
    assert answer.headers["ETag"] == '"1"'
    assert {name: made[name] for name in fields} == fields
    assert (made["name"], made["email"]) == (lead["name"], lead["email"])
    assert (made["leadId"], made["status"]) == (lead["id"], "active")
    assert client.get(f"/clients/{made['id']}").json == made


def test_converted_lead_is_won_and_linked(client, make_lead):
    lead = make_lead(status="contacted")
    made = convert(client, lead, {}).json
    left = client.get(f"/leads/{lead['id']}").json
    assert (left["status"], left["clientId"], left["version"]) == ("won", made["id"], 2)
    assert left["convertedAt"] == left["updatedAt"]


def test_body_goes_over_the_fields_of_the_lead(client, make_lead):
    lead = make_lead(phone="1", company="Engines")
    made = convert(client, lead, {"name": "Eve", "email": "eve@engines.test", "phone": None}).json
    assert (made["name"], made["email"], made["phone"]) == ("Eve", "eve@engines.test", None)
    assert made["company"] == "Engines"
    assert client.get(f"/leads/{lead['id']}").json["name"] == lead["name"]


@pytest.mark.parametrize("body", [{"name": ""}, {"email": None}, {"score": 5}, {"nmae": "x"}, []])
def test_wrong_overrides_change_nothing(client, make_lead, body):
    lead = make_lead()
    assert convert(client, lead, body).status_code == 400
    assert client.get(f"/leads/{lead['id']}").json == lead


def test_repeated_conversion_answers_the_same_client(client, make_lead):
    lead = make_lead()
    first = convert(client, lead)
    second = convert(client, lead, {"name": "Other"})
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json == first.json
    assert "Location" not in second.headers
    client.delete(f"/clients/{first.json['id']}")
    assert convert(client, lead).json["status"] == "archived"


def test_address_of_an_active_client_is_a_conflict(client, make_lead, make_client):
    existing = make_client(email="ada@engines.test")
    lead = make_lead(email="ADA@engines.test")
    answer = convert(client, lead)
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "DUPLICATE_EMAIL")
    assert answer.json["error"]["details"][0]["existingId"] == existing["id"]
    assert client.get(f"/leads/{lead['id']}").json == lead
    assert client.get("/clients").json["pagination"]["total"] == 1
    assert convert(client, lead, query="?onDuplicate=reject").status_code == 409


def test_link_fills_in_only_what_is_empty(client, make_lead, make_client):
    existing = make_client(email="ada@engines.test", phone="1")
    lead = make_lead(email="ADA@engines.test", phone="2", company="Engines")
    answer = convert(client, lead, {"notes": "met"}, query="?onDuplicate=link")
    assert answer.status_code == 200
    expected = {"company": "Engines", "notes": "met", "leadId": lead["id"], "version": 2}
    assert answer.json == existing | expected | {"updatedAt": answer.json["updatedAt"]}
    left = client.get(f"/leads/{lead['id']}").json
    assert (left["status"], left["clientId"]) == ("won", existing["id"])


def test_linked_client_keeps_the_lead_it_has(client, make_lead):
    first, second = make_lead(email="ada@engines.test"), make_lead(email="ada@engines.test")
    made = convert(client, first).json
    linked = convert(client, second, query="?onDuplicate=link").json
    assert linked == made
    client.delete(f"/clients/{made['id']}?permanent=true")
    for lead in (first, second):
        assert client.get(f"/leads/{lead['id']}").json["clientId"] is None


def test_link_without_a_duplicate_makes_a_client(client, make_lead):
    assert convert(client, make_lead(), query="?onDuplicate=link").status_code == 201


@pytest.mark.parametrize("query", ["?onDuplicate=merge", "?onDuplicate=", "?on=1"])
def test_unknown_query_is_refused(client, make_lead, query):
    assert convert(client, make_lead(), query=query).status_code == 400


def test_if_match_is_the_lead_s_and_comes_before_already_converted(client, make_lead):
    lead = make_lead()
    assert convert(client, lead, headers={"If-Match": '"2"'}).status_code == 412
    assert client.get("/clients").json["pagination"]["total"] == 0
    assert convert(client, lead, headers={"If-Match": '"1"'}).status_code == 201
    assert convert(client, lead, headers={"If-Match": '"1"'}).status_code == 412
    assert convert(client, lead, headers={"If-Match": '"2"'}).status_code == 200


def test_status_of_a_converted_lead_stays(client, make_lead):
    lead = make_lead()
    convert(client, lead)
    path = f"/leads/{lead['id']}"
    answer = client.put(path, json={"status": "lost", "phone": "1"})
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "LEAD_CONVERTED")
    assert client.get(path).json["phone"] is None
    assert client.put(path, json={"status": "won", "phone": "1"}).json["phone"] == "1"


def test_unknown_lead_cannot_be_converted(client):
    assert convert(client, {"id": "nobody"}).status_code == 404


def test_empty_body_of_any_type_means_no_overrides(client, make_lead):
    for content_type in ("application/x-www-form-urlencoded", "application/json", "text/plain"):
        lead = make_lead()
        answer = client.post(f"/leads/{lead['id']}/convert", data="", content_type=content_type)
        assert answer.status_code == 201
    answer = client.post(
        f"/leads/{make_lead()['id']}/convert", data="{}", content_type="text/plain"
    )
    assert answer.status_code == 415


def test_client_shows_the_follow_ups_that_come_along_as_one_change(client, make_lead):
    lead = make_lead()
    for day in (2, 3, 4):
        plan = {"leadId": lead["id"], "subject": "Call", "dueAt": f"2030-01-0{day}T09:00:00Z"}
        assert client.post("/follow-ups", json=plan).status_code == 201
    answer = convert(client, lead)
    shown = answer.json["openFollowUps"], answer.json["nextFollowUpAt"], answer.headers["ETag"]
    assert shown == (3, "2030-01-02T09:00:00.000Z", '"2"')
    assert client.get(f"/clients/{answer.json['id']}").json == answer.json
