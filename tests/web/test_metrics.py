"""What /metrics shows of one process: its figures, formats, and how few labels there are."""

import os
import random
import re
import string
import threading
from contextlib import closing

import pytest
from failing_disk import failing_disk
from places import ROOT
from raw_sockets import POST, connect, talk
from scrapes import answered, openmetrics_names, samples_of, total
from served import served

from leadbook.access.fronting import HASTE
from leadbook.app import create_app
from leadbook.server import front
from leadbook.storage.sqlite import connected_file
from leadbook.storage.sqlite.driver import sqlite3
from leadbook.testing import running_server
from leadbook.web import tallies
from leadbook.web.tallies import BUCKETS, OTHER, Kind, Tallies
from server import call

LEAD = {"name": "Ada", "email": "ada@engines.test"}
DURATION = "leadbook_http_request_duration_seconds"
ONE = Kind("GET", "/leads", "200", False)


@pytest.fixture
def app(path):
    app = create_app({"DATABASE": path, "METRICS": "on"})
    yield app
    app.extensions["leadbook"].close()


@pytest.fixture
def scrape(client):
    def scrape(**headers):
        answer = client.get("/metrics", headers=headers)
        assert answer.status_code == 200
        return answer.text

    return scrape


def test_requests_are_counted_by_method_route_and_status(client, scrape, make_lead):
    lead = make_lead()
    for _ in range(3):
        client.get(f"/leads/{lead['id']}")
    client.head(f"/v1/leads/{lead['id']}")
    client.get("/leads/unknown")
    client.put(f"/leads/{lead['id']}", json={"score": 101})
    client.open("/leads", method="OPTIONS")
    client.patch("/leads", json={})
    page = scrape()
    for method, route, status, count in (
        ("GET", "/leads/{id}", "200", 3),
        ("HEAD", "/leads/{id}", "200", 1),
        ("GET", "/leads/{id}", "404", 1),
        ("PUT", "/leads/{id}", "400", 1),
        ("POST", "/leads", "201", 1),
        ("OPTIONS", "/leads", "200", 1),
        ("PATCH", OTHER, "405", 1),
    ):
        labels = {"method": method, "route": route, "status": status}
        assert answered(page, **labels) == count, labels
        assert total(page, f"{DURATION}_count", method=method, route=route) >= count
    # A page shows what was answered before it.
    assert answered(page, route="/metrics") == 0
    assert answered(scrape(), route="/metrics", status="200") == 1


def test_route_is_as_in_the_document(app, client, scrape):
    documented = set(client.get("/openapi.json").json["paths"]) | {"/metrics"}
    for rule in app.url_map.iter_rules():
        method = min(rule.methods - {"HEAD", "OPTIONS"})
        client.open(re.sub("<[^>]+>", "x", rule.rule), method=method, buffered=True)
    routes = {sample.labels["route"] for sample in samples_of(scrape()) if "route" in sample.labels}
    assert routes == documented


def test_every_call_has_a_whole_histogram(client, scrape):
    for _ in range(20):
        client.get("/leads")
    page = scrape()
    found = [
        (float(sample.labels["le"]), sample.value)
        for sample in samples_of(page)
        if sample.name == f"{DURATION}_bucket" and sample.labels["route"] == "/leads"
    ]
    assert [bound for bound, _ in found] == [*BUCKETS, float("inf")]
    counts = [count for _, count in found]
    assert counts == sorted(counts)
    assert counts[-1] == total(page, f"{DURATION}_count", route="/leads") == 20
    assert 0 < total(page, f"{DURATION}_sum", route="/leads") < 20 * 30


def test_bound_belongs_to_its_bucket():
    counted = Tallies()
    for seconds in (0, BUCKETS[0], BUCKETS[0] + 1e-6, BUCKETS[-1], BUCKETS[-1] + 1, 1e6):
        counted.count(ONE, seconds)
    [(kind, counts, seconds)] = counted.all()
    assert kind == ONE
    assert counts == [2, 1, *[0] * (len(BUCKETS) - 3), 1, 2]
    assert seconds == pytest.approx(1e6 + 61.002, abs=0.1)


def test_kinds_without_a_place_count_as_other_kinds(monkeypatch):
    monkeypatch.setattr(tallies, "_MOST_KINDS", 3)
    counted = Tallies()
    for status in range(200, 220):
        counted.count(ONE._replace(status=str(status)), 1)
    counted.count(ONE._replace(route="/" + "x" * 1_000), 1)
    counted.count(ONE._replace(status="201"), 1)
    found = {(kind.route, kind.status): sum(counts) for kind, counts, _ in counted.all()}
    assert found == {("/leads", "200"): 1, ("/leads", "201"): 2, (OTHER, OTHER): 19}


