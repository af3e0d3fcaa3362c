"""Leadbook's own exports after somebody, or another version, has changed their columns."""

import csv
import io
import json
import re

import pytest
from command import invoke
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from places import SHARED_DATA
from reports import counts, created
from transfers import KINDS, exported_by, import_into, records_of

from leadbook.testing import running_server
from leadbook.transfer.columns.kinds import kinds

OWN_NAMES = ("id", "version", "createdAt", "updatedAt")
UUID_4 = "7d444840-9dc0-41d1-b245-5ffdce74fad2"


@pytest.fixture(scope="module")
def shared():
    with running_server() as leadbook:
        with_belongings(leadbook)
        leadbook.snapshot("with belongings")
        yield leadbook


def filled(leadbook):
    """Add leads and clients with links, and return all records by kind."""
    leadbook.reset()
    for number in range(4):
        lead = leadbook.add_lead(name=f"=Lead {number}", email=f"{number}@a.test", score=number)
        leadbook.client.put(f"/leads/{lead['id']}", json={"company": "@ Engines", "notes": "-1"})
        if number % 2:
            leadbook.client.post(f"/leads/{lead['id']}/convert")
    leadbook.client.delete(f"/clients/{leadbook.clients()[0]['id']}")
    return {"leads": leadbook.leads(), "clients": leadbook.clients(status="all")}


def with_belongings(leadbook):
    """Add leads and clients with links, and what belongs to them."""
    people = filled(leadbook)
    # Those of an archived client cannot get anything new.
    active = [{"clientId": each["id"]} for each in people["clients"] if not each["archivedAt"]]
    open_leads = [{"leadId": each["id"]} for each in people["leads"] if not each["clientId"]]
    converted = [{"leadId": lead["id"]} for lead in people["leads"] if lead["clientId"]][-1:]
    for number, person in enumerate((*active, *open_leads, *converted)):
        body = {**person, "subject": f"=Call {number}", "dueAt": "2026-03-01T09:00:00+01:00"}
        made = leadbook.client.post("/follow-ups", json=body).json
        if number % 2:
            leadbook.client.post(f"/follow-ups/{made['id']}/complete", json={"outcome": "-"})
        body = {"subject": f"Help {number}", "tags": ["a, b", "=c"], **(person if number else {})}
        made = leadbook.client.post("/tickets", json=body).json
        for text in ("=Hello", "a\nb"):
            path = f"/tickets/{made['id']}/comments"
            leadbook.client.post(path, json={"text": text, "internal": bool(number % 2)})
        status = ("open", "pending", "resolved", "closed")[number % 4]
        leadbook.client.put(f"/tickets/{made['id']}", json={"status": status})
    assert all(records_of(leadbook, kind) for kind in KINDS)


def exported(leadbook, kind, columns, format_="csv"):
    """Return the export of a kind with only these columns, in this order."""
    text = exported_by(leadbook, kind, format_).decode()
    if format_ == "jsonl":
        rows = map(json.loads, text.splitlines())
        return "".join(f"{json.dumps({name: row[name] for name in columns})}\n" for row in rows)
    rows = csv.DictReader(io.StringIO(text, newline=""))
    return written([columns, *([row[name] for name in columns] for row in rows)])


def written(rows):
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), kind=st.sampled_from(KINDS), format_=st.sampled_from(["csv", "jsonl"]))
def test_any_columns_that_are_left_keep_their_values(shared, data, kind, format_):
    shared.restore("with belongings")
    before = records_of(shared, kind)
    # What the records belong to comes in first.
    owners = {name: exported_by(shared, name, "jsonl") for name in KINDS[: KINDS.index(kind)]}

    def come_in(text):
        shared.reset()
        for name, file in owners.items():
            import_into(shared, name, file, "jsonl")
        return import_into(shared, kind, text.encode(), format_)

    known = kinds()[kind]
    header = known.fields
    needed = ("id", *sorted(known.required | (known.owners & {*header})))
    more = data.draw(st.sets(st.sampled_from([name for name in header if name not in needed])))
    columns = data.draw(st.permutations([*needed, *sorted(more)]))
    report = come_in(exported(shared, kind, columns, format_))
    assert report["rejects"] == []
    computed = known.computed
    missing = [name for name in header if name not in {*columns, *computed}]
    assert report["ownExport"] == {"missing": missing, "extra": []}
    after = records_of(shared, kind)
    # A time of conversion says nothing without the client.
    kept = [name for name in columns if name != "convertedAt" or "clientId" in columns]
    kept = [name for name in kept if name not in computed]
    assert len(after) == len(before)
    for record in before.values():
        found = after[record["id"]]
        assert {name: found[name] for name in kept} == {name: record[name] for name in kept}
        assert found["createdAt"] <= found["updatedAt"]
    # What is stored now is as consistent as an export must be.
    again = exported(shared, kind, header, format_)
    assert come_in(again)["rejects"] == []


