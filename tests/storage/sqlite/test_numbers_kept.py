"""The number of a ticket is never used twice, whatever is done with the file."""

import pytest

from leadbook.app import create_app
from leadbook.models import RECORDS
from leadbook.storage.clock import Clock
from leadbook.storage.sqlite.backup import back_up, restore
from leadbook.storage.sqlite.check import check
from leadbook.storage.sqlite.compact import compact
from leadbook.storage.sqlite.driver import sqlite3
from leadbook.testing import running_server


def add(client):
    return client.post("/tickets", json={"subject": "The engine stops"}).json


def back_up_and_restore(path):
    back_up(path, path.with_name("saved.db"), RECORDS, overwrite=True)
    restore(path.with_name("saved.db"), path, Clock())


def repair(path):
    with sqlite3.connect(path) as other:
        other.execute("UPDATE ticket_texts SET text = 'wrong'")
        other.execute("UPDATE ticket_counts SET count = 7")
    other.close()
    assert any(count for _, count in check(path, Clock(), RECORDS, repair=True))


CHORES = {
    "open again": lambda _path: None,
    "compact": lambda path: compact(path, print),
    "back up and restore": back_up_and_restore,
    "repair": repair,
}


@pytest.mark.parametrize("chore", CHORES.values(), ids=CHORES)
def test_number_of_an_erased_ticket_is_not_used_again(path, chore):
    for erased in ((2, 3), (1, 4)):
        app = create_app({"DATABASE": path})
        client = app.test_client()
        made = [add(client) for _ in range(3 if erased[0] == 2 else 1)]
        assert made[-1]["number"] == erased[1]
        for each in made[-erased[0] :]:
            assert client.delete(f"/tickets/{each['id']}").status_code == 204
        app.extensions["leadbook"].close()
        chore(path)
    app = create_app({"DATABASE": path})
    assert add(app.test_client())["number"] == 5
    app.extensions["leadbook"].close()


def test_write_that_is_undone_takes_no_number(client):
    add(client)
    item = {"subject": "a", "clientId": "unknown"}
    undone = client.post("/tickets/batch", json={"create": [{"subject": "a"}, item]})
    assert undone.status_code == 400
    assert add(client)["number"] == 2


def test_import_uses_no_number_of_an_erased_ticket(client):
    client.delete(f"/tickets/{add(client)['id']}")
    row = '{"subject": "The engine stops"}\n'
    report = client.post("/tickets/import", data=row, content_type="application/x-ndjson").json
    assert report["created"] == 1, report
    assert [each["number"] for each in client.get("/tickets").json["data"]] == [2]


def test_reset_of_test_mode_begins_with_one_again(path):
    with running_server(path) as leadbook:
        assert add(leadbook.client)["number"] == 1
        leadbook.reset()
        assert add(leadbook.client)["number"] == 1
        leadbook.reset()
        client, ticket = leadbook.client, add(leadbook.client)
        assert client.delete(f"/tickets/{ticket['id']}").status_code == 204
    # The file has no ticket, but knows that there was one.
    with running_server(path) as leadbook:
        assert add(leadbook.client)["number"] == 2
        leadbook.reset()
        assert add(leadbook.client)["number"] == 1