def test_count_waits_for_the_turn_of_its_thread_and_process():
    counted = Tallies()
    counting = threading.Thread(target=counted.count, args=(ONE, 0))
    with counted._lock.held():
        counting.start()
        # Without the lock it would take microseconds.
        counting.join(0.5)
        assert counting.is_alive()
    counting.join()
    assert [sum(counts) for _, counts, _ in counted.all()] == [1]


def test_forked_processes_count_together():
    counted = Tallies()
    gate, opener = os.pipe()
    for number in range(8):
        if not os.fork():
            os.close(opener)
            # All begin at once, when the last opener is closed.
            os.read(gate, 1)
            for _ in range(2_000):
                counted.count(ONE, 0)
            for status in range(50):
                counted.count(ONE._replace(method=str(number % 2), status=str(status)), 1)
            os._exit(0)
    os.close(opener)
    os.close(gate)
    for _ in range(8):
        assert os.wait()[1] == 0
    found = {(kind.method, kind.status): sum(counts) for kind, counts, _ in counted.all()}
    shared = {(method, str(status)): 4 for method in "01" for status in range(50)}
    assert found == {("GET", "200"): 16_000} | shared


def test_hostile_requests_add_no_labels(app, client, scrape):
    random.seed(7)
    words = string.printable + "éß漢\u202e\x00%"
    for number in range(400):
        word = "".join(random.choices(words, k=random.randint(1, 30))).replace("?", "")
        method = random.choice(["GET", "POST", "DELETE", f"X{number}", word[:5].upper() or "X"])
        client.open(
            f"/{random.choice(['', 'leads/', 'v1/', 'docs/', 'metrics/'])}{word}",
            method="".join(filter(str.isalnum, method)) or "X",
            headers={"X-Request-Id": f"id{number}", "User-Agent": f"agent{number}"},
            query_string={word: word},
        )
    client.post("/leads", json=LEAD, headers={"Authorization": "Bearer leadbook_secret"})
    page = scrape()
    assert answered(page) == 401
    labels = [sample.labels for sample in samples_of(page) if "route" in sample.labels]
    rules = {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule) for rule in app.url_map.iter_rules()}
    assert {each["route"] for each in labels} <= rules | {OTHER}
    methods = {"GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS", OTHER}
    assert {each["method"] for each in labels} <= methods
    assert len(labels) < 1_000
    for secret in ("ada", "Ada", "secret", "agent", "id1"):
        assert secret not in re.sub("# .*", "", page)


def test_requests_that_the_server_refuses_count_too(start_server, path):
    server = start_server("--database", str(path), "--metrics", "on")
    get = b"GET /leads HTTP/1.1\r\nHost: localhost\r\n"
    refused = [
        (400, b"nonsense\r\n\r\n"),
        (400, get + b"Content-Length: 1, 2\r\n\r\n"),
        (413, POST + b"Content-Length: 300000\r\n\r\n"),
        (431, get + b"X: " + b"x" * 33_000 + b"\r\n\r\n"),
        (505, b"GET / HTTP/2.0\r\n\r\n"),
    ]
    for status, sent in refused[:4]:
        [(found, _)] = talk(server, sent)
        assert found == status
    page = call(server.url, "/metrics")[1].decode()
    assert answered(page, status="400") == 2
    assert answered(page, status="431", route="/leads") == 1
    assert answered(page, route=OTHER) == 1
    assert answered(page, status="413", route="/leads", method="POST") == 1
    assert answered(page) == 4


def test_request_whose_body_comes_later_counts_once(start_server, path):
    server = start_server("--database", str(path), "--metrics", "on")
    body = b'{"name": "Ada", "email": "ada@engines.test"}'
    with connect(server) as connection:
        connection.sendall(POST + b"Content-Length: %d\r\nExpect: 100-continue\r\n\r\n" % len(body))
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        connection.sendall(body)
        assert connection.recv(100).startswith(b"HTTP/1.1 201 ")
    page = call(server.url, "/metrics")[1].decode()
    assert answered(page) == answered(page, method="POST", status="201") == 1