def test_missing_columns_get_the_values_of_a_new_record(take, leadbook):
    lead = filled(leadbook)["leads"][0]
    text = exported(leadbook, "leads", ["email", "id", "name", "createdAt"])
    leadbook.reset()
    assert counts(take(text)) == created(4)
    found = leadbook.client.get(f"/leads/{lead['id']}").json
    assert (found["version"], found["score"], found["status"]) == (1, 0, "new")
    assert found["createdAt"] == lead["createdAt"]
    assert (found["clientId"], found["convertedAt"]) == (None, None)


def test_record_without_a_time_of_creation_is_no_newer_than_its_change(take, leadbook):
    lead = leadbook.add_lead()
    then = "2020-01-31T09:00:00.000Z"
    rows = [["id", "name", "email", "updatedAt"], [lead["id"], "Ada", "a@a.test", then]]
    leadbook.reset()
    assert counts(take(written(rows))) == created(1)
    found = leadbook.client.get(f"/leads/{lead['id']}").json
    assert (found["createdAt"], found["updatedAt"]) == (then, then)


def test_link_says_what_its_missing_columns_would_have_said(take, leadbook):
    before = filled(leadbook)
    lead = next(each for each in before["leads"] if each["clientId"])
    client = next(each for each in before["clients"] if each["archivedAt"])
    leads = exported(leadbook, "leads", ["id", "name", "email", "clientId", "updatedAt"])
    clients = exported(leadbook, "clients", ["id", "name", "email", "archivedAt"])
    leadbook.reset()
    assert counts(take(leads)) == created(4)
    assert counts(take(clients, "clients")) == created(2)
    found = leadbook.client.get(f"/leads/{lead['id']}").json
    assert (found["status"], found["clientId"]) == ("won", lead["clientId"])
    assert found["convertedAt"] == lead["updatedAt"]
    assert leadbook.client.get(f"/clients/{client['id']}").json["status"] == "archived"


def test_time_of_conversion_without_the_client_is_kept_apart(take, leadbook):
    filled(leadbook)
    text = exported(leadbook, "leads", ["id", "name", "email", "convertedAt", "status"])
    leadbook.reset()
    report = take(text)
    assert counts(report) == created(4)
    assert (report["leftOut"], report["custom"]) == ([], ["convertedAt"])
    assert {each["convertedAt"] for each in leadbook.leads()} == {None}


@pytest.mark.parametrize(
    ("columns", "first_id"),
    [
        (["id", "name", "email"], "7"),
        (["id", "name", "email", "status", "createdAt"], ""),
        (["id", "name", "email", "phone"], UUID_4),
        (["id", "name", "email", "Lead Owner"], None),
        (["id", "name", "email", "created_at"], None),
        (["ID", "Name", "Email"], None),
        (["name", "email", "createdAt"], None),
        (["id", "name", "name", "email"], None),
    ],
)
def test_file_of_another_tool_with_columns_like_ours_is_foreign(take, leadbook, columns, first_id):
    ours = leadbook.add_lead(email="z@a.test")["id"]
    given_id = ours if first_id is None else first_id
    cells = {"id": given_id, "email": "a@a.test", "createdAt": "2024-03-14", "status": "new"}
    row = [cells.get(name.lower() if name.lower() in cells else name, "Ada") for name in columns]
    leadbook.reset()
    report = take(written([columns, row]))
    assert counts(report) == created(1), report
    assert report["ownExport"] is None
    assert leadbook.leads()[0]["id"] != given_id


def test_list_of_clients_is_no_export_of_leads(take, leadbook):
    filled(leadbook)
    text = leadbook.client.get("/clients/export").text
    ids = {each["id"] for each in leadbook.clients(status="all")}
    leadbook.reset()
    report = take(text)
    assert report["ownExport"] is None
    assert not ids & {each["id"] for each in leadbook.leads()}


@pytest.mark.parametrize("format_", ["csv", "jsonl"])
def test_column_of_a_later_version_is_told_and_the_rest_kept(leadbook, format_):
    before = filled(leadbook)["leads"]
    text = leadbook.client.get(f"/leads/export?format={format_}").text
    if format_ == "csv":
        header, *rows = text.splitlines()
        text = "\n".join([f"rating,{header}", *(f"five,{row}" for row in rows)])
    else:
        text = re.sub("(?m)^{", '{"rating": "five", ', text)
    leadbook.reset()
    report = import_into(leadbook, "leads", text.encode(), format_)
    assert report["ownExport"] == {"missing": [], "extra": ["rating"]}
    assert report["custom"] == ["rating"]
    assert leadbook.leads() == [each | {"custom": {"rating": "five"}} for each in before]


