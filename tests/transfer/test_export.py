"""The database as a file: complete, consistent, filtered, and harmless in a spreadsheet."""

import csv
import io
import json
import socket
import threading
import urllib.request
from contextlib import closing

import pytest

from leadbook.models import Lead
from leadbook.storage.clock import Clock
from leadbook.storage.sqlite.driver import sqlite3
from leadbook.storage.sqlite.opening import open_database
from leadbook.testing import running_server
from leadbook.transfer.columns.kinds import kind_of
from leadbook.transfer.exporting import export


def records(leadbook, path, **query):
    answer = leadbook.client.get(path, query_string=query)
    assert answer.status_code == 200, answer.json
    if answer.mimetype == "text/csv":
        return list(csv.DictReader(io.StringIO(answer.text, newline="")))
    return [json.loads(line) for line in answer.text.splitlines()]


@pytest.mark.parametrize("kind", ["leads", "clients"])
def test_json_lines_are_the_records_of_the_api(leadbook, kind):
    leadbook.seed(20, 10)
    listed = leadbook.leads() if kind == "leads" else leadbook.clients()
    exported = records(leadbook, f"/{kind}/export", format="jsonl")
    assert sorted(exported, key=lambda each: each["id"]) == sorted(
        listed, key=lambda each: each["id"]
    )
    assert list(exported[0]) == list(listed[0])


@pytest.mark.parametrize("kind", ["leads", "clients"])
def test_csv_has_the_same_fields_and_values(leadbook, kind):
    leadbook.seed(20, 10)
    listed = leadbook.leads() if kind == "leads" else leadbook.clients()
    as_text = [
        {
            name: "" if value is None else str(value)
            for name, value in each.items()
            if name != "custom"
        }
        for each in listed
    ]
    for each in as_text:
        each["phone"] = f"'{each['phone']}"
    exported = [
        {name: cell for name, cell in each.items() if not name.startswith("custom.")}
        for each in records(leadbook, f"/{kind}/export")
    ]
    assert sorted(exported, key=lambda each: each["id"]) == sorted(
        as_text, key=lambda each: each["id"]
    )
    answer = leadbook.client.get(f"/{kind}/export")
    assert answer.text.startswith("id,name,email,phone,company,source,notes,nextFollowUpAt,")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{kind}-2026-01-01.csv"'
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"


def test_filters_are_those_of_the_list(leadbook):
    leadbook.seed(60, 20)
    for query in (
        {"status": "won"}, {"search": "a e"}, {"search": "x"}, {"createdSince": "2025-10-20T00:00:00Z"},
        {"email": leadbook.leads()[3]["email"].upper()}, {"status": "new", "search": "o"}, {"search": "ar", "createdSince": "2025-10-20T00:00:00Z"},
    ):  # fmt: skip
        page = leadbook.client.get("/leads", query_string={"limit": 100, **query}).json["data"]
        exported = records(leadbook, "/leads/export", **query)
        assert {each["id"] for each in exported} == {each["id"] for each in page}, query
        assert exported
    archived = leadbook.clients()[0]["id"]
    leadbook.client.delete(f"/clients/{archived}")
    assert len(records(leadbook, "/clients/export")) == 20
    assert len(records(leadbook, "/clients/export", status="active")) == 19
    assert [each["id"] for each in records(leadbook, "/clients/export", status="archived")] == [
        archived
    ]


def test_changes_come_in_their_order(leadbook):
    made = [leadbook.add_lead() for _ in range(4)]
    leadbook.client.put(f"/leads/{made[0]['id']}", json={"score": 1})
    exported = records(leadbook, "/leads/export", updatedSince="2026-01-01T00:00:00Z")
    assert [each["id"] for each in exported] == [made[number]["id"] for number in (1, 2, 3, 0)]


@pytest.mark.parametrize(
    "query", ["format=xml", "status=old", "page=1", "limit=5", "sort=name", "updatedSince=x"]
)
def test_other_queries_are_refused(leadbook, query):
    assert leadbook.client.get(f"/leads/export?{query}").status_code == 400


def test_empty_database_has_a_header_and_no_rows(leadbook):
    assert records(leadbook, "/leads/export") == []
    assert leadbook.client.get("/leads/export?format=jsonl").text == ""
    assert leadbook.client.head("/leads/export").status_code == 200


