"""The history of a record, and the feed of all events."""

import json
import shutil
from contextlib import closing

import pytest
from places import DATABASES

from leadbook.app import create_app
from leadbook.storage.clock import Clock
from leadbook.storage.sqlite.opening import open_database
from leadbook.testing import running_server

ADA = {"name": "Ada", "email": "ada@engines.test", "custom": {"Region": "North", "Seats": 1}}


def history(client, record, kind="leads", **query):
    answer = client.get(f"/{kind}/{record['id']}/history", query_string=query)
    assert answer.status_code == 200, answer.json
    return answer.json


def feed(client, status=200, **query):
    answer = client.get("/events", query_string=query)
    assert answer.status_code == status, answer.json
    return answer.json


def changes_of(event):
    return {name: (each["from"], each["to"]) for name, each in event["changes"].items()}


def kinds(events):
    return [event["type"] for event in events]


def test_history_says_what_changed_newest_first(client):
    lead = client.post("/leads", json=ADA).json
    changes = {"score": 5, "custom": {"Region": "South", "Seats": None, "VIP": True}}
    answer = client.put(f"/leads/{lead['id']}", json=changes)
    updated, created = history(client, lead)["data"]
    assert (updated["type"], updated["version"], updated["number"]) == ("lead.updated", 2, 2)
    assert updated["time"] == answer.json["updatedAt"]
    assert updated["requestId"] == answer.headers["X-Request-Id"]
    assert changes_of(updated) == {
        "score": (0, 5),
        "custom.Region": ("North", "South"),
        "custom.Seats": (1, None),
        "custom.VIP": (None, True),
    }
    # What the record began with, although it has changed since.
    assert changes_of(created) == {
        "name": (None, "Ada"),
        "email": (None, "ada@engines.test"),
        "custom.Region": (None, "North"),
        "custom.Seats": (None, 1),
        "openFollowUps": (None, 0),
        "status": (None, "new"),
        "score": (None, 0),
        "createdAt": (None, lead["createdAt"]),
    }


def test_one_and_true_are_different_values(client):
    lead = client.post("/leads", json=ADA).json
    client.put(f"/leads/{lead['id']}", json={"custom": {"Seats": True}})
    event = history(client, lead)["data"][0]
    assert json.dumps(event["changes"]) == '{"custom.Seats": {"from": 1, "to": true}}'


def test_request_that_changes_nothing_is_no_event(client):
    lead = client.post("/leads", json=ADA).json
    client.put(f"/leads/{lead['id']}", json=ADA)
    assert len(history(client, lead)["data"]) == 1


def test_each_kind_of_change_has_its_type(client):
    lead = client.post("/leads", json=ADA).json
    made = client.post(f"/leads/{lead['id']}/convert").json
    path = f"/clients/{made['id']}"
    client.delete(path)
    client.delete(path)
    client.post(f"{path}/restore")
    assert kinds(history(client, made, "clients")["data"]) == [
        "client.restored", "client.archived", "client.created",
    ]  # fmt: skip
    converted, _ = history(client, lead)["data"]
    assert converted["type"] == "lead.converted"
    assert changes_of(converted)["clientId"] == (None, made["id"])
    client.delete(f"{path}?permanent=true")
    client.delete(f"/leads/{lead['id']}")
    assert kinds(feed(client)["data"]) == [
        "lead.created", "client.created", "lead.converted", "client.archived", "client.restored", "lead.updated",
        "client.erased", "lead.deleted",
    ]  # fmt: skip


def test_history_has_pages(client):
    lead = client.post("/leads", json=ADA).json
    for score in range(1, 8):
        client.put(f"/leads/{lead['id']}", json={"score": score})
    page, numbers = history(client, lead, limit=3), []
    while True:
        numbers += [event["number"] for event in page["data"]]
        if page["pagination"]["next"] is None:
            break
        page = history(client, lead, limit=3, cursor=page["pagination"]["next"])
    assert numbers == [8, 7, 6, 5, 4, 3, 2, 1]
    assert page["pagination"] == {"limit": 3, "next": None}


def test_history_of_nothing_is_a_404(client, kind, make):
    record = make()
    permanent = "?permanent=true" if kind == "clients" else ""
    client.delete(f"/{kind}/{record['id']}{permanent}")
    for each in (record["id"], "019b76da-a800-7000-8000-000000000000", "none"):
        assert client.get(f"/{kind}/{each}/history").status_code == 404
    # A capital letter is no other record.
    other = make()
    assert client.get(f"/{kind}/{other['id'].upper()}/history").status_code == 200


def test_erased_record_leaves_a_tombstone_only(client, kind, make):
    record = make(notes="Unforgettable")
    client.put(f"/{kind}/{record['id']}", json={"notes": "Unmistakable"})
    client.delete(f"/{kind}/{record['id']}{'?permanent=true' if kind == 'clients' else ''}")
    *earlier, last = feed(client)["data"]
    assert (last["recordId"], last["kind"]) == (record["id"], kind.removesuffix("s"))
    assert [last[name] for name in ("version", "actor", "requestId", "changes", "record")] == [
        None
    ] * 5
    for event in earlier:
        assert [event[name] for name in ("actor", "requestId", "changes", "record")] == [None] * 4


