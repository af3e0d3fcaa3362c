"""A dry run: the report of the real one, from a database that is only looked at."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from leadbook.transfer import importing
from leadbook.transfer.columns.kinds import kinds
from leadbook.transfer.files.source import Source
from leadbook.transfer.importing import Job
from leadbook.transfer.rehearsal import rehearsal

CHOICES = [("leads", each) for each in ("create", "skip", "update", "reject")]
CHOICES += [("clients", each) for each in ("reject", "skip", "update")]


def file_for(leadbook, kind, drawn):
    """Return our own export with addresses that move, and rows of people who are new or known."""
    exported = leadbook.client.get(f"/{kind}/export").text
    header, *lines = exported.splitlines()
    emails = [line.split(",")[2] for line in lines]
    moved = []
    for line in lines:
        cells = line.split(",")
        if drawn.random() < 0.5:
            cells[2] = drawn.choice([*emails, "free@a.test", "Free@a.test"])
        moved.append(",".join(cells))
    drawn.shuffle(moved)
    return "\n".join([header, *moved, *moved[:3]]) + "\n"


def plain_file(leadbook, kind, drawn):
    emails = [
        each["email"] for each in (leadbook.leads() if kind == "leads" else leadbook.clients())
    ]
    rows = [
        f"Name {number},{drawn.choice([*emails, 'none', f'new{number % 7}@a.test']).upper()},Note {number}"
        for number in range(60)
    ]
    return "name,email,notes\n" + "\n".join(rows) + "\n"


@pytest.mark.parametrize(("kind", "on_duplicate"), CHOICES)
@pytest.mark.parametrize("make", [file_for, plain_file])
def test_dry_run_reports_what_the_run_reports(
    leadbook, take, monkeypatch, kind, on_duplicate, make
):
    monkeypatch.setattr(importing, "BATCH", 7)
    drawn = random.Random(f"{kind} {on_duplicate}")
    leadbook.seed(20, 12)
    for email in ("twice@a.test", "twice@a.test", "free@a.test"):
        leadbook.add_lead(email=email, notes=None)
    leadbook.client.delete(f"/clients/{leadbook.clients()[0]['id']}")
    text = make(leadbook, kind, drawn)
    before = leadbook.leads(), leadbook.clients(status="all")
    dry = take(text, kind, onDuplicate=on_duplicate, dryRun=True)
    assert (leadbook.leads(), leadbook.clients(status="all")) == before
    real = take(text, kind, onDuplicate=on_duplicate)
    assert dry | {"dryRun": False} == real
    assert real["rejected"] or on_duplicate in ("create", "skip", "update")


def test_dry_run_copies_only_the_rows_that_matter(app, client, make_lead):
    for number in range(40):
        body = {"create": [
            {"name": "A", "email": f"a{number}.{each}@a.test", "notes": "n" * 2_000}
            for each in range(50)
        ]}  # fmt: skip
        assert client.post("/leads/batch", json=body).status_code == 200
    database = app.extensions["leadbook"]
    with (database.path.parent / "one.csv").open("w+b") as opened:
        opened.write(b"name,email\nB,a7.7@a.test\n")
        job = Job(kinds()["leads"], Source(opened, "one.csv"), "skip")
        with rehearsal(database, job) as (copied, prepare):
            with copied.use(), copied.write():
                prepare([{"name": "B", "email": "a7.7@a.test"}])
                assert copied.execute_sql("SELECT count(*) FROM leads").fetchone() == (1,)
            files = copied.path.parent.iterdir()
            assert sum(each.stat().st_size for each in files) < database.path.stat().st_size / 4


def test_dry_run_remembers_only_addresses_that_are_there(app, make_lead):
    make_lead(email="there@a.test")
    database = app.extensions["leadbook"]
    with (database.path.parent / "one.csv").open("w+b") as opened:
        opened.write(b"name,email\nB,there@a.test\n")
        job = Job(kinds()["leads"], Source(opened, "one.csv"), "skip")
        with rehearsal(database, job) as (copied, prepare), copied.use(), copied.write():
            prepare([{"name": "B", "email": f"new{number}@a.test"} for number in range(500)])
            prepare([{"name": "B", "email": "there@a.test"}] * 2)
            assert list(prepare.__self__._owners) == ["there@a.test"]
            assert copied.execute_sql("SELECT count(*) FROM leads").fetchone() == (1,)


def test_others_write_during_a_dry_run(app, client, make_lead, monkeypatch):
    monkeypatch.setattr(importing, "BATCH", 2)
    read, written, pool = importing.read_rows, [], ThreadPoolExecutor(1)

    def write(body):
        return app.test_client().post("/leads", json=body).status_code

    def read_and_write(source):
        for row in read(source):
            body = {"name": "B", "email": f"b{row.line}@a.test"}
            written.append(pool.submit(write, body).result())
            yield row

    monkeypatch.setattr(importing, "read_rows", read_and_write)
    text = "name,email\n" + "".join(f"A,b{number}@a.test\n" for number in range(10))
    answer = client.post(
        "/leads/import?dryRun=true&onDuplicate=skip", data=text, content_type="text/csv"
    )
    pool.shutdown()
    # It shows the state of one moment.
    assert (answer.json["created"], answer.json["skipped"]) == (10, 0)
    assert written == [201] * 10
