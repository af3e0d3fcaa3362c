"""A clock that moves past an expiry."""

import pytest

LEAD = {"name": "Ada Byron", "email": "ada@engines.example"}


@pytest.mark.parametrize(("later", "leads"), [("23h", 1), ("24h", 2)])
def test_idempotency_key_is_forgotten_after_a_day(leadbook, later, leads):
    headers = {"Idempotency-Key": "signup-4711"}
    for _ in range(2):
        assert leadbook.client.post("/leads", json=LEAD, headers=headers).status_code == 201
        leadbook.clock.advance(later)
    assert len(leadbook.leads()) == leads


def test_follow_up_is_due_after_two_weeks(leadbook):
    lead = leadbook.add_lead(status="contacted")
    leadbook.clock.advance("14d")
    answer = leadbook.client.put(f"/leads/{lead['id']}", json={"notes": "Called again."})
    assert lead["updatedAt"] == "2026-01-01T00:00:00.000Z"
    assert answer.json["updatedAt"] == "2026-01-15T00:00:00.000Z"
    assert answer.headers["Date"] == "Thu, 15 Jan 2026 00:00:00 GMT"
