"""Damaged fields of one's own: the rest stays readable, and check mends what it can."""

from contextlib import closing

import pytest
from command import run

from leadbook.models import RECORDS
from leadbook.storage.clock import Clock
from leadbook.storage.custom_values import cleaned, merged
from leadbook.storage.json_text import as_text
from leadbook.storage.sqlite.check import check
from leadbook.storage.sqlite.driver import sqlite3

# What stands in the file, what an answer shows, and what check makes of it.
MENDED = [
    ('{"b":1,"a":2}', {"a": 2, "b": 1}, '{"a":2,"b":1}'),
    ('{ "a" : 5.0 }', {"a": 5}, '{"a":5}'),
    ('{"a":null,"b":1}', {"a": None, "b": 1}, '{"b":1}'),
    ('{"a":"\\u00e9"}', {"a": "é"}, '{"a":"é"}'),
    ('{"a":1e-07}', {"a": 1e-7}, '{"a":1e-7}'),
]
LEFT = [
    ("", {}),
    ("{", {}),
    ('{"a":1},{"b":2}', {}),
    ("[]", {}),
    ('[["a",1]]', {}),
    ("null", {}),
    ("[" * 100_000, {}),
    ('{"a":[1]}', {"a": [1]}),
    ('{"a":1,"a":2}', {"a": 2}),
    ('{" a":1}', {" a": 1}),
    ('{"a":"x "}', {"a": "x "}),
    ('{"":1}', {"": 1}),
    ('{"a":9007199254740992}', {"a": 9007199254740992}),
    (as_text({"a": "x" * 1001}), {"a": "x" * 1001}),
    (as_text({f"{number}": number for number in range(51)}), {f"{n}": n for n in range(51)}),
]


@pytest.fixture
def path(app):
    return app.extensions["leadbook"].path


def put(path, kind, text, number=1):
    with closing(sqlite3.connect(path)) as other, other:
        other.execute(f"UPDATE {kind} SET custom = ? WHERE number = ?", (text, number))


def text_of(path, kind, number=1):
    with closing(sqlite3.connect(path)) as other:
        sql = f"SELECT custom FROM {kind} WHERE number = ?"
        return other.execute(sql, (number,)).fetchone()[0]


def faults(path, **options):
    found = check(path, Clock(), RECORDS, **{"repair": False} | options)
    return [each for each in found if each[1]]


@pytest.mark.parametrize(("text", "shown", "mended"), MENDED)
def test_same_entries_are_written_as_leadbook_writes_them(
    client, path, kind, make, text, shown, mended
):
    record = make()
    put(path, kind, text)
    assert client.get(f"/{kind}/{record['id']}").json == record | {"custom": shown}
    assert faults(path) == [(f"the custom fields of {kind}", 1)]
    assert text_of(path, kind) == text
    told = []
    faults(path, repair=True, tell=told.append)
    assert (text_of(path, kind), faults(path), told) == (mended, [], [])
    # Nothing else has changed, so a list that a caller keeps is only asked for again.
    assert client.get(f"/{kind}/{record['id']}").json["version"] == 1


@pytest.mark.parametrize(("text", "shown"), LEFT)
def test_what_cannot_be_mended_is_shown_and_kept_and_told(client, path, kind, make, text, shown):
    record, other = make(), make(custom={"a": 1})
    put(path, kind, text)
    damaged = record | {"custom": shown}
    assert client.get(f"/{kind}/{record['id']}").json == damaged
    assert client.get(f"/{kind}").json["data"] == [other, damaged]
    assert client.get(f"/{kind}/export?format=jsonl").status_code == 200
    assert client.get(f"/{kind}?custom.a=1").json["data"][0] == other
    told = []
    for repair in (False, True):
        assert faults(path, repair=repair, tell=told.append) == [
            (f"the custom fields of {kind}", 1)
        ]
        assert text_of(path, kind) == text
    assert len(told) == 2
    assert all(record["id"] in line and '"custom": null' in line for line in told)
    # A change of another field keeps the text, and null empties it.
    changed = client.put(f"/{kind}/{record['id']}", json={"phone": "1", "custom": {}}).json
    assert (changed["phone"], text_of(path, kind)) == ("1", text)
    emptied = client.put(f"/{kind}/{record['id']}", json={"custom": None})
    assert (emptied.status_code, emptied.json["custom"]) == (200, {})
    assert (text_of(path, kind), faults(path)) == ("{}", [])


def test_new_entries_replace_a_damaged_text(client, path, kind, make):
    record = make()
    put(path, kind, "{")
    changed = client.put(f"/{kind}/{record['id']}", json={"custom": {"a": 1}})
    assert (changed.json["custom"], changed.json["version"]) == ({"a": 1}, 2)
    assert faults(path) == []


def test_command_exits_with_1_while_something_is_left(path, make_lead):
    make_lead()
    put(path, "leads", "{")
    checked = run("check", "--repair", "--database", path)
    assert checked.returncode == 1
    assert "the custom fields of leads: 1 wrong" in checked.stdout
    put(path, "leads", '{"b":1,"a":2}')
    assert run("check", "--repair", "--database", path).returncode == 0


def test_only_some_of_many_are_told(path, make_lead, monkeypatch):
    monkeypatch.setattr("leadbook.storage.sqlite.stored_entries._MOST_TOLD", 2)
    monkeypatch.setattr("leadbook.storage.sqlite.stored_entries._AT_ONCE", 2)
    for number in range(1, 6):
        make_lead()
        put(path, "leads", "{", number)
    told = []
    assert faults(path, repair=True, tell=told.append) == [("the custom fields of leads", 5)]
    assert told[2:] == ["3 more leads have such a custom."]


@pytest.mark.parametrize("value", ["x", "x" * 1000, 0, -1, 2**53 - 1, 1.5, True, "é", "a\nb", '"'])
def test_what_the_api_has_stored_is_no_fault(client, path, kind, make, value):
    make(custom={"a": value, "é": value})
    assert text_of(path, kind) == as_text(merged({}, cleaned({"a": value, "é": value})))
    assert faults(path) == []
