"""Check and repair of a file that others use: one state is read, and nothing is brought back."""

import random
import re
import shutil
import tracemalloc
from contextlib import closing
from threading import Event, Thread

import pytest
from command import invoke
from places import DATABASES

from leadbook.app import create_app
from leadbook.models import RECORDS, Client, Lead
from leadbook.storage.clock import Clock
from leadbook.storage.sqlite.check import _Rows, check
from leadbook.storage.sqlite.driver import sqlite3
from leadbook.storage.sqlite.opening import DatabaseFileError, open_database
from leadbook.storage.sqlite.relations import Links
from leadbook.storage.sqlite.search_index import SearchIndex

LEADS, LINKS = _Rows(Lead), Links(Lead, Client)
# The structure record of the index: https://www.sqlite.org/fts5.html#the_data_table
BROKEN = {
    "structure": "UPDATE lead_search_data SET block = x'00000001ff' WHERE id = 10",
    "no structure": "DELETE FROM lead_search_data WHERE id = 10",
    "no data": "DROP TABLE lead_search_data",
    "no terms": "DROP TABLE lead_search_idx",
    "format": "UPDATE lead_search_config SET v = 99 WHERE k = 'version'",
    "no format": "DELETE FROM lead_search_config",
    "no totals": "DELETE FROM lead_search_data WHERE id = 1",
    "no settings": "DROP TABLE lead_search_config",
}


@pytest.fixture
def database(app):
    return app.extensions["leadbook"]


def faults_of(path, **options):
    return [
        found for found in check(path, Clock(), RECORDS, **{"repair": False} | options) if found[1]
    ]


def damage(path, statement):
    with closing(sqlite3.connect(path)) as other, other:
        other.execute(statement)


def total(client, search):
    page = client.get("/leads", query_string={"search": search})
    assert page.status_code == 200, page.json
    return page.json["pagination"]["total"]


def test_normal_writes_are_no_faults(app, client, database, make_lead):
    ids = [make_lead(name=f"Ada {number}")["id"] for number in range(300)]
    enough = Event()

    def write():
        number = 0
        while not enough.is_set():
            number += 1
            body = {"name": f"Grace {number}", "email": f"grace{number}@navy.test"}
            assert (
                app.test_client().put(f"/leads/{ids[number % 300]}", json=body).status_code == 200
            )

    writer = Thread(target=write)
    writer.start()
    try:
        found = [faults_of(database.path) for _ in range(5)]
    finally:
        enough.set()
        writer.join()
    assert found == [[]] * 5


def test_repair_does_not_bring_back_what_was_erased_meanwhile(client, database, make_lead):
    lead, kept = make_lead(name="Ada Byron"), make_lead(name="Grace Hopper")
    damage(database.path, "UPDATE lead_texts SET text = 'wrong'")
    with database.use():
        wrong = LEADS.wrong_texts(database)
        client.delete(f"/leads/{lead['id']}")
        client.put(f"/leads/{kept['id']}", json={"name": "Joan Clarke"})
        LEADS.mend_texts(database, wrong, print)
        assert [text for (text,) in database.execute_sql("SELECT text FROM lead_texts")] == [
            f"joan clarke\n{kept['email']}\n"
        ]
    assert faults_of(database.path) == []
    assert [total(client, name) for name in ("byron", "hopper", "clarke")] == [0, 0, 1]


def test_link_that_was_mended_meanwhile_is_left_alone(client, database, make_lead):
    lead = make_lead()
    made = client.post(f"/leads/{lead['id']}/convert").json
    with database.use():
        LINKS.mend(database, [1], print)
    assert client.get(f"/leads/{lead['id']}").json["clientId"] == made["id"]


