"""Clients whose addresses are one since version 6: all are kept, and a person decides."""

import logging
import re
import shutil
from contextlib import closing

import pytest
from command import run
from places import DATABASES

from leadbook.app import create_app
from leadbook.models import RECORDS
from leadbook.storage.clock import Clock
from leadbook.storage.sqlite import upgrade
from leadbook.storage.sqlite.backup import restore
from leadbook.storage.sqlite.check import check
from leadbook.storage.sqlite.driver import sqlite3
from leadbook.storage.sqlite.opening import open_database

SAMPLE = DATABASES / "version-5-clashes.db"
# By name: those that have one address, the one that keeps it first.
CLASHES = [
    ("Inigo Habito", "Íñigo Hábito"),
    ("Lukasz Zuk", "Łukasz Żuk"),
    ("Seán Ó Briain", "Sean O'Brien"),
]


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "leadbook.db"
    shutil.copy(SAMPLE, path)
    path.chmod(0o600)
    return path


@pytest.fixture
def client(path):
    app = create_app({"DATABASE": path})
    yield app.test_client()
    app.extensions["leadbook"].close()


@pytest.fixture
def people(client):
    page = client.get("/clients?status=all&limit=100").json
    return {record["name"]: record for record in page["data"]}


def addresses(path):
    with closing(sqlite3.connect(path)) as reader:
        return [
            reader.execute(f"SELECT id, name, email, version, updated_at FROM {table}").fetchall()
            for table in ("leads", "clients")
        ]


def respelled(email):
    # Not the domain: the capitals of faß.example are those of fass.example.
    local, _, domain = email.partition("@")
    return f"{local.upper()}@{domain}"


def lines_of(records):
    return [each.getMessage() for each in records if "same e-mail" in each.getMessage()]


def test_upgrade_changes_no_record_and_names_each_clash(path, caplog):
    before = addresses(path)
    open_database(path, Clock()).close()
    assert addresses(path) == before
    ids = {name: stored.hex() for stored, name, *_ in before[1]}
    lines = lines_of(caplog.records)
    assert len(lines) == len(CLASHES)
    for line, names in zip(lines, CLASHES, strict=True):
        assert all(ids[name] in line.replace("-", "") for name in names)
        assert "@" not in line
        assert "Change the address of all but one, or archive them." in line


def test_check_goes_on_naming_them_and_repairs_nothing(path):
    open_database(path, Clock()).close()
    for options in ((), ("--repair",), ()):
        done = run("check", *options, "--database", path)
        assert done.returncode == 0
        assert "wrong" not in done.stdout
        assert done.stdout.count("have the same e-mail address") == len(CLASHES)


def test_restored_copy_is_upgraded_in_the_same_way(path, tmp_path, caplog):
    restore(path, tmp_path / "other.db", Clock(), keys="open")
    assert len(lines_of(caplog.records)) == len(CLASHES)
    assert not any(dict(check(tmp_path / "other.db", Clock(), RECORDS, repair=False)).values())


def test_only_a_few_clashes_are_told_at_once(path, caplog, monkeypatch):
    monkeypatch.setattr(upgrade, "_MOST_SHOWN", 1)
    open_database(path, Clock()).close()
    assert len(lines_of(caplog.records)) == 1
    assert "`leadbook check` lists 2 more such addresses." in caplog.messages


@pytest.mark.parametrize("names", CLASHES)
def test_clients_of_one_address_are_found_changed_and_told_apart(client, people, names):
    owner, other = (people[name] for name in names)
    for email in (owner["email"], respelled(other["email"])):
        found = client.get("/clients", query_string={"email": email}).json["data"]
        assert {record["id"] for record in found} == {owner["id"], other["id"]}
    for each in (owner, other):
        place = f"/clients/{each['id']}"
        # As it was read; then another field; then another spelling.
        assert client.put(place, json=each).json == each
        changed = client.put(place, json={"phone": "1"}).json
        assert (changed["phone"], changed["email"]) == ("1", each["email"])
    new = {"email": respelled(other["email"])}
    refused = client.put(f"/clients/{other['id']}", json=new)
    assert refused.status_code == 409
    assert refused.json["error"]["details"][0]["existingId"] == owner["id"]
    assert client.put(f"/clients/{owner['id']}", json=new).status_code == 200
    assert client.post("/clients", json={"name": "New"} | new).status_code == 409


