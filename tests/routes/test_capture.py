"""Capturing leads without duplicates: POST /leads?onDuplicate=…"""

from concurrent.futures import ThreadPoolExecutor

import pytest

LEAD = {"name": "Ada Byron", "email": "ada@engines.test"}


@pytest.fixture
def client(leadbook):
    return leadbook.client


def post(client, on_duplicate, **fields):
    answer = client.post(f"/leads?onDuplicate={on_duplicate}", json=LEAD | fields)
    return answer.status_code, answer


@pytest.mark.parametrize("on_duplicate", ["create", "skip", "update", "reject"])
def test_first_lead_of_an_address_is_created(client, on_duplicate):
    status, answer = post(client, on_duplicate)
    assert (status, answer.json["status"], answer.json["score"]) == (201, "new", 0)
    assert answer.headers["Location"] == f"/leads/{answer.json['id']}"


def test_another_one_is_created_by_default(client, leadbook):
    for query in ("", "?onDuplicate=create"):
        assert client.post(f"/leads{query}", json=LEAD).status_code == 201
    assert len(leadbook.leads()) == 2


def test_skip_returns_the_open_lead_as_it_is(client, leadbook):
    lead = leadbook.add_lead(**LEAD, score=50)
    status, answer = post(client, "skip", email="ADA@Engines.test", score=1)
    assert (status, answer.json, answer.headers["ETag"]) == (200, lead, '"1"')
    assert "Location" not in answer.headers
    assert leadbook.leads() == [lead]


def test_update_changes_what_the_body_names_and_nothing_else(client, leadbook):
    lead = leadbook.add_lead(**LEAD, status="qualified", score=50, phone="1")
    status, answer = post(client, "update", notes="Asked again.", phone=None)
    assert status == 200
    assert answer.json == lead | {"notes": "Asked again.", "phone": None, "version": 2}
    assert post(client, "update", notes="Asked again.")[1].json["version"] == 2


def test_reject_names_the_open_lead(client, leadbook):
    lead = leadbook.add_lead(**LEAD)
    status, answer = post(client, "reject")
    assert (status, answer.json["error"]["code"]) == (409, "DUPLICATE_EMAIL")
    [detail] = answer.json["error"]["details"]
    assert detail == {
        "field": "email",
        "message": "An open lead has this e-mail address.",
        "existingId": lead["id"],
    }


@pytest.mark.parametrize("status", ["won", "lost"])
def test_lead_that_is_won_or_lost_is_not_looked_at(client, leadbook, status):
    leadbook.add_lead(**LEAD, status=status)
    for on_duplicate in ("skip", "reject"):
        found, answer = post(client, on_duplicate)
        assert found == 201
        client.delete(f"/leads/{answer.json['id']}")


def test_newest_of_several_is_meant(client, leadbook):
    leadbook.add_lead(**LEAD)
    leadbook.clock.advance("1h")
    newer = leadbook.add_lead(**LEAD)
    leadbook.add_lead(email="other@engines.test")
    assert post(client, "skip")[1].json == newer


def test_body_is_checked_before_anything_is_looked_for(client, leadbook):
    leadbook.add_lead(**LEAD)
    assert client.post("/leads?onDuplicate=skip", json={"email": LEAD["email"]}).status_code == 400
    assert client.post("/leads?onDuplicate=merge", json=LEAD).status_code == 400


@pytest.mark.parametrize("on_duplicate", ["skip", "update", "reject"])
def test_two_at_once_make_one_lead(leadbook, on_duplicate):
    def ask(_):
        return leadbook.client.post(f"/leads?onDuplicate={on_duplicate}", json=LEAD).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(ask, range(16)))
    other = 409 if on_duplicate == "reject" else 200
    assert statuses == sorted([201] + [other] * 15)
    assert len(leadbook.leads()) == 1