def test_locked_database_is_no_damage(database, make_lead, monkeypatch):
    monkeypatch.setattr("leadbook.storage.sqlite.connected_file.LOCK_TIMEOUT_SECONDS", 0.1)
    make_lead()
    damage(database.path, "UPDATE lead_counts SET count = 7")
    with closing(sqlite3.connect(database.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert faults_of(database.path) == [("the counts of leads", 1)]
        with pytest.raises(DatabaseFileError, match="locked by another program"):
            faults_of(database.path, repair=True)
        other.execute("ROLLBACK")
    faults_of(database.path, repair=True)
    assert faults_of(database.path) == []


def test_index_is_made_anew_while_others_write(client, database, make_lead, monkeypatch):
    monkeypatch.setattr("leadbook.storage.sqlite.search_index._TEXTS_AT_ONCE", 4)
    ids = [make_lead(name=f"Ada {number}")["id"] for number in range(10)]
    told = []
    with database.use():
        for number, step in enumerate(SearchIndex(database, "lead_search").rebuild()):
            told.append(step)
            # One that is indexed already, one that is not yet, and new ones.
            client.put(f"/leads/{ids[0]}", json={"name": f"Grace {number}"})
            client.put(f"/leads/{ids[-1 - number]}", json={"name": f"Joan {number}"})
            client.delete(f"/leads/{ids[1 + number]}")
            make_lead(name=f"Mary {number}")
            # The old one answers meanwhile.
            assert total(client, "mary") == number + 1
    assert len(told) == 4
    assert told[-1][0] == told[-1][1] > 10
    assert faults_of(database.path) == []
    assert [total(client, name) for name in ("grace", "joan", "mary")] == [1, 4, 4]


def test_interrupted_rebuild_is_found_and_mended(client, database, make_lead, monkeypatch):
    monkeypatch.setattr("leadbook.storage.sqlite.search_index._TEXTS_AT_ONCE", 4)
    lead, *_ = [make_lead(name=f"Ada {number}") for number in range(10)]
    with database.use():
        next(SearchIndex(database, "lead_search").rebuild())
    # It stands in nobody's way.
    assert client.delete(f"/leads/{lead['id']}").status_code == 204
    assert faults_of(database.path) == [("the search index of leads", 1)]
    faults_of(database.path, repair=True)
    assert faults_of(database.path) == []
    assert total(client, "ada") == 9


def test_index_with_the_texts_of_others_is_found(database, make_lead):
    for name in ("Ada", "Eda"):
        make_lead(name=name, email="one@engines.test")
    # As many of each trigram as before.
    damage(database.path, "DROP TRIGGER lead_texts_changed")
    damage(database.path, "UPDATE lead_texts SET text = replace(text, 'ada', 'xda')")
    damage(database.path, "UPDATE lead_texts SET text = replace(text, 'eda', 'ada')")
    damage(database.path, "UPDATE lead_texts SET text = replace(text, 'xda', 'eda')")
    assert ("the search index of leads", 1) in faults_of(database.path)


def test_memory_does_not_grow_with_what_is_searched(tmp_path):
    # As in Chinese, where hardly two names share three characters.
    dice = random.Random(5)
    path = tmp_path / "leadbook.db"
    database = open_database(path, Clock())
    with closing(database), database.use(), database.write():
        for _ in range(600):
            name = "".join(chr(dice.randrange(0x4E00, 0x9FA5)) for _ in range(50))
            Lead.create_from({"name": name, "email": "a@b.test"})
    tracemalloc.start()
    try:
        assert faults_of(path) == []
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("totals", ["00", "0000", "0205", "0280"])
def test_index_that_counts_its_texts_wrong_is_mended(client, database, make_lead, totals):
    # Searches do without the totals, and erasures fail where they become less than none.
    leads = [make_lead(name=name) for name in ("Ada", "Grace")]
    assert faults_of(database.path) == []
    damage(database.path, f"UPDATE lead_search_data SET block = x'{totals}' WHERE id = 1")
    assert faults_of(database.path) == [("the search index of leads", 1)]
    faults_of(database.path, repair=True)
    assert faults_of(database.path) == []
    for lead in leads:
        assert client.delete(f"/leads/{lead['id']}").status_code == 204
    assert faults_of(database.path) == []


@pytest.mark.parametrize(
    "changes", ["'{'", "''", "'[]'", "'7'", "'null'", "x'7b7d'", "'{\"a\":1} {}'"]
)
def test_event_that_cannot_be_read_is_mended_and_breaks_nothing(
    client, database, make_lead, changes
):
    lead = make_lead()
    client.put(f"/leads/{lead['id']}", json={"score": 9})
    if changes.startswith("x"):
        changes = f"CAST({changes} || '{{' AS TEXT)"
    damage(database.path, f"UPDATE events SET changes = {changes} WHERE number = 2")
    for _ in range(2):
        [updated, created] = client.get(f"/leads/{lead['id']}/history").json["data"]
        assert (updated["changes"], created["changes"]) == (None, None)
        if faults_of(database.path):
            assert faults_of(database.path) == [("the log of events", 1)]
            faults_of(database.path, repair=True)
    assert faults_of(database.path) == []


def test_event_with_the_words_of_a_record_that_is_gone_is_mended(client, database, make_lead):
    lead = make_lead()
    client.put(f"/leads/{lead['id']}", json={"notes": "Unforgettable"})
    damage(database.path, f"DELETE FROM leads WHERE id = x'{lead['id'].replace('-', '')}'")
    assert ("the log of events", 2) in faults_of(database.path)
    faults_of(database.path, repair=True)
    assert faults_of(database.path) == []
    for event in client.get("/events").json["data"]:
        assert [event[name] for name in ("changes", "requestId", "actor")] == [None] * 3


@pytest.mark.parametrize("what", BROKEN)
def test_index_that_cannot_be_opened_is_mended(tmp_path, caplog, what):
    path = tmp_path / "leadbook.db"
    app = create_app({"DATABASE": path})
    for name in ("Ada", "Grace"):
        body = {"name": name, "email": f"{name}@engines.test"}
        lead = app.test_client().post("/leads", json=body).json
    app.extensions["leadbook"].close()
    damage(path, BROKEN[what])
    # It opens, says so in one line, and shows its records.
    client = create_app({"DATABASE": path}).test_client()
    [line] = [record.getMessage() for record in caplog.records]
    assert re.fullmatch(
        r"The search index of leads cannot be used: .+ `leadbook check --repair`\.", line
    )
    assert client.get(f"/leads/{lead['id']}").json == lead
    assert client.get("/leads").json["pagination"]["total"] == 2
    client.application.extensions["leadbook"].close()
    assert invoke("check", "--database", path).returncode == 1
    repaired = invoke("check", "--repair", "--database", path)
    assert (repaired.returncode, "search index of leads: 1 wrong" in repaired.stdout) == (0, True)
    client = create_app({"DATABASE": path}).test_client()
    assert [total(client, name) for name in ("ada", "grace")] == [1, 1]
    assert client.delete(f"/leads/{lead['id']}").status_code == 204
    assert total(client, "grace") == 0
    client.application.extensions["leadbook"].close()
    assert faults_of(path) == []


def test_index_that_erasures_had_broken_is_whole_after_opening(tmp_path, caplog):
    # Made by version 0.1.0: twenty leads, two of them converted, and a thousand erased.
    path = tmp_path / "leadbook.db"
    shutil.copy(DATABASES / "version-4-broken-index.db", path)
    open_database(path, Clock()).close()
    [line] = [record.getMessage() for record in caplog.records]
    assert "upgraded" in line
    client = create_app({"DATABASE": path}).test_client()
    assert [total(client, words) for words in ("", "ada", "street 1", "vanished")] == [20, 2, 11, 0]
    assert client.get("/clients").json["pagination"]["total"] == 2
    body = {"name": "New", "email": "new@a.test"}
    assert client.post("/leads", json=body).status_code == 201
    client.application.extensions["leadbook"].close()
    assert faults_of(path) == []
