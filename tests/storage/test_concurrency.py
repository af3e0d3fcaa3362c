"""Many at once: nothing is lost, nothing is done twice."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

THREADS = 8


def at_once(count, work):
    barrier = Barrier(count)

    def start(number):
        barrier.wait()
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(start, range(count)))


@pytest.mark.long
def test_increments_with_if_match_all_count(app, client, make_lead):
    path = f"/leads/{make_lead()['id']}"

    def increment(_):
        own = app.test_client()
        done = 0
        while done < 50:
            lead = own.get(path)
            score = (lead.json["score"] + 1) % 100
            headers = {"If-Match": lead.headers["ETag"]}
            answer = own.put(path, json={"score": score}, headers=headers)
            assert answer.status_code in (200, 412)
            done += answer.status_code == 200
        return done

    assert sum(at_once(THREADS, increment)) == 400
    lead = client.get(path).json
    assert (lead["version"], lead["score"]) == (401, 400 % 100)


def test_changes_of_different_fields_do_not_overwrite_each_other(app, client, make_lead):
    path = f"/leads/{make_lead()['id']}"
    fields = ["name", "phone", "company", "source", "notes", "email", "score", "status"]

    def change(number):
        own, field = app.test_client(), fields[number]
        for count in range(1, 51):
            value = {
                "email": f"{count}@engines.test",
                "score": count,
                "status": ("contacted", "qualified")[count % 2],
            }.get(field, f"{field} {count}")
            answer = own.put(path, json={field: value})
            assert answer.json[field] == value
        return field, value

    expected = dict(at_once(THREADS, change))
    lead = client.get(path).json
    assert {field: lead[field] for field in fields} == expected
    assert lead["version"] == 401


def test_lead_converted_many_times_at_once_makes_one_client(app, client, make_lead):
    path = f"/leads/{make_lead()['id']}/convert"
    answers = at_once(16, lambda _: app.test_client().post(path))
    assert sorted(answer.status_code for answer in answers) == [200] * 15 + [201]
    assert len({answer.json["id"] for answer in answers}) == 1
    assert client.get("/clients?status=all").json["pagination"]["total"] == 1


def test_one_address_makes_one_active_client(app, client):
    body = {"name": "Ada", "email": "ada@engines.test"}
    answers = at_once(16, lambda _: app.test_client().post("/clients", json=body))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 15
    assert client.get("/clients").json["pagination"]["total"] == 1


def test_page_and_total_agree_while_records_come(app, client):
    def write(_):
        own = app.test_client()
        for number in range(50):
            own.post("/leads", json={"name": "Ada", "email": f"ada{number}@engines.test"})

    def read(_):
        own = app.test_client()
        for _ in range(50):
            page = own.get("/leads?limit=100").json
            assert len(page["data"]) == min(100, page["pagination"]["total"])

    at_once(4, lambda number: (write, read)[number % 2](number))
    assert client.get("/leads").json["pagination"]["total"] == 100
