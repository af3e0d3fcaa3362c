"""Records whose ids, versions and times are at their limits: imported, they go on like others."""

import json
import uuid

import pytest

from leadbook.app import create_app
from leadbook.models import Lead
from leadbook.storage.clock import Clock
from leadbook.testing.app import create_test_app
from leadbook.testing.clock import LAST_ID, AdjustableClock
from leadbook.transfer.columns.kinds import kind_of

LARGEST_ID = "ffffffff-ffff-7fff-bfff-ffffffffffff"
IDS = (
    "00000000-0000-0000-0000-000000000000",
    LAST_ID,
    "ffffffff-ffff-4fff-8fff-ffffffffffff",
    LARGEST_ID,
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
)
TIMES = ("1970-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z")


def lead(id, version, time, **fields):
    record = {"name": f"N{id[-4:]}", "email": f"n{id[:4]}{id[14]}{id[-1]}@a.test", "phone": None}
    record |= {"company": None, "source": None, "notes": None, "status": "new", "score": 0}
    record |= {"clientId": None, "convertedAt": None, "version": version}
    record |= {"createdAt": time, "updatedAt": time, "openFollowUps": 0, **fields}
    # A file is ours if it has all of our columns, those of a later version too.
    return dict.fromkeys(kind_of(Lead).header) | {"id": id, "custom": {}} | record


RECORDS = [
    lead(each, version, time)
    for each, version, time in zip(
        IDS, (1, 2**53, 2**53 - 1, 2**53, 1), (*TIMES, *reversed(TIMES), TIMES[1]), strict=True
    )
]


@pytest.fixture(params=[create_app, create_test_app])
def start(request, tmp_path):
    """Return what opens the same file, as a service is started again."""

    def start():
        app = request.param({"DATABASE": tmp_path / "leadbook.db"})
        request.addfinalizer(app.extensions["leadbook"].close)
        return app.test_client()

    return start


def take(client, records):
    lines = "".join(f"{json.dumps(each)}\n" for each in records)
    answer = client.post("/leads/import", data=lines, content_type="application/x-ndjson")
    assert answer.status_code == 200, answer.json
    return answer.json


def test_records_at_their_limits_are_kept_and_live_on(start):
    client = start()
    assert take(client, RECORDS)["created"] == len(RECORDS)
    for _ in range(2):
        for record in RECORDS:
            answer = client.get(f"/leads/{record['id']}")
            assert answer.json == record
            assert answer.headers["ETag"] == f'"{record["version"]}"'
        lines = client.get("/leads/export?format=jsonl").text.splitlines()
        assert sorted(map(json.loads, lines), key=lambda each: each["id"]) == RECORDS
        walked, path = [], "/leads?limit=1"
        while path:
            page = client.get(path).json
            walked += page["data"]
            following = page["pagination"]["next"]
            path = following and f"/leads?limit=1&cursor={following}"
        assert sorted(each["id"] for each in walked) == sorted(IDS)
        client = start()
    for record in RECORDS:
        path, sent = f"/leads/{record['id']}", {"If-Match": f'"{record["version"]}"'}
        changed = client.put(path, json={"score": 5}, headers=sent)
        assert (changed.status_code, changed.json["version"]) == (200, record["version"] + 1)
        assert client.put(path, json={"score": 6}, headers=sent).status_code == 412
        made = client.post(f"{path}/convert")
        assert made.status_code == 201
        assert client.delete(path).status_code == 204


def test_new_records_get_ids_of_their_own_beside_them(start):
    for _ in range(3):
        client = start()
        take(client, RECORDS)
        ids = set()
        for number in range(20):
            body = {"name": "Ada", "email": f"ada{number}@engines.test"}
            made = client.post("/leads", json=body)
            assert made.status_code == 201, made.json
            assert uuid.UUID(made.json["id"]).version == 7
            assert made.headers["X-Request-Id"]
            ids.add(made.json["id"])
        assert len(ids) == 20
    total = client.get("/leads?search=engines").json["pagination"]["total"]
    assert total == 60


def test_values_behind_their_limits_are_rejected(start):
    client = start()
    bad = (
        lead(LARGEST_ID, 2**53 + 1, TIMES[0]),
        lead(LARGEST_ID, 0, TIMES[0]),
        lead(LARGEST_ID, 10**30, TIMES[0]),
        lead(LARGEST_ID, 1, "1969-12-31T23:59:59.999Z"),
        lead(LARGEST_ID, 1, "9999-12-31T23:59:59.999-00:01"),
        lead(LARGEST_ID, 1, "10000-01-01T00:00:00.000Z"),
        lead("g" + LARGEST_ID[1:], 1, TIMES[0]),
        lead(f"{LARGEST_ID}f", 1, TIMES[0]),
    )
    assert take(client, bad)["rejected"] == len(bad)


def test_ids_never_run_over():
    for milliseconds in (2**48 - 1, 2**48, 2**60):
        clock = Clock(lambda: milliseconds)  # noqa: B023  # it is used in this turn alone
        ids = [clock.new_id() for _ in range(5_000)]
        assert len(set(ids)) == 5_000
        assert {uuid.UUID(each).version for each in ids} == {7}
        assert max(ids) < "ffffffff-ffff-8"
    assert uuid.UUID(Clock(lambda: -5).new_id()).version == 7


def test_ids_of_a_test_clock_go_on_behind_those_it_has_made():
    first, second = AdjustableClock(1), AdjustableClock(1)
    first.set("2989-12-31T00:00:00Z")
    newest = first.new_id()
    second.skip(newest, writes=1)
    assert second.new_id() > newest
