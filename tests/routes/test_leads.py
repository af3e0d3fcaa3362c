"""What only leads do."""

import pytest


def test_lead_starts_as_new_with_no_score(make_lead):
    lead = make_lead()
    assert (lead["status"], lead["score"]) == ("new", 0)
    assert (lead["clientId"], lead["convertedAt"]) == (None, None)


def test_two_leads_may_share_an_address(make_lead):
    first, second = make_lead(email="ada@engines.test"), make_lead(email="ada@engines.test")
    assert first["id"] != second["id"]


@pytest.mark.parametrize("status", ["new", "contacted", "qualified", "won", "lost"])
def test_every_status_can_be_given_and_left(client, make_lead, status):
    lead = make_lead(status=status)
    assert lead["status"] == status
    path = f"/leads/{lead['id']}"
    assert client.put(path, json={"status": "lost"}).json["status"] == "lost"
    assert client.put(path, json={"status": status}).json["status"] == status


def test_deleted_lead_is_gone(client, make_lead):
    lead = make_lead()
    answer = client.delete(f"/leads/{lead['id']}", headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.data) == (204, b"")
    assert client.get(f"/leads/{lead['id']}").status_code == 404
    assert client.delete(f"/leads/{lead['id']}").status_code == 404


def test_client_of_a_deleted_lead_stays_unlinked(client, make_lead):
    lead = make_lead()
    made = client.post(f"/leads/{lead['id']}/convert").json
    client.delete(f"/leads/{lead['id']}")
    left = client.get(f"/clients/{made['id']}").json
    assert left == made | {"leadId": None, "version": 2, "updatedAt": left["updatedAt"]}
