"""The weak ETag of lists: another one after every change of a record, and a 304 without one."""

import json
from contextlib import closing

import pytest
from command import run

from leadbook.app import create_app
from leadbook.models import RECORDS, Lead
from leadbook.storage.clock import Clock
from leadbook.storage.sqlite.check import check
from leadbook.storage.sqlite.opening import open_database
from leadbook.testing import running_server


def get(client, path, tag=None):
    return client.get(path, headers={"If-None-Match": tag} if tag else {})


def tag_of(client, path="/leads"):
    answer = get(client, path)
    assert answer.status_code == 200
    return answer.headers["ETag"]


def test_unchanged_list_is_a_304(client, kind, make):
    make()
    for path in (f"/{kind}", f"/v1/{kind}?limit=1&search=ada", f"/{kind}?page=7"):
        tag = tag_of(client, path)
        assert tag.startswith('W/"')
        for same in (tag, tag.removeprefix("W/"), f'"x", {tag}', "*"):
            answer = get(client, path, same)
            assert (answer.status_code, answer.data) == (304, b"")
            assert answer.headers["ETag"] == tag
            assert answer.headers["Cache-Control"] == "private, no-cache"
            assert not {"Content-Type", "Link"} & set(dict(answer.headers))
        head = client.head(path, headers={"If-None-Match": tag})
        assert (head.status_code, head.headers["ETag"]) == (304, tag)
        for other in ('W/"x"', '""', "x", tag.replace("-", "_"), tag[:-2]):
            assert get(client, path, other).status_code == 200


def test_304_runs_no_query(app, client, make_lead, monkeypatch):
    make_lead()
    tag = tag_of(client)

    def fail(*_, **__):
        raise AssertionError("the list was queried")

    monkeypatch.setattr("leadbook.routes.leads.list_page", fail)
    assert get(client, "/leads", tag).status_code == 304
    assert get(client, "/leads").status_code == 500


def test_wrong_query_is_no_304(client):
    tag = tag_of(client)
    assert get(client, "/leads?limit=0", tag).status_code == 400
    assert get(client, "/leads?cursor=x", "*").status_code == 400


def test_only_lists_and_records_may_be_kept(client, make_lead):
    lead = make_lead()
    for path in ("/leads", "/clients?limit=5", f"/leads/{lead['id']}"):
        assert get(client, path).headers["Cache-Control"] == "private, no-cache"
    place = f"/leads/{lead['id']}"
    for answer in (
        client.get("/leads/nobody"),
        client.get("/leads?limit=0"),
        client.get("/leads/export"),
        client.get("/health"),
        client.put(place, json={"score": 1}),
        client.post("/leads", json={"name": "A", "email": "a@a.test"}),
        client.delete(place),
    ):
        assert answer.headers["Cache-Control"] == "no-store", answer.request