def test_request_that_the_loop_leaves_to_a_thread_counts_once(path, monkeypatch):
    # Nothing is left of it when SQLite looks for the first time.
    monkeypatch.setattr(front, "HASTE_SECONDS", 1e-9)
    with served(path, METRICS="on") as (server, get):
        leads = [{"name": f"Ada {n}", "email": f"a{n}@engines.test"} for n in range(100)]
        client = server.app.test_client()
        assert client.post("/leads/batch", json={"create": leads}).status_code == 200
        kinds = [("/leads", "search=ng&limit=1"), ("/metrics", "")]
        for _ in range(3):
            for route, query in kinds:
                kind = {"REQUEST_METHOD": "GET", "PATH_INFO": route, "QUERY_STRING": query}
                server.service.quick.learn(kind, "200 OK", 0)
            assert get("/leads?search=ng&limit=1")[0] == 200
            # All of it, whoever has answered.
            assert total(get("/metrics")[2].decode(), "leadbook_records", kind="leads") == 100
        page = client.get("/metrics").text
    assert answered(page, method="GET", status="200") == answered(page, method="GET") == 6


def test_lock_that_another_process_holds_is_a_failed_write(client, path, scrape, monkeypatch):
    monkeypatch.setattr(connected_file, "LOCK_TIMEOUT_SECONDS", 0.1)
    assert total(scrape(), "leadbook_failed_writes_total") == 0
    assert client.post("/clients", json=LEAD).status_code == 201
    assert client.post("/clients", json=LEAD).status_code == 409
    assert client.post("/clients", json={}).status_code == 400
    assert client.put("/clients/unknown", json={}).status_code == 404
    assert total(scrape(), "leadbook_failed_writes_total") == 0
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for send in (client.post, client.put, client.delete):
            assert send("/clients/x" if send != client.post else "/leads", json=LEAD)
        assert client.get("/health").status_code == 503
        assert client.get("/leads").status_code == 200
        other.execute("ROLLBACK")
    page = scrape()
    assert answered(page, status="503") == 4
    assert total(page, "leadbook_failed_writes_total") == 3


def test_removed_file_is_an_error_until_it_is_back(client, path, scrape):
    aside = path.with_name("aside.db")
    path.rename(aside)
    answer = client.get("/metrics")
    assert (answer.status_code, answer.json["error"]["code"]) == (503, "DATABASE_UNAVAILABLE")
    assert client.post("/leads", json=LEAD).status_code == 503
    aside.rename(path)
    page = scrape()
    assert answered(page, route="/metrics", status="503") == 1
    assert total(page, "leadbook_failed_writes_total") == 1


def test_full_disk_shows_in_them(start_server, path, tmp_path, monkeypatch):
    faults = failing_disk(tmp_path, monkeypatch)
    server = start_server("--database", str(path), "--metrics", "on")
    assert server.request("POST", "/leads", LEAD)[0] == 201
    for fault, failed in (("full", 3), ("fsync", 6)):
        (faults / fault).touch()
        for _ in range(3):
            assert server.request("POST", "/leads", LEAD)[0] == 503
        # They are there while the disk fails.
        page = call(server.url, "/metrics")[1].decode()
        assert total(page, "leadbook_failed_writes_total") == failed
        assert total(page, "leadbook_records", kind="leads") == 1
        (faults / fault).unlink()
        assert server.request("GET", "/health")[0] == 200
    assert answered(page, method="POST", status="503") == 6


def test_records_are_those_of_each_status(client, scrape, make_lead, make_client):
    make_lead(status="won")
    make_lead(status="won")
    archived = make_client()
    make_client()
    client.delete(f"/clients/{archived['id']}")
    page = scrape()
    counts = {
        (sample.labels["kind"], sample.labels["status"]): sample.value
        for sample in samples_of(page)
        if sample.name == "leadbook_records"
    }
    assert counts == {
        **{("leads", status): 0 for status in ("new", "contacted", "qualified", "lost")},
        ("leads", "won"): 2,
        ("clients", "active"): 1,
        ("clients", "archived"): 1,
        **{("follow_ups", status): 0 for status in ("open", "done", "cancelled")},
        **{("tickets", status): 0 for status in ("open", "pending", "resolved", "closed")},
    }


def test_sizes_are_those_of_the_files(app, path, client, scrape, make_lead):
    make_lead()
    page = scrape()
    log = path.with_name(f"{path.name}-wal")
    assert total(page, "leadbook_database_bytes") == path.stat().st_size
    assert total(page, "leadbook_wal_bytes") == log.stat().st_size > 0
    with app.extensions["leadbook"].use() as database:
        database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    assert total(scrape(), "leadbook_wal_bytes") == 0
    assert total(page, "leadbook_info", version=app.config["API_VERSION"]) == 1


def test_broken_counts_leave_only_their_figures_out(app, client, scrape):
    with app.extensions["leadbook"].use() as database:
        database.execute_sql("ALTER TABLE client_counts RENAME TO lost")
    # The loop of the server leaves the call to a thread, which may have better luck.
    assert client.get("/metrics", environ_overrides={HASTE: True}).status_code == 503
    page = scrape()
    assert answered(page) == 0
    assert total(page, "leadbook_records") is None
    assert total(page, "leadbook_database_bytes") > 0