@pytest.mark.parametrize("start", list("=+-@'"))
def test_cells_that_a_spreadsheet_would_run_get_a_quote(leadbook, start):
    text = f"{start}SUM(1)"
    lead = leadbook.add_lead(company=text, notes="1\n=2")
    [cells] = records(leadbook, "/leads/export")
    assert (lead["company"], cells["company"]) == (text, f"'{text}")
    # A spreadsheet that separates by another character may begin a cell on each line.
    assert cells["notes"] == "' 1\n'=2"


def test_keys_and_limits_apply():
    with running_server(api_key="leadbook_k", RATE_LIMIT="3/minute") as leadbook:
        anyone = leadbook.app.test_client()
        for method, path in (
            ("get", "/leads/export"),
            ("post", "/leads/import"),
            ("post", "/leads/batch"),
        ):
            assert getattr(anyone, method)(path).status_code in (401, 429)
        headers = leadbook.headers
        statuses = [anyone.get("/leads/export", headers=headers).status_code for _ in range(4)]
        assert statuses == [200, 200, 200, 429]


def test_export_shows_one_state_whatever_is_written_meanwhile(tmp_path):
    database = open_database(tmp_path / "leadbook.db", Clock())
    with closing(database):
        with database.use(), database.write():
            for number in range(3_000):
                Lead.create_from({"name": f"L{number}", "email": "l@a.test", "score": 0})
        parts = export(database, kind_of(Lead), "csv")
        first = next(parts) + next(parts)
        # In a transaction each, and in another connection: all scores are 1 by then.
        with closing(sqlite3.connect(database.path)) as other:
            other.execute("UPDATE leads SET score = 1")
            other.execute("DELETE FROM leads WHERE number > 2000")
            other.commit()
        rows = list(csv.DictReader(io.StringIO((first + b"".join(parts)).decode(), newline="")))
        assert len(rows) == 3_000
        assert {row["score"] for row in rows} == {"0"}
        assert len(b"".join(export(database, kind_of(Lead), "csv")).splitlines()) == 2_001


def test_export_can_be_read_while_others_write(leadbook):
    leadbook.seed(2_000, 0)
    with urllib.request.urlopen(f"{leadbook.url}/leads/export?format=jsonl") as answer:
        first = answer.readline()
        assert (
            leadbook.client.post("/leads", json={"name": "B", "email": "b@a.test"}).status_code
            == 201
        )
        lines = [first, *answer.readlines()]
    assert len(lines) == 2_000


def test_export_that_is_broken_off_leaves_no_connection(leadbook):
    leadbook.seed(5_000, 0)
    database = leadbook.app.extensions["leadbook"]
    answer = leadbook.client.get("/leads/export", buffered=False)
    next(answer.response)
    answer.close()
    with database.use():
        # Nobody reads any more: the log can be emptied.
        assert database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0


def test_two_exports_at_once_are_the_same(leadbook):
    leadbook.seed(3_000, 0)
    files = []

    def read():
        with urllib.request.urlopen(f"{leadbook.url}/leads/export") as answer:
            files.append(answer.read())

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(files)) == 1
    assert files[0].count(b"\r\n") == 3_001


@pytest.mark.long
def test_slow_readers_of_exports_keep_nobody_waiting(start_server, tmp_path):
    path = tmp_path / "leadbook.db"
    database = open_database(path, Clock())
    with closing(database), database.use(), database.write():
        for number in range(40_000):
            Lead.create_from({"name": "N" * 200, "email": f"{number}@a.test", "notes": "x" * 600})
    server = start_server("--database", str(path))
    address = server.url.removeprefix("http://").split(":")
    readers = [socket.create_connection((address[0], int(address[1]))) for _ in range(6)]
    for reader in readers:
        # More than any buffer on the way holds.
        reader.sendall(b"GET /leads/export HTTP/1.1\r\nHost: localhost\r\n\r\n")
    for reader in readers:
        reader.settimeout(60)
        assert reader.recv(15) == b"HTTP/1.1 200 OK"
    for _ in range(20):
        assert server.request("GET", "/health")[0] == 200
        assert server.request("POST", "/leads", {"name": "A", "email": "a@a.test"})[0] == 201
    for reader in readers:
        reader.close()