def test_clash_ends_when_one_is_archived_or_gets_another_address(client, people, path):
    pairs = [[people[name] for name in names] for names in CLASHES]
    for (owner, other), solve in zip(pairs, ("archive", "change", "erase"), strict=True):
        place = f"/clients/{other['id']}"
        if solve == "archive":
            assert client.delete(place).json["status"] == "archived"
            assert client.post(f"{place}/restore").status_code == 409
        elif solve == "change":
            new = {"email": "free@engines.example"}
            assert client.put(place, json=new).json["email"] == new["email"]
            assert client.post("/clients", json={"name": "A"} | new).status_code == 409
        else:
            assert client.delete(f"/clients/{owner['id']}?permanent=true").status_code == 204
            taken = client.post("/clients", json={"name": "A", "email": other["email"]})
            assert taken.json["error"]["details"][0]["existingId"] == other["id"]
            found = client.get("/clients", query_string={"email": owner["email"]}).json
            assert [each["id"] for each in found["data"]] == [other["id"]]
    client.application.extensions["leadbook"].close()
    with closing(sqlite3.connect(path)) as reader:
        marked = reader.execute("SELECT name FROM clients WHERE shares_address").fetchall()
    # The index guards the addresses of all others again.
    assert marked == [(CLASHES[2][1],)]
    done = run("check", "--database", path)
    assert (done.returncode, "same e-mail" in done.stdout) == (0, False)


def test_lead_is_linked_to_the_one_that_keeps_the_address(client, people):
    owner, other = (people[name] for name in CLASHES[0])
    lead = client.post("/leads", json={"name": "L", "email": other["email"]}).json
    linked = client.post(f"/leads/{lead['id']}/convert?onDuplicate=link")
    assert linked.json["id"] == owner["id"]


def test_what_version_5_took_for_one_is_two(client, people):
    assert client.post(f"/clients/{people['Groß Straße']['id']}/restore").status_code == 200
    # And the reverse: archived clients are in nobody's way.
    assert client.post(f"/clients/{people['İstanbul Çelik']['id']}/restore").status_code == 409


def test_names_of_older_files_are_found_and_ordered_without_accents(client):
    for search, names in {
        "habito": ["Hábito"],
        "istanbul": ["ISTANBUL", "İstanbul Tekstil"],
        "wide": ["Ｗｉｄｅ Ltd"],
        "dang thi": ["Đặng Thị Ánh"],
    }.items():
        page = client.get("/leads", query_string={"search": search, "limit": 100}).json
        assert sorted(each["name"] for each in page["data"]) == names
    page = client.get("/leads?sort=name&order=asc&limit=100").json
    names = [each["name"] for each in page["data"]]
    # The three Zoes are one, and in the order of their ids.
    assert names[names.index("Zoe") :][:3] == ["Zoe", "Zoë", "zoe"]
    assert names.index("Đặng Thị Ánh") < names.index("Hábito") < names.index("İstanbul Tekstil")


def test_addresses_that_are_refused_today_stay_and_can_be_read_and_found(client):
    for email in ("shy\u200b@example.test", "mailto:ada@example.test", "ada@example.test,"):
        [lead] = client.get("/leads", query_string={"email": email}).json["data"]
        assert lead["email"] == email
        assert client.put(f"/leads/{lead['id']}", json={"score": 9}).status_code == 200
        assert client.put(f"/leads/{lead['id']}", json={"email": email}).status_code == 400


def test_index_is_left_alone_where_all_texts_stay_the_same(path):
    with closing(sqlite3.connect(path)) as writer, writer:
        for table in ("lead", "client"):
            accented = (
                f"SELECT number FROM {table}_texts WHERE length(CAST(text AS BLOB)) <> length(text)"
            )
            writer.execute(f"DELETE FROM {table}s WHERE number IN ({accented})")
        writer.execute("CREATE TABLE seen AS SELECT * FROM lead_search_data")
    open_database(path, Clock()).close()
    with closing(sqlite3.connect(path)) as reader:
        now, before = (
            set(reader.execute(f"SELECT * FROM {table}")) for table in ("lead_search_data", "seen")
        )
    assert now == before
    assert len(now) > 2


def test_damaged_index_does_not_keep_a_file_from_being_upgraded(path, caplog):
    with closing(sqlite3.connect(path)) as writer, writer:
        writer.execute("DELETE FROM lead_search_config")
    open_database(path, Clock()).close()
    assert not any("cannot be used" in each for each in caplog.messages)
    assert not any(dict(check(path, Clock(), RECORDS, repair=False)).values())


def test_long_upgrade_says_how_far_it_is(path, caplog, monkeypatch):
    monkeypatch.setattr(upgrade, "_SECONDS_BETWEEN_LINES", 0)
    monkeypatch.setattr(upgrade, "STEPS", 100)
    with caplog.at_level(logging.WARNING):
        open_database(path, Clock()).close()
    told = [
        re.fullmatch(
            r"The upgrade has taken 0 seconds so far, and is at step (\d) of (\d); .*", each
        )
        for each in caplog.messages
    ]
    steps = [(int(each[1]), int(each[2])) for each in told if each]
    assert steps == sorted(steps)
    # The copy, and each script since version 5.
    count = upgrade.USER_VERSION - 5 + 1
    assert {of for _, of in steps} == {count}
    assert {at for at, _ in steps} > {1, 2}