PLAIN = "text/plain; version=0.0.4; charset=utf-8"
OPEN = "application/openmetrics-text; version=1.0.0; charset=utf-8"
PROMETHEUS = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;q=0.4,"
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", PLAIN),
        ("*/*", PLAIN),
        ("text/plain", PLAIN),
        ("application/json", PLAIN),
        ("text/html,application/xhtml+xml,*/*;q=0.8", PLAIN),
        ("text/plain;version=0.0.4", PLAIN),
        ("application/openmetrics-text", OPEN),
        ('application/openmetrics-text; version="1.0.0"', OPEN),
        (PROMETHEUS, OPEN),
        ("application/openmetrics-text;version=1.0.0;q=0.1,text/plain;q=0.9", PLAIN),
        ("application/openmetrics-text;q=0", PLAIN),
        ("application/openmetrics-text;q=0.5,*/*", PLAIN),
        ("application/openmetrics-text,*/*;q=0.5", OPEN),
        ("application/openmetrics-text;version=0.0.1,text/plain;version=0.0.4;q=0.5", PLAIN),
        # The library alone fails on these, or repeats them in its answer.
        ("application/openmetrics-text;version=2", PLAIN),
        ("application/openmetrics-text;version=1.0.0.secret", PLAIN),
        ("application/openmetrics-text;version=one,text/plain;version=0.0.4", PLAIN),
        ("text/plain;version=abc", PLAIN),
        ("text/plain;version=" + "9" * 5_000, PLAIN),
        ("text/plain;version=\xb2", PLAIN),
        (";;;,,,=;q=x", PLAIN),
        ("application/openmetrics-text;version=1.0.0;escaping=\xe9", OPEN),
    ],
)
def test_format_is_that_which_the_caller_accepts(client, make_lead, accept, media_type):
    make_lead()
    answer = client.get("/metrics", headers={"Accept": accept})
    assert answer.status_code == 200
    found = answer.headers["Content-Type"].partition("; escaping=")[0]
    assert found == media_type
    assert answer.headers["Vary"] == "Accept"
    if found == PLAIN:
        assert total(answer.text, "leadbook_records", kind="leads") == 1
    else:
        names = openmetrics_names(answer.text)
        assert len(names) == len(set(names)) > 10
    assert client.head("/metrics", headers={"Accept": accept}).data == b""


def test_apps_of_one_process_count_for_themselves(tmp_path):
    clients = []
    for name in ("north", "south"):
        app = create_app({"DATABASE": tmp_path / f"{name}.db", "METRICS": "on"})
        clients.append(app.test_client())
    for _ in range(3):
        clients[0].post("/leads", json=LEAD)
    pages = [each.get("/metrics").text for each in clients]
    assert [answered(page) for page in pages] == [3, 0]
    assert [total(page, "leadbook_records", kind="leads") for page in pages] == [3, 0]
    for each in clients:
        each.application.extensions["leadbook"].close()


def test_another_wsgi_server_shows_no_connections(scrape):
    page = scrape()
    assert total(page, "leadbook_open_connections") is None
    assert total(page, "leadbook_queued_requests") is None


def test_test_mode_has_them_and_counts_its_faults():
    with running_server(METRICS=True) as leadbook:
        leadbook.fail("POST", "/leads", status=503)
        leadbook.fail("POST", "/leads", status=503, code="TOO_BUSY")
        leadbook.fail("POST", "/leads", status=418, code="DATABASE_UNAVAILABLE")
        for _ in range(4):
            leadbook.client.post("/leads", json=LEAD)
        page = call(leadbook.url, "/metrics")[1].decode()
    statuses = {status: answered(page, method="POST", status=status) for status in ("503", "418")}
    assert statuses == {"503": 2, "418": 1}
    assert total(page, "leadbook_failed_writes_total") == 1
    assert total(page, "leadbook_open_connections") == 1


def test_every_figure_stands_in_the_documentation(scrape):
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    section = page.partition("## Metrics\n")[2].partition("\n## ")[0]
    found = {re.sub("_(bucket|count|sum)$", "", each.name) for each in samples_of(scrape())}
    ours = {name for name in found if name.startswith("leadbook_")}
    # Those that only our server has; its tests look at them.
    ours |= {"leadbook_open_connections", "leadbook_queued_requests"}
    ours |= {"leadbook_http_requests_total", "leadbook_http_request_duration_seconds"}
    assert set(re.findall(r"^\| `(leadbook_\w+)` \|", section, re.MULTILINE)) == ours
    named = {re.sub("_bucket$", "", name) for name in re.findall(r"leadbook_\w+", section)}
    assert named == ours