def test_client_that_a_lead_became_forgets_the_words_of_the_lead(client):
    lead = client.post("/leads", json=ADA).json
    made = client.post(f"/leads/{lead['id']}/convert").json
    client.put(f"/clients/{made['id']}", json={"name": "Eve"})
    client.delete(f"/leads/{lead['id']}")
    client.put(f"/clients/{made['id']}", json={"name": "Eva"})
    found = history(client, made, "clients")["data"]
    # The first values are not known any more, and are not made up.
    assert [event["changes"] for event in found[1:]] == [None] * 3
    assert changes_of(found[0]) == {"name": ("Eve", "Eva")}


def test_feed_begins_with_the_oldest_and_goes_on(client, make_lead):
    for _ in range(5):
        make_lead()
    page = feed(client, limit=2)
    assert page["pagination"] == {"next": 2, "hasMore": True}
    page = feed(client, limit=2, after=2)
    assert [event["number"] for event in page["data"]] == [3, 4]
    page = feed(client, limit=2, after=4)
    assert ([event["number"] for event in page["data"]], page["pagination"]["hasMore"]) == (
        [5], False,
    )  # fmt: skip
    assert feed(client, after=5) == {"data": [], "pagination": {"next": 5, "hasMore": False}}
    assert feed(client, after="now") == feed(client, after=5)


def test_feed_has_the_record_as_it_is_now(client, make_lead):
    lead = make_lead()
    now = client.put(f"/leads/{lead['id']}", json={"score": 9}).json
    assert [event["record"] for event in feed(client)["data"]] == [now, now]


@pytest.mark.parametrize(
    ("types", "found"),
    [
        ("lead.*", [1, 2]), ("client.*", [3]), ("lead.updated", [2]), ("lead.updated,client.*", [2, 3]), ("lead.*,client.*", [1, 2, 3]),
        ("client.erased", []),
    ],
)  # fmt: skip
def test_feed_of_some_types(client, make_lead, make_client, types, found):
    lead = make_lead()
    client.put(f"/leads/{lead['id']}", json={"score": 1})
    make_client()
    page = feed(client, type=types)
    assert [event["number"] for event in page["data"]] == found
    # The others need not be looked at again.
    assert page["pagination"] == {"next": 3, "hasMore": False}
    assert feed(client, type=types, after=3)["data"] == []


def test_feed_of_a_rare_type_looks_at_a_part_of_the_log_at_once(client, make_lead, monkeypatch):
    monkeypatch.setattr("leadbook.storage.events._MOST_READ", 4)
    lead, *_ = [make_lead() for _ in range(10)]
    client.delete(f"/leads/{lead['id']}")
    page, seen, asked = feed(client, type="lead.deleted"), [], 1
    while True:
        seen += [event["number"] for event in page["data"]]
        if not page["pagination"]["hasMore"]:
            break
        page, asked = feed(client, type="lead.deleted", after=page["pagination"]["next"]), asked + 1
    assert (seen, asked) == ([11], 3)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"after": "-1"}, "after"), ({"after": "then"}, "after"), ({"after": 2**63}, "after"), ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"), ({"type": "lead"}, "type"), ({"type": "*"}, "type"), ({"wait": 31}, "wait"), ({"since": 1}, "since"),
    ],
)  # fmt: skip
def test_query_that_is_wrong_is_refused(client, query, field):
    error = feed(client, 400, **query)["error"]
    assert [each["field"] for each in error["details"]] == [field]


def test_number_of_another_database_is_a_410(client, make_lead):
    make_lead()
    error = feed(client, 410, after=7)["error"]
    assert error["code"] == "EVENTS_EXPIRED"
    assert error["details"][0]["oldest"] == 1


@pytest.mark.parametrize("sent", ["x", "-1", "1.5", "١", str(2**63)])
def test_last_event_id_that_is_none_is_refused(client, sent):
    headers = {"Accept": "text/event-stream", "Last-Event-ID": sent}
    answer = client.get("/events", headers=headers)
    assert answer.status_code == 400
    assert answer.json["error"]["details"][0]["field"] == "Last-Event-ID"


def test_stream_under_another_server_is_what_there_is(client, make_lead):
    lead = make_lead()
    answer = client.get("/events", headers={"Accept": "text/event-stream"})
    assert answer.content_type.startswith("text/event-stream")
    head, event, end = answer.text.split("\n\n")
    assert (head, end) == ("retry: 2000", "")
    number, data = event.split("\n")
    assert number == "id: 1"
    assert json.loads(data.removeprefix("data: "))["record"] == lead
    again = client.get("/events", headers={"Accept": "text/event-stream", "Last-Event-ID": "1"})
    assert again.text == "retry: 2000\n\n"


