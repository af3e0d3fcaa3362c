"""The bench measures what it says: the rows, the load, the verdicts."""

import itertools
import json
import socketserver
import threading
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from places import ROOT

from leadbook.bench import compare, connections, erasures, fts5, load, rows
from leadbook.bench.verdict import Bound
from leadbook.models import Client, Comment
from leadbook.storage.clock import Clock
from leadbook.storage.sqlite.driver import sqlite3
from leadbook.storage.sqlite.opening import open_database


def test_rows_are_the_same_each_time_and_hold_their_words():
    made = list(rows.rows(2000))
    assert made == list(rows.rows(2000))
    companies = [row.fields["company"].lower() for row in made]
    assert sum(rows.COMMON_WORD in company for company in companies) >= 200
    assert sum(rows.RARE_WORD in company for company in companies) == rows.RARE_ROWS
    assert any(all(word in company for word in rows.TWO_WORDS.split()) for company in companies)
    assert [row.fields["status"] for row in made].count("won") == 2
    times = [row.stamp for row in made]
    imported = [row.stamp for row in rows.rows(2000, imported=True)]
    assert times == sorted(times)
    assert imported != times
    assert sorted(imported) == times


def test_load_counts_every_answer(start_server, tmp_path):
    server = start_server("--database", str(tmp_path / "leadbook.db"))
    port = urlsplit(server.url).port
    bodies = (json.dumps(row.fields).encode() for row in rows.rows(100_000))
    requests = (load.post("/leads", body) for body in bodies)
    # On a busy machine, a moment may be over before the first answer.
    for seconds in (0.2, 2, 20):
        before = server.request("GET", "/leads")[1]["pagination"]["total"]
        done = load.run(port, requests, seconds, warm_up=0)
        if done.answers:
            break
    kept = server.request("GET", "/leads")[1]["pagination"]["total"] - before
    # Those that came back after the end are waited for, and not counted.
    assert 0 < done.answers <= kept <= done.answers + load.CONNECTIONS
    assert 0 < done.p50 <= done.p99
    with pytest.raises(connections.LoadError, match="404"):
        load.run(port, itertools.repeat(load.get("/nowhere")), 5)


def test_answer_is_complete_with_its_last_byte():
    known = b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n[1]"
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n[1]\r\n0\r\n\r\n"
    for answer in (known, chunked):
        assert [connections.is_complete(answer[:end]) for end in range(len(answer))].count(
            True
        ) == 0
        assert connections.is_complete(answer)
    with pytest.raises(connections.LoadError, match="500"):
        connections.is_complete(known.replace(b"200 OK", b"500 Oh"))


def test_load_survives_a_server_that_closes_each_connection():
    answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\n[1]"

    class OneAnswer(socketserver.StreamRequestHandler):
        def handle(self):
            # What is left unread would reset the connection.
            while self.rfile.readline().strip():
                pass
            self.wfile.write(answer)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), OneAnswer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        requests = itertools.repeat(load.get("/"))
        done = load.run(server.server_address[1], requests, 0.1, connections=2, warm_up=0)
        server.shutdown()
        thread.join()
    assert done.answers > 2


def test_verdict_tells_whether_a_bound_holds():
    assert Bound("≥", 2).verdict(2) == Bound("≤", 2).verdict(2) == "met"
    assert Bound("≥", 2).verdict(1.9) == Bound("≤", 2).verdict(2.1) == "**missed**"


def test_levels_of_an_index_are_counted():
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute("CREATE VIRTUAL TABLE words USING fts5 (text)")
        assert fts5.levels(connection, "words") == 0
        for word in ("ada", "byron"):
            connection.execute("INSERT INTO words (text) VALUES (?)", (word,))
            assert fts5.levels(connection, "words") == 1
        # What a merge makes lies one level above what it takes.
        connection.execute("INSERT INTO words (words, rank) VALUES ('merge', -500)")
        assert fts5.levels(connection, "words") == 2


def test_erasures_leave_nothing_and_are_timed(tmp_path):
    with closing(open_database(tmp_path / "leadbook.db", Clock())) as database, database.use():
        seconds, levels = erasures.erase(database, 3)
        assert database.execute_sql("SELECT count(*) FROM leads").fetchone() == (0,)
    assert len(seconds) == 3
    assert min(seconds) > 0
    assert 0 < levels <= fts5.MOST_LEVELS


@pytest.mark.parametrize(("tickets", "left"), [("erase", []), ("keep", ["[erased]"] * 2)])
def test_client_with_tickets_is_erased_and_timed(tmp_path, tickets, left):
    path = tmp_path / "leadbook.db"
    assert erasures.seconds_with_tickets(2, tickets, path) > 0
    with closing(open_database(path, Clock())) as database, database.use():
        assert Client.select().count() == 0
        assert [each.text.split(" has")[0] for each in Comment.select()] == left


def test_picture_of_the_readme_shows_the_figures_of_the_report():
    results = ROOT / "bench" / "results"
    drawn = compare.picture((results / "compare.md").read_text(encoding="utf-8"))
    assert (results / "compare.svg").read_text(encoding="utf-8") == drawn
    assert "(bench/results/compare.svg)" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert drawn.count("<rect") >= 4