CHANGES = {
    "create": lambda client, _: client.post("/leads", json={"name": "A", "email": "a@a.test"}),
    "put": lambda client, one: client.put(f"/leads/{one}", json={"notes": "x"}),
    "patch": lambda client, one: client.patch(f"/leads/{one}", json={"phone": "1"}),
    "convert": lambda client, one: client.post(f"/leads/{one}/convert"),
    "erase": lambda client, one: client.delete(f"/leads/{one}"),
    "batch": lambda client, one: client.post("/leads/batch", json={"delete": [{"id": one}]}),
    "import": lambda client, _: client.post(
        "/leads/import", data=b"name,email\nA,a@a.test\n", content_type="text/csv"
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_change_gives_another_tag(client, make_lead, clock, change):
    lead, _ = make_lead(), make_lead()
    # The clock stands still: only the number of the write tells them apart.
    clock.milliseconds = lambda: 1_800_000_000_000
    seen = {tag_of(client): client.get("/leads").json}
    assert change(client, lead["id"]).status_code < 300
    for tag, page in seen.items():
        assert get(client, "/leads", tag).status_code == 200
        assert client.get("/leads").json != page


def test_changes_of_clients_too(client, make_client):
    made, tags = make_client(), []
    for send, path in (
        (client.delete, f"/clients/{made['id']}"),
        (client.post, f"/clients/{made['id']}/restore"),
        (client.delete, f"/clients/{made['id']}?permanent=true"),
    ):
        tags.append(tag_of(client, "/clients"))
        assert send(path).status_code < 300
        assert tag_of(client, "/clients") not in tags


def test_nothing_but_records_changes_the_tag(client, make_lead):
    lead = make_lead(notes="x")
    tag = tag_of(client)
    for answer in (
        client.put(f"/leads/{lead['id']}", json={"notes": "x"}),
        client.put(f"/leads/{lead['id']}", json=lead),
        client.post("/leads/batch", json={}),
        client.post("/clients", json={"name": ""}),
        client.put("/leads/nobody", json={}),
        client.get("/leads/export"),
        client.post("/leads/import?dryRun=true", data=b"name,email\n", content_type="text/csv"),
    ):
        assert answer.status_code < 500
        assert get(client, "/leads", tag).status_code == 304, answer.request


def test_failed_batch_leaves_the_tag(client, make_lead):
    make_lead()
    tag = tag_of(client)
    body = {"create": [{"name": "A", "email": "a@a.test"}], "delete": [{"id": "nobody"}]}
    assert client.post("/leads/batch", json=body).status_code == 404
    assert get(client, "/leads", tag).status_code == 304


def test_other_processes_change_the_tag(client, make_lead, path, file):
    make_lead()
    tag = tag_of(client)
    assert run("import", "leads", file, "--database", path).returncode == 0
    other = create_app({"DATABASE": path})
    with closing(other.extensions["leadbook"]):
        assert tag_of(other.test_client()) == tag_of(client) != tag


@pytest.mark.parametrize(
    "fault",
    [
        "UPDATE lead_counts SET count = 7",
        "UPDATE lead_texts SET text = 'nothing'",
        "UPDATE leads SET email_key = 'x'",
        "DELETE FROM lead_search WHERE rowid > 0",
        "UPDATE leads SET client_id = x'00', converted_at = 1",
    ],
)
def test_repair_changes_the_tag(client, make_lead, path, app, fault):
    make_lead(email="ADA@engines.test")
    with closing(open_database(path, Clock())) as opened:
        opened.execute_sql(fault)
    tag = tag_of(client)
    assert any(count for _, count in check(path, Clock(), RECORDS, repair=True))
    assert get(client, "/leads", tag).status_code == 200


def test_another_version_of_leadbook_gives_another_tag(client, app, make_lead):
    make_lead()
    tag = tag_of(client)
    app.config["API_VERSION"] = "9.9.9"
    assert get(client, "/leads", tag).status_code == 200


def test_restored_backup_is_not_taken_for_what_came_after_it(tmp_path, time):
    database, backup = tmp_path / "leadbook.db", tmp_path / "backup.db"
    seen = {}
    for name in ("First", "Second", "Third"):
        time[0] += 1
        app = create_app({"DATABASE": database}, Clock(lambda: time[0]))
        with closing(app.extensions["leadbook"]):
            client = app.test_client()
            if name == "First":
                assert run("backup", backup, "--database", database).returncode == 0
            client.post("/leads", json={"name": name, "email": "a@a.test"})
            page = client.get("/leads")
            assert seen.setdefault(page.headers["ETag"], page.json) == page.json
        done = run("restore", backup, "--database", database)
        assert done.returncode == 0, done.stderr


def test_reset_and_snapshots_of_test_mode_never_give_an_old_tag_again():
    with running_server() as leadbook:
        client, seen = leadbook.client, {}

        def look():
            page = client.get("/leads")
            shown = json.dumps(page.json)
            assert seen.setdefault(page.headers["ETag"], shown) == shown

        # The clock stands still and the numbers start again, so only the reset differs.
        for name in ("A", "B", "C"):
            leadbook.reset()
            look()
            leadbook.add_lead(name=name)
            look()
            leadbook.snapshot("one")
            leadbook.add_lead(name=f"{name}2")
            look()
            leadbook.restore("one")
            look()
            leadbook.add_lead(name=f"{name}3")
            look()
        assert len(set(seen.values())) > 6


def test_tag_is_read_before_the_list(client, app, make_lead, monkeypatch):
    """A write in between must not put its tag on an answer without it."""
    make_lead()
    state = app.extensions["leadbook"].state

    def state_and_a_write():
        seen = state()
        with app.extensions["leadbook"].write():
            Lead.create_from({"name": "Between", "email": "b@a.test"})
        return seen

    monkeypatch.setattr(app.extensions["leadbook"], "state", state_and_a_write)
    answer = client.get("/leads")
    monkeypatch.undo()
    assert answer.json["data"][0]["name"] == "Between"
    assert get(client, "/leads", answer.headers["ETag"]).status_code == 200