def test_actor_is_the_name_of_the_key(tmp_path):
    with running_server(tmp_path / "leadbook.db", api_key="secret-key-for-tests") as leadbook:
        lead = leadbook.client.post("/leads", json=ADA).json
        assert history(leadbook.client, lead)["data"][0]["actor"] == "test"


def test_import_writes_events(leadbook, take):
    take("name,email\nAda,ada@engines.test\nEve,eve@engines.test\n")
    take("name,email\nAda Byron,ada@engines.test\n", onDuplicate="update")
    events = feed(leadbook.client)["data"]
    assert kinds(events) == ["lead.created", "lead.created", "lead.updated"]
    assert changes_of(events[0])["name"] == (None, "Ada")
    assert changes_of(events[2]) == {"name": ("Ada", "Ada Byron")}
    assert all(event["requestId"] for event in events)
    # A dry run writes none.
    take("name,email\nBo,bo@engines.test\n", dryRun=True)
    assert len(feed(leadbook.client)["data"]) == 3


@pytest.fixture
def kept(tmp_path, time):
    """An app that keeps events for a day."""
    app = create_app(
        {"DATABASE": tmp_path / "kept.db", "EVENTS_KEPT": "1d"}, Clock(lambda: time[0])
    )
    yield app
    app.extensions["leadbook"].close()


def test_events_that_are_too_old_are_removed_and_a_reader_is_told(kept, time):
    client = kept.test_client()
    leads = [client.post("/leads", json=ADA).json for _ in range(3)]
    time[0] += 25 * 60 * 60 * 1000
    client.put(f"/leads/{leads[0]['id']}", json={"score": 1})
    # The write itself has removed them.
    assert [event["number"] for event in feed(client)["data"]] == [4]
    for after in (0, 2):
        error = feed(client, 410, after=after)["error"]
        assert (error["code"], error["details"][0]["oldest"]) == ("EVENTS_EXPIRED", 4)
    assert [event["number"] for event in feed(client, after=3)["data"]] == [4]
    assert len(history(client, leads[0])["data"]) == 1
    assert history(client, leads[1]) == {
        "data": [], "pagination": {"limit": 20, "next": None},
    }  # fmt: skip


def test_last_event_stays_so_that_its_number_is_not_given_again(kept, time):
    client = kept.test_client()
    lead = client.post("/leads", json=ADA).json
    time[0] += 10 * 24 * 60 * 60 * 1000
    # A quiet moment: no write.
    client.get("/leads")
    assert [event["number"] for event in feed(client)["data"]] == [1]
    time[0] += 1
    client.put(f"/leads/{lead['id']}", json={"score": 1})
    assert [event["number"] for event in feed(client)["data"]] == [2]


def test_many_old_events_are_removed_a_few_with_each_write_or_in_a_quiet_moment(kept, time):
    client = kept.test_client()
    for _ in range(60):
        client.post("/leads", json=ADA)
    time[0] += 25 * 60 * 60 * 1000
    client.post("/leads", json=ADA)
    kept.extensions["leadbook"].tidy_when_quiet()
    assert [event["number"] for event in feed(client)["data"]] == [61]


def test_changes_are_followed_although_their_events_are_removed(kept, time):
    client = kept.test_client()
    leads = [client.post("/leads", json=ADA | {"name": f"N{n}"}).json for n in range(5)]
    time[0] += 25 * 60 * 60 * 1000
    client.put(f"/leads/{leads[0]['id']}", json={"score": 1})
    query = {"updatedSince": "1970-01-01T00:00:00Z", "limit": 2}
    page = client.get("/leads", query_string=query).json
    seen = [lead["name"] for lead in page["data"]]
    while token := page["pagination"]["next"]:
        page = client.get("/leads", query_string={"cursor": token}).json
        seen += [lead["name"] for lead in page["data"]]
    assert seen == ["N1", "N2", "N3", "N4", "N0"]


@pytest.mark.parametrize("value", ["90", "d", "0d", "-1d", "90 d", "forever", ""])
def test_setting_that_is_no_time_is_refused(tmp_path, value):
    with pytest.raises(ValueError, match="EVENTS_KEPT must be a time such as 90d"):
        create_app({"DATABASE": tmp_path / "x.db", "EVENTS_KEPT": value})


def test_upgraded_file_has_an_event_for_each_record(tmp_path, clock):
    path = tmp_path / "leadbook.db"
    shutil.copy(DATABASES / "version-7.db", path)
    open_database(path, clock).close()
    app = create_app({"DATABASE": path})
    with closing(app.extensions["leadbook"]):
        client = app.test_client()
        events = feed(client)["data"]
        assert sorted(kinds(events)) == ["client.created"] * 5 + ["lead.created"] * 7
        records = {event["recordId"]: event["record"] for event in events}
        assert len(records) == 12
        assert all(event["version"] == event["record"]["version"] for event in events)
        times = [event["time"] for event in events]
        assert times == sorted(times)
        assert all(event["changes"]["name"]["to"] for event in events)
