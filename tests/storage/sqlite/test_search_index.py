"""The search index: in step with the rows, and rid of those that are erased."""

import random

import pytest

from leadbook.app import create_app
from leadbook.bench import fts5
from leadbook.models import RECORDS
from leadbook.storage.clock import Clock
from leadbook.storage.sqlite.check import check
from leadbook.storage.sqlite.search_index import ERASES_ENTRIES, SearchIndex

# No other record has any of these characters, so that they stand for it in the index.
RARE = "\ua66e\ua66f\ua670\ua671"


@pytest.fixture
def clock(time):
    """Return a clock that gives the same ids in each run.

    Others may have any bytes: two of a time and one of the version have been `hop`.
    """
    return Clock(lambda: time[0], random.Random(1))


def pieces(text):
    return [text[place : place + 3].encode() for place in range(len(text) - 2)]


def bytes_of(app):
    app.extensions["leadbook"].close()
    folder = app.extensions["leadbook"].path.parent
    return b"".join(file.read_bytes() for file in folder.iterdir())


def test_pieces_of_an_erased_record_are_gone_from_the_file(app, client, make_lead, make_client):
    for make in (make_lead, make_client):
        for number in range(60):
            make(name=f"{RARE if number == 20 else 'Ada'} {number}", company="Engines")
    found = {
        path: client.get(path, query_string={"search": RARE}).json["data"]
        for path in ("/leads", "/clients")
    }
    assert any(piece in bytes_of(app) for piece in pieces(RARE))
    for path, [record] in found.items():
        query = "?permanent=true" if path == "/clients" else ""
        assert client.delete(f"{path}/{record['id']}{query}").status_code == 204
    assert not any(piece in bytes_of(app) for piece in pieces(RARE))


def test_pieces_of_a_former_name_are_not_found(client, make_lead):
    lead = make_lead(name="Grace Hopper")
    client.put(f"/leads/{lead['id']}", json={"name": "Ada Byron"})
    for search, total in (("hop", 0), ("ada byr", 1), ("grace", 0)):
        page = client.get("/leads", query_string={"search": search}).json
        assert page["pagination"]["total"] == total


def test_write_that_is_undone_leaves_index_and_counts_alone(app, client, make_client, tmp_path):
    make_client(email="ada@engines.test")
    body = {"name": "Grace Byron", "email": "ADA@engines.test"}
    assert client.post("/clients", json=body).status_code == 409
    assert client.get("/clients?search=byron").json["pagination"]["total"] == 1
    app.extensions["leadbook"].close()
    faults = [
        each for each in check(tmp_path / "leadbook.db", Clock(), RECORDS, repair=False) if each[1]
    ]
    assert faults == []


@pytest.mark.long
def test_erasures_do_not_wear_out_the_index(app, client, make_lead, make_client):
    for number in range(20):
        make_lead(name=f"Ada Byron {number}", company=f"Engines {number}")
    size = len(bytes_of(app))
    for number in range(150):
        lead = make_lead(name=f"{RARE} {number}")
        # What a former name has left there goes with the record, too.
        client.put(f"/leads/{lead['id']}", json={"name": "Grace Hopper"})
        assert client.delete(f"/leads/{lead['id']}").status_code == 204
        erased = make_client(name=f"{RARE} {number}")
        assert client.delete(f"/clients/{erased['id']}?permanent=true").status_code == 204
    with app.extensions["leadbook"].use() as database:
        for index in ("lead_search", "client_search"):
            assert fts5.levels(database.connection(), index) <= 10
        events, _ = database.last_event()
    assert client.get("/leads?search=byron").json["pagination"]["total"] == 20
    assert events >= 5 * 150
    kept = bytes_of(app)
    # The log keeps that they are gone.
    assert len(kept) <= 1.2 * size + 100 * events
    assert [piece for piece in [*pieces(RARE), b"hop"] if piece in kept] == []


def test_sqlite_that_only_voids_entries_has_them_removed_with_the_write(tmp_path, monkeypatch):
    # As before SQLite 3.42: in the file there is no word of what FTS5 has to erase.
    for module in ("search_index", "searched_text"):
        monkeypatch.setattr(f"leadbook.storage.sqlite.{module}.ERASES_ENTRIES", False)
    app = create_app({"DATABASE": tmp_path / "leadbook.db"})
    client = app.test_client()
    rare = {"name": f"{RARE} Byron", "email": "ada@engines.test"}
    ids = client.post("/leads/batch", json={"create": [rare, rare]}).json["created"]
    assert client.delete(f"/leads/{ids[0]}").status_code == 204
    assert client.get("/leads", query_string={"search": RARE}).json["pagination"]["total"] == 1
    assert client.delete(f"/leads/{ids[1]}").status_code == 204
    assert not any(piece in bytes_of(app) for piece in pieces(RARE))


def version_of_index(database):
    [[version]] = database.execute_sql("SELECT v FROM lead_search_config WHERE k = 'version'")
    return version


def test_index_that_an_older_sqlite_cannot_read_is_made_anew_by_it(
    app, client, make_lead, monkeypatch
):
    make_lead(name="Ada Byron")
    client.delete(f"/leads/{make_lead(name='Grace Hopper')['id']}")
    versions = []
    with app.extensions["leadbook"].use() as database:
        if ERASES_ENTRIES:
            versions.append(version_of_index(database))
        monkeypatch.setattr("leadbook.storage.sqlite.search_index.ERASES_ENTRIES", False)
        SearchIndex(database, "lead_search").prepare()
        versions.append(version_of_index(database))
    assert versions == ([5, 4] if ERASES_ENTRIES else [4])
    assert client.get("/leads?search=byron").json["pagination"]["total"] == 1