def test_rows_with_broken_ids_do_not_make_the_file_foreign(take, leadbook):
    filled(leadbook)
    header, first, *rows = exported(leadbook, "leads", ["id", "name", "email"]).splitlines()
    leadbook.reset()
    report = take("\n".join([header, f"x{first}", *rows]))
    assert counts(report) == created(3, rejected=1)
    assert report["rejects"] == [{"line": 2, "reason": "id: Must be an id of Leadbook."}]


def test_row_that_exists_is_told_by_its_id_and_not_its_address(take, leadbook):
    lead = leadbook.add_lead(email="same@a.test")
    leadbook.add_lead(email="same@a.test")
    text = exported(leadbook, "leads", ["name", "id", "email"])
    assert counts(take(text, onDuplicate="skip")) == created(0, skipped=2)
    report = take(text)
    assert counts(report) == created(0, rejected=2)
    assert report["rejects"][0]["reason"] == "A record with this id already exists."
    changed = text.replace(lead["name"], "Changed")
    assert counts(take(changed, onDuplicate="update")) == created(0, updated=2)
    kept = leadbook.client.get(f"/leads/{lead['id']}").json
    assert kept == lead | {each: kept[each] for each in ("name", "version", "updatedAt")}


def test_json_lines_may_lack_keys_row_by_row(take, leadbook):
    lead, other = filled(leadbook)["leads"][:2]
    whole = json.dumps(lead)
    part = json.dumps({name: other[name] for name in ("id", "email", "name", "status")})
    leadbook.reset()
    report = take(f"{part}\n{whole}\n", media_type="application/x-ndjson")
    assert counts(report) == created(2) | {"rejected": 0}, report
    assert leadbook.client.get(f"/leads/{lead['id']}").json == lead
    assert leadbook.client.get(f"/leads/{other['id']}").json["status"] == other["status"]


def test_export_without_addresses_is_refused(take, leadbook):
    filled(leadbook)
    text = exported(leadbook, "leads", ["id", "status"])
    assert "No column has e-mail addresses" in str(take(text, status=400))


def test_column_that_the_user_leaves_out_is_like_a_missing_one(tmp_path, leadbook):
    lead = filled(leadbook)["leads"][0]
    file, database = tmp_path / "leads.csv", tmp_path / "leadbook.db"
    file.write_text(exported(leadbook, "leads", [*OWN_NAMES, "name", "email", "phone", "company"]))
    mapped = ("--map", "phone=", "--map", "company=notes")
    done = invoke("import", "leads", file, "--database", database, *mapped)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "This is an export of Leadbook: ids, versions and times are kept." in done.stdout
    assert "It lacks phone, company, source, status, score, clientId, convertedAt." in done.stdout
    text = invoke("export", "leads", "--format", "jsonl", "--database", database).stdout
    [found] = [each for each in map(json.loads, text.splitlines()) if each["id"] == lead["id"]]
    assert (found["notes"], found["company"]) == (lead["company"], None)
    # Without the id, the rows are new.
    done = invoke("import", "leads", file, "--database", database, "--map", "id=")
    assert (done.returncode, "export of Leadbook" in done.stdout) == (0, False)
    assert "4 created" in done.stdout


def test_edited_export_of_a_real_user(tmp_path):
    file = SHARED_DATA / "moving-in" / "own_export_edited.csv"
    if not file.exists():
        pytest.skip("the sample files are not beside this checkout")
    database = tmp_path / "leadbook.db"
    rejected = tmp_path / "rejected.csv"
    done = invoke("import", "leads", file, "--database", database, "--rejected", rejected)
    assert done.returncode == 0, done.stderr
    [lead] = map(
        json.loads,
        invoke("export", "leads", "--format", "jsonl", "--database", database).stdout.splitlines(),
    )
    assert lead["id"] == "01a210cd-3a47-7000-9a33-e589e5891361"
    assert (lead["phone"], lead["status"]) == ("+351 910000001", "new")
    assert lead["createdAt"] == "2024-02-23T10:11:12.000Z"


def test_switches_that_a_spreadsheet_wrote_in_capitals_stay_switches(take, leadbook):
    lead = leadbook.add_lead(email="a@a.test", custom={"vip": True, "word": "TRUE"})
    text = leadbook.client.get("/leads/export?format=csv").text
    assert ',true,"""TRUE"""' in text
    take(text.replace(",true,", ",FALSE,"), onDuplicate="update")
    [changed] = leadbook.leads()
    assert (changed["id"], changed["custom"]) == (lead["id"], {"vip": False, "word": "TRUE"})
