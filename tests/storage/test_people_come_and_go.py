"""People are converted, archived and erased at random, with follow-ups and tickets around them.

Then nothing points nowhere, what records show is what the rows say, and no file has a word of a
person who is gone.
"""

from contextlib import closing

import pytest
from town import Town

from leadbook.models import RECORDS
from leadbook.storage.clock import Clock
from leadbook.storage.sqlite.check import check
from leadbook.storage.sqlite.compact import compact
from leadbook.storage.sqlite.driver import sqlite3

LINKS = (
    ("follow_ups", "lead_id", "leads"),
    ("follow_ups", "client_id", "clients"),
    ("tickets", "lead_id", "leads"),
    ("tickets", "client_id", "clients"),
    ("comments", "ticket_id", "tickets"),
)
SAID = """
SELECT person.id, person.open_follow_ups, person.next_follow_up_at,
 count(own.id), ifnull(min(own.due_at), 1 << 53)
FROM {table} person LEFT JOIN follow_ups own ON own.{link} = person.id AND own.status = 'open'
GROUP BY person.id
"""
COUNTED = """
SELECT tickets.id, comment_count, count(own.id)
FROM tickets LEFT JOIN comments own ON own.ticket_id = tickets.id GROUP BY tickets.id
"""


@pytest.mark.parametrize(
    ("seed", "times"),
    [(1, 10), *(pytest.param(seed, 100, marks=pytest.mark.long) for seed in range(2, 5))],
)
def test_nothing_points_nowhere_and_nothing_of_who_is_gone_stays(app, client, seed, times):
    town, path = Town(client, seed), app.extensions["leadbook"].path
    while min(town.done.values()) < times:
        town.step()
    assert len(town.gone) > times / 2
    with closing(sqlite3.connect(path)) as reader:
        for table, link, others in LINKS:
            dangling = f"SELECT count(*) FROM {table} WHERE {link} NOT IN (SELECT id FROM {others})"
            assert reader.execute(dangling).fetchone() == (0,), (table, link)
        nobody = "SELECT count(*) FROM follow_ups WHERE coalesce(lead_id, client_id) IS NULL"
        assert reader.execute(nobody).fetchone() == (0,)
        for table, link in (("leads", "lead_id"), ("clients", "client_id")):
            rows = reader.execute(SAID.format(table=table, link=link)).fetchall()
            assert [each[1:3] for each in rows] == [each[3:] for each in rows]
        rows = reader.execute(COUNTED).fetchall()
        assert [each[1] for each in rows] == [each[2] for each in rows]
        assert len(rows) > times / 3
        paused = "SELECT (SELECT status FROM clients WHERE id = client_id) IS 'archived'"
        wrong = f"{paused}, paused FROM follow_ups WHERE paused <> ({paused})"
        assert reader.execute(wrong).fetchall() == []
    assert [each for each in check(path, Clock(), RECORDS, repair=False) if each[1]] == []
    app.extensions["leadbook"].close()
    assert_nowhere(path, [mark for person in town.gone for mark in person.marks])


def assert_nowhere(path, marks):
    """Assert that no row has a mark, and no byte of the files, once SQLite's old copies are gone.

    docs/operations.md tells of those: when a row grows, SQLite may leave a copy of another one.
    """
    with closing(sqlite3.connect(path)) as other:
        tables = other.execute("SELECT name FROM sqlite_master WHERE rootpage > 0").fetchall()
        for (table,) in tables:
            rows = other.execute(f"SELECT * FROM pragma_table_info('{table}')").fetchall()
            columns = [f'CAST("{row[1]}" AS BLOB)' for row in rows]
            kept = other.execute(f'SELECT {", ".join(columns) or 1} FROM "{table}"') if rows else ()
            texts = b"\n".join(each for row in kept for each in row if each).lower()
            assert [each for each in marks if each.encode() in texts] == [], table
    compact(path, lambda _: None)
    for file in path.parent.iterdir():
        kept = file.read_bytes().lower()
        assert [each for each in marks if each.encode() in kept] == [], file.name
