"""The clock of test mode: one for every time, expiry and window."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from waiting import wait_until

LEAD = {"name": "Ada Byron", "email": "ada@engines.test"}


@pytest.fixture
def app(app_in_test_mode):
    return app_in_test_mode


def test_clock_is_the_one_of_every_time(client, make_lead):
    at = client.put("/_test/clock", json={"at": "2030-05-01T12:00:00+02:00"}).json
    assert at == {"at": "2030-05-01T10:00:00.000Z", "running": False}
    lead = make_lead()
    answer = client.get("/leads")
    assert lead["createdAt"] == "2030-05-01T10:00:00.000Z"
    assert answer.headers["Date"] == "Wed, 01 May 2030 10:00:00 GMT"
    reset = int(datetime(2030, 5, 1, 10, 1, tzinfo=UTC).timestamp())
    assert answer.headers["X-RateLimit-Reset"] == str(reset)
    client.put("/_test/clock", json={"advance": "45s"})
    changed = client.put(f"/leads/{lead['id']}", json={"score": 1}).json
    assert changed["updatedAt"] == "2030-05-01T10:00:45.000Z"


def test_rate_limit_window_passes_with_the_clock(client):
    statuses = [client.get("/leads").status_code for _ in range(51)]
    assert statuses == [200] * 50 + [429]
    # What a test asks for is not counted, and not refused.
    assert client.put("/_test/clock", json={"advance": "60s"}).status_code == 200
    assert client.get("/leads").status_code == 200
    remaining = [client.get("/_test/clock").headers["X-RateLimit-Remaining"] for _ in range(2)]
    assert remaining == ["49", "49"]


def test_stored_answer_expires_with_the_clock(client):
    key = {"Idempotency-Key": "once"}
    made = client.post("/leads", json=LEAD, headers=key)
    client.put("/_test/clock", json={"advance": "23h"})
    assert client.post("/leads", json=LEAD, headers=key).json == made.json
    client.put("/_test/clock", json={"advance": "1h"})
    assert client.post("/leads", json=LEAD, headers=key).json["id"] != made.json["id"]


def test_running_clock_goes_on_from_where_it_was_set(client):
    client.put("/_test/clock", json={"at": "2030-01-01T00:00:00Z", "running": True})
    times = [client.get("/_test/clock").json["at"] for _ in range(200)]
    assert times == sorted(times)
    assert times[0] != times[-1]
    assert times[-1].startswith("2030-01-01T00:0")
    stopped = client.put("/_test/clock", json={"running": False}).json["at"]
    assert client.get("/_test/clock").json["at"] == stopped


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"at": "yesterday"}, "at"),
        ({"at": "2026-01-01T00:00:00"}, "at"),
        ({"at": "0001-01-01T00:00:00Z"}, "at"),
        ({"at": "2990-01-02T00:00:00Z"}, "at"),
        ({"advance": "soon"}, "advance"),
        ({"advance": "99999w"}, "advance"),
        ({"at": "2026-02-01T00:00:00Z", "advance": "0d"}, "advance"),
        ({"running": "yes"}, "running"),
        ({"running": 1}, "running"),
        ({"runing": True}, "runing"),
    ],
)
def test_clock_refuses_what_it_cannot_be(client, body, field):
    answer = client.put("/_test/clock", json=body)
    assert answer.status_code == 400
    assert answer.json["error"]["details"][0]["field"] == field
    assert client.get("/_test/clock").json["at"] == "2026-01-01T00:00:00.000Z"


def test_clock_of_the_fixture_does_what_the_call_does(leadbook):
    clock = leadbook.clock
    clock.set(datetime(2030, 5, 1, 12, tzinfo=timezone(timedelta(hours=2))))
    assert clock.now() == "2030-05-01T10:00:00.000Z"
    with pytest.raises(ValueError, match="a time with its UTC offset"):
        clock.set(datetime(2030, 5, 1, 12))  # noqa: DTZ001  # what is refused
    clock.advance(timedelta(minutes=1))
    clock.run()
    began = clock.now()
    wait_until(lambda: clock.now() > began)
    assert began >= "2030-05-01T10:01:00.000Z"
    clock.stop()
    assert not clock.is_running
    assert clock.now() == leadbook.client.get("/_test/clock").json["at"] == clock.now()


def test_restored_clock_goes_on_from_the_snapshot(client):
    client.put("/_test/clock", json={"running": True})
    client.put("/_test/snapshots/s")
    client.put("/_test/clock", json={"advance": "1h"})
    client.post("/_test/snapshots/s/restore")
    clock = client.get("/_test/clock").json
    assert clock["running"]
    assert clock["at"] < "2026-01-01T00:30"


@pytest.mark.parametrize("duration", ["1000000d", "100000w", "soon"])
def test_duration_that_is_too_long_is_told_the_largest_number(client, duration):
    answer = client.put("/_test/clock", json={"advance": duration})
    assert answer.status_code == 400
    assert "99999" in answer.json["error"]["details"][0]["message"]
